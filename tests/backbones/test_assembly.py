from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper

from aerial_ops.backbones import assembly, graph, inspection
from aerial_ops.backbones.catalogue import CATALOGUE
from aerial_ops.backbones.inference import Network
from aerial_ops.backbones.preprocessing import IMAGENET, Preprocessing
from tests.backbones import networks

Tiles = Callable[[int, int], NDArray[np.uint8]]


def resnet_pixels(tiles: NDArray[np.uint8]) -> NDArray[np.float32]:
    values = (tiles / 255.0 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    return values.transpose(0, 3, 1, 2).astype(np.float32)


def caffe_pixels(tiles: NDArray[np.uint8]) -> NDArray[np.float32]:
    return (tiles[..., ::-1].astype(np.float64) - [104, 117, 123]).transpose(0, 3, 1, 2).astype(np.float32)


def values_inside(model: ModelProto, tensor: str, feed: dict[str, NDArray[Any]]) -> NDArray[np.float32]:
    """What the untouched network computes at `tensor`."""
    copy = ModelProto()
    copy.CopyFrom(model)
    copy.graph.output.append(helper.make_tensor_value_info(tensor, TensorProto.FLOAT, None))
    return Network(copy.SerializeToString(), "raw").run(feed)[tensor]


def prepared(model: ModelProto, preprocessing: Preprocessing | None, output: str = "features", side: int = 0) -> ModelProto:
    loaded = graph.load(model.SerializeToString(), "it")
    image = inspection.image_input(loaded, "it", side)
    tensor = inspection.feature_tensor(loaded, "it")[0] if output == "features" else inspection.scores_output(loaded, "it")
    return assembly.assemble(loaded, image, tensor, output, preprocessing)


def run(model: ModelProto, tiles: NDArray[np.uint8], batch: int = 16) -> NDArray[np.float32]:
    return Network(graph.serialise(model), "it")(tiles, batch)


@pytest.mark.parametrize("opset", [7, 8])
def test_resnet18_gives_its_pooled_features(tiles: Tiles, opset: int) -> None:
    raw, some = networks.resnet18(opset), tiles(5, 224)
    expected = values_inside(raw, "flatten_170", {"data": resnet_pixels(some)})
    found = run(prepared(raw, CATALOGUE["resnet18"].preprocessing), some)
    assert found.shape == (5, networks.RESNET_FEATURES) and found.dtype == np.float32
    assert np.ptp(expected, axis=0).max() > 0.01
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_alexnet_gives_its_last_hidden_layer_before_dropout_for_any_number_of_tiles(tiles: Tiles) -> None:
    raw, some = networks.alexnet(), tiles(5, 224)
    pixels = caffe_pixels(some)
    expected = np.concatenate([values_inside(raw, "fc7_2", {"data_0": pixels[i : i + 1]}) for i in range(5)])
    model = prepared(raw, CATALOGUE["alexnet"].preprocessing)
    assert [node.output[0] for node in model.graph.node if node.op_type == "Dropout"] == ["network/fc6_3"]
    for batch in (1, 2, 5):
        np.testing.assert_allclose(run(model, some, batch), expected, rtol=1e-4, atol=1e-4)


def test_a_shape_shared_with_what_is_not_batched_is_left_alone(tiles: Tiles) -> None:
    def reshaped_weights(b: networks.Builder, scores: str) -> str:
        b.constant("shape", np.array([1, 4], np.int64))
        row = b.node("Reshape", [b.weight("row", 4), "shape"], "row_2d")
        b.node("Reshape", [scores, "shape"], "same_scores")
        return b.node("Add", ["same_scores", row], "sum")

    raw = networks.small(shape=(1, 3, 32, 32), ending=reshaped_weights)
    some = tiles(3, 32)
    expected = np.concatenate([values_inside(raw, "sum", {"image": resnet_pixels(some[i : i + 1])}) for i in range(3)])
    np.testing.assert_allclose(run(prepared(raw, IMAGENET, "scores"), some), expected, rtol=1e-4, atol=1e-6)


def test_nothing_that_the_features_do_not_need_is_kept() -> None:
    model = prepared(networks.alexnet(), CATALOGUE["alexnet"].preprocessing)
    names = {tensor.name for tensor in model.graph.initializer}
    assert not {name for name in names if "fc8" in name} and "network/OC2_DUMMY_1" not in names
    assert [value.name for value in model.graph.input] == ["tiles"]
    assert [value.name for value in model.graph.output] == ["features"]
    read = {name for node in model.graph.node for name in node.input}
    assert names <= read


def test_the_declared_ends_are_those_of_the_contract() -> None:
    model = prepared(networks.resnet18(), IMAGENET)
    assembly.declare_length(model, networks.RESNET_FEATURES)
    (tiles,), (features,) = model.graph.input, model.graph.output
    assert tiles.type.tensor_type.elem_type == TensorProto.UINT8
    assert [dim.dim_value or dim.dim_param for dim in tiles.type.tensor_type.shape.dim] == ["N", 224, 224, 3]
    assert [dim.dim_value or dim.dim_param for dim in features.type.tensor_type.shape.dim] == ["N", networks.RESNET_FEATURES]
    assert model.ir_version == 7 and graph.opset(model) == 7


def test_the_network_without_its_preprocessing_takes_pixels(tiles: Tiles) -> None:
    some = tiles(3, 224)
    for raw, entry, pixels in (
        (networks.resnet18(), CATALOGUE["resnet18"], resnet_pixels(some)),
        (networks.alexnet(), CATALOGUE["alexnet"], caffe_pixels(some)),
    ):
        model = prepared(raw, entry.preprocessing)
        bare = Network(graph.serialise(graph.from_pixels(model)), "bare")
        assert bare.inputs == ("pixels",)
        np.testing.assert_allclose(bare.run({"pixels": pixels})["features"], run(model, some), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("shape", [("N", 3, 32, 32), ("N", 32, 32, 3), (1, 3, 32, 32), ("N", 3, "H", "W"), ("N", "H", "W", 3)])
@pytest.mark.parametrize("preprocessing", [IMAGENET, Preprocessing("BGR", 1.0, (104, 117, 123)), Preprocessing()])
def test_any_layout_and_preprocessing(tiles: Tiles, shape: Any, preprocessing: Preprocessing) -> None:
    raw, some = networks.small(shape=shape), tiles(4, 32)
    values = some if preprocessing.channels == "RGB" else some[..., ::-1]
    values = (values * preprocessing.scale - np.array(preprocessing.mean)) / np.array(preprocessing.deviation)
    image = (values if shape[-1] == 3 else values.transpose(0, 3, 1, 2)).astype(np.float32)
    expected = np.concatenate([values_inside(raw, "dense", {"image": image[i : i + 1]}) for i in range(4)])
    model = prepared(raw, preprocessing, "scores", 32)
    np.testing.assert_allclose(run(model, some), expected, rtol=1e-4, atol=1e-3)
    floats = Network(graph.serialise(graph.from_values(model)), "floats")
    assert floats.inputs == ("values",)
    from_floats = floats.run({"values": some.transpose(0, 3, 1, 2).astype(np.float32)})["scores"]
    np.testing.assert_allclose(from_floats, run(model, some), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("shape", [("N", 3, 32, 32), ("N", 32, 32, 3)])
def test_a_network_that_takes_bytes_gets_them_as_they_are(tiles: Tiles, shape: Any) -> None:
    raw, some = networks.small(shape=shape, kind=TensorProto.UINT8), tiles(4, 32)
    image = some if shape[-1] == 3 else np.ascontiguousarray(some.transpose(0, 3, 1, 2))
    expected = values_inside(raw, "vector", {"image": image})
    model = prepared(raw, None)
    np.testing.assert_allclose(run(model, some), expected, rtol=1e-6)
    with pytest.raises(Exception, match="takes tiles as they are"):
        graph.from_pixels(model)


def test_half_precision_goes_in_and_float32_comes_out(tiles: Tiles) -> None:
    b = networks.Builder()
    b.node("GlobalAveragePool", ["image"], "pooled")
    b.node("Flatten", ["pooled"], "features")
    half = TensorProto.FLOAT16
    ends = networks.tensor("image", "N", 3, 32, 32, kind=half), networks.tensor("features", "N", 3, kind=half)
    raw, some = b.model([ends[0]], [ends[1]], opset=13, ir=7), tiles(2, 32)
    found = run(prepared(raw, Preprocessing("RGB", 1 / 255)), some)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, some.mean((1, 2)) / 255, rtol=5e-3)


def test_a_network_may_use_the_names_that_are_added(tiles: Tiles) -> None:
    b = networks.Builder()
    b.node("Mul", ["tiles", b.constant("pixels", np.float32(2))], "features_0")
    b.node("GlobalAveragePool", ["features_0"], "features/cast")
    b.node("Flatten", ["features/cast"], "features")
    raw = b.model([networks.tensor("tiles", "N", 3, 8, 8)], [networks.tensor("features", "N", 3)], opset=13, ir=7)
    some = tiles(2, 8)
    np.testing.assert_allclose(run(prepared(raw, Preprocessing()), some), 2 * some.mean((1, 2)), rtol=1e-5)
