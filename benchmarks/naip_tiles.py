"""What the jobs' benchmarks work on: tiles of the NAIP scenes, the sets of experiments/naip.toml, and the default network."""

import sys
from pathlib import Path

NAIP = Path(__file__).resolve().parents[2] / "shared" / "naip"
EXPERIMENT = Path(__file__).resolve().parents[1] / "experiments" / "naip.toml"
WINDOW, SIDE = 48, 224


def cut_tiles(folder: Path, count: int) -> list[str]:
    """Write `count` tiles of the NAIP scenes, as the project's image sets are made: 48 x 48 pixels resized to 224, PNG."""
    import rasterio
    from PIL import Image

    names: list[str] = []
    for scene in sorted(NAIP.glob("m_*.tif")):
        with rasterio.open(scene) as source:
            pixels = source.read([1, 2, 3]).transpose(1, 2, 0)
        for top in range(0, pixels.shape[0] - WINDOW + 1, WINDOW):
            for left in range(0, pixels.shape[1] - WINDOW + 1, WINDOW):
                if len(names) == count:
                    return names
                tile = Image.fromarray(pixels[top : top + WINDOW, left : left + WINDOW])
                names.append(f"{len(names):05d}.png")
                tile.resize((SIDE, SIDE), Image.Resampling.BICUBIC).save(folder / names[-1])
    if not names:
        sys.exit(f"There are no NAIP scenes in {NAIP}.")
    return names


def build_naip(folder: Path) -> None:
    """The image sets of `make demo-naip`: a folder for each container in `folder`."""
    from aerial_ops.experiment.images import prepare_images
    from aerial_ops.experiment.loading import load_experiment
    from aerial_ops.reporting import SILENT

    prepare_images(load_experiment(EXPERIMENT).source, folder, EXPERIMENT.parent, SILENT)


def prepared_network(given: str | None = None) -> bytes:
    """The default network, prepared as the jobs want it, or the given file."""
    if given:
        return Path(given).read_bytes()
    from aerial_ops.backbones.catalogue import CATALOGUE
    from aerial_ops.backbones.sources import prepare_entry

    return prepare_entry(CATALOGUE["efficientnet-lite0"]).model


def feature_length(file: Path) -> int:
    """The length of the network's output `features`."""
    import onnxruntime

    outputs = {end.name: end.shape for end in onnxruntime.InferenceSession(str(file)).get_outputs()}
    return int(outputs["features"][-1])
