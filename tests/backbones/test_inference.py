import numpy as np
import pytest
from onnx import ModelProto, TensorProto

from aerial_ops.backbones import graph
from aerial_ops.backbones.inference import Network, checked_length
from aerial_ops.errors import BackboneError
from tests.backbones.networks import Builder, tensor


def network(build: str) -> bytes:
    """`tiles` to `features` in the way that `build` names."""
    b = Builder()
    b.node("Cast", ["tiles"], "x", to=TensorProto.FLOAT)
    b.constant("two", np.array(2, np.int64))
    last = {
        "sound": lambda: b.node("ReduceMean", ["x"], "features", axes=[1, 2], keepdims=0),
        "of the batch": lambda: b.node(
            "Sub",
            [
                b.node("ReduceMean", ["x"], "each", axes=[1, 2], keepdims=0),
                b.node("ReduceMean", ["x"], "all", axes=[0, 1, 2], keepdims=0),
            ],
            "features",
        ),
        "not a number": lambda: b.node("Log", [b.node("Sub", [b.node("ReduceMean", ["x"], "m", axes=[1, 2], keepdims=0),
                                                            b.constant("big", np.float32(300))], "negative")], "features"),
        "one for all": lambda: b.node("ReduceMean", ["x"], "features", axes=[0, 1, 2], keepdims=0),
        "not runnable": lambda: b.node("Reshape", ["x", b.constant("shape", np.array([-1, 7], np.int64))], "features"),
        "unknown": lambda: b.node("Frobnicate", ["x"], "features"),
    }  # fmt: skip
    last[build]()
    model: ModelProto = b.model(
        [tensor("tiles", "N", 8, 8, 3, kind=TensorProto.UINT8)], [tensor("features", "N", "L")], opset=13, ir=7
    )
    return graph.serialise(model)


def test_a_sound_network_tells_its_length() -> None:
    assert checked_length(network("sound"), "it", 8) == 3


@pytest.mark.parametrize(
    ("build", "told"),
    [
        ("of the batch", "other values when other tiles are beside it"),
        ("not a number", "values that are not numbers"),
        ("one for all", r"shape \[3\] for 3 tiles"),
        ("not runnable", "ONNX Runtime cannot run it"),
        ("unknown", "ONNX Runtime cannot load it"),
    ],
)
def test_an_unfit_network_is_told(build: str, told: str) -> None:
    with pytest.raises(BackboneError, match=told):
        checked_length(network(build), "it", 8)


def test_tiles_go_through_in_batches_and_come_out_in_order() -> None:
    tiles = np.random.default_rng(0).integers(0, 256, (37, 8, 8, 3), dtype=np.uint8)
    np.testing.assert_allclose(Network(network("sound"), "it")(tiles), tiles.mean((1, 2)), rtol=1e-5)
