"""Tiles a second of `aerial-ops data build` on scenes of 1 m, beside encoding the same tiles alone; and the memory it takes."""

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import rasterio
from PIL import Image
from rasterio.transform import from_origin

from aerial_ops.datasets.build import build_images
from aerial_ops.datasets.cutting import in_threads
from aerial_ops.datasets.request import BuildRequest
from aerial_ops.datasets.workers import cores
from aerial_ops.datasets.writer import png

LEFT, TOP = 300_000.0, 4_700_000.0
CODES = (31, 82, 22, 42, 71, 52)
PATCH = 900
"""Metres of one class of land cover."""


def make_scenes(folder: Path, count: int, side: int) -> None:
    """`count` scenes in a row, of `side` x `side` pixels of 1 m and four bands, tiled and deflated as NAIP's are; and labels."""
    random = np.random.default_rng(0)
    codes = random.choice(np.array(CODES, np.uint8), (side // PATCH + 1, count * side // PATCH + 1))
    codes = codes.repeat(PATCH // 30, axis=0).repeat(PATCH // 30, axis=1)
    write(folder / "labels.tif", codes[None], LEFT, 30.0)
    grain = random.integers(0, 40, (4, side, side), np.uint8)
    for number in range(count):
        coarse = Image.fromarray(random.integers(40, 200, (side // 40, side // 40), np.uint8)).resize(
            (side, side), Image.Resampling.BICUBIC
        )
        write(folder / f"scene_{number}_20160701.tif", grain + np.asarray(coarse), LEFT + number * side, 1.0)


def write(path: Path, bands: np.ndarray, left: float, pixel: float) -> None:
    """A GeoTIFF in UTM zone 19, its upper edge at TOP."""
    profile = {"driver": "GTiff", "dtype": "uint8", "crs": "EPSG:26919", "transform": from_origin(left, TOP, pixel, pixel)}
    count, height, width = bands.shape
    tiled = {"tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate", "zlevel": 1}
    with rasterio.open(path, "w", count=count, height=height, width=width, **profile, **tiled) as file:
        file.write(bands)


def encoding_alone(out: Path) -> float:
    """Seconds to encode the tiles of `out` again, in as many threads, without writing them."""
    pictures = [np.asarray(Image.open(file)) for file in sorted(out.rglob("*.png"))[:400]]
    began = time.perf_counter()
    for _ in in_threads(png, pictures, cores()):
        pass
    return (time.perf_counter() - began) / len(pictures)


def measure(count: int, side: int) -> dict[str, float]:
    """Build training, test and county from the same scenes."""
    with tempfile.TemporaryDirectory(prefix="aerial-ops-bench-") as temporary:
        root = Path(temporary)
        make_scenes(root, count, side)
        scenes = tuple(sorted(root.glob("scene_*.tif")))
        before = resource.getrusage(resource.RUSAGE_SELF)
        began = time.perf_counter()
        result = build_images(root / "out", BuildRequest(scenes=scenes, labels=root / "labels.tif", county=scenes))
        seconds = time.perf_counter() - began
        after = resource.getrusage(resource.RUSAGE_SELF)
        alone = encoding_alone(root / "out")
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "tiles": result.made,
        "threads": cores(),
        "seconds": round(seconds, 1),
        "tiles_per_second": round(result.made / seconds, 1),
        "encoding_alone_per_second": round(1 / alone, 1),
        "processor_ms_per_tile": round(1000 * processor / result.made, 2),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=2)
    parser.add_argument("--side", type=int, default=5400, help="pixels of a scene's side")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = measure(arguments.scenes, arguments.side)
    print(json.dumps(figures) if arguments.json else " ".join(f"{name}={value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
