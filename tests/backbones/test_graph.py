from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import ModelProto, TensorProto, helper

from aerial_ops.backbones import graph
from aerial_ops.backbones.inference import Network
from aerial_ops.errors import BackboneError
from tests.backbones import networks

Save = Callable[..., Path]


def test_weights_are_no_inputs_after_loading() -> None:
    raw = networks.resnet18()
    assert len(raw.graph.input) > 50
    loaded = graph.load(raw.SerializeToString(), "it")
    assert [value.name for value in loaded.graph.input] == ["data"] and loaded.ir_version == 7


def test_operators_too_old_to_run_are_brought_up() -> None:
    b = networks.Builder()
    b.node("Dropout", ["image"], "kept", ratio=0.5, is_test=1)
    b.node("Flatten", [b.node("GlobalAveragePool", ["kept"], "pooled")], "vector")
    ends = networks.tensor("image", "N", 3, 4, 4), networks.tensor("vector", "N", 3)
    loaded = graph.load(b.model([ends[0]], [ends[1]], opset=6, ir=3).SerializeToString(), "old")
    assert graph.opset(loaded) == graph.MODERN_OPSET
    image = np.random.default_rng(0).random((2, 3, 4, 4), dtype=np.float32)
    found = Network(graph.serialise(loaded), "old").run({"image": image})["vector"]
    np.testing.assert_allclose(found, image.mean((2, 3)), rtol=1e-5)


def test_what_is_not_onnx_is_told(tmp_path: Path) -> None:
    (tmp_path / "photo.onnx").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(200)))
    (tmp_path / "empty.onnx").write_bytes(b"")
    for name in ("photo.onnx", "empty.onnx"):
        with pytest.raises(BackboneError, match=f"{name} is not an ONNX network"):
            graph.load(tmp_path / name, name)
    with pytest.raises(BackboneError, match="is not an ONNX network"):
        graph.load(b"version https://git-lfs.github.com/spec/v1\noid sha256:4e8f\nsize 46820737\n", "a pointer")
    with pytest.raises(BackboneError, match=r"none\.onnx does not exist"):
        graph.load(tmp_path / "none.onnx", "none.onnx")


def test_weights_in_a_file_beside_it_are_taken_in_or_missed(tmp_path: Path) -> None:
    path = tmp_path / "apart.onnx"
    onnx.save(networks.small(), path, save_as_external_data=True, location="apart.bin", size_threshold=0)
    inside = graph.serialise(graph.load(path, "apart.onnx"))
    (tmp_path / "apart.bin").unlink()
    image = np.ones((1, 3, 32, 32), np.float32)
    expected = Network(networks.small().SerializeToString(), "whole").run({"image": image})["dense"]
    np.testing.assert_array_equal(Network(inside, "loaded").run({"image": image})["dense"], expected)
    with pytest.raises(BackboneError, match="keeps weights in a file of their own"):
        graph.load(path, "apart.onnx")


def test_a_tensor_that_is_not_there_cannot_be_cut_at() -> None:
    with pytest.raises(BackboneError, match="no tensor named 'nowhere'"):
        graph.cut(networks.small(), "nowhere")


def test_what_a_branch_reads_from_outside_is_kept() -> None:
    def branch(name: str, factor: str) -> Any:
        node = helper.make_node("Mul", ["vector", factor], [name])
        return helper.make_graph([node], name, [], [helper.make_tensor_value_info(name, TensorProto.FLOAT, None)])

    b = networks.Builder()
    b.node("Flatten", [b.node("GlobalAveragePool", ["image"], "pooled")], "vector")
    b.constant("always", np.array(True))
    b.constant("two", np.float32(2))
    b.constant("three", np.float32(3))
    b.node("If", ["always"], "chosen", then_branch=branch("doubled", "two"), else_branch=branch("tripled", "three"))
    b.node("Neg", ["chosen"], "negative")
    model = b.model([networks.tensor("image", "N", 3, 4, 4)], [networks.tensor("negative", "N", 3)], opset=13, ir=7)
    graph.cut(model, "chosen")
    assert {tensor.name for tensor in model.graph.initializer} == {"always", "two", "three"}
    image = np.ones((2, 3, 4, 4), np.float32)
    np.testing.assert_array_equal(Network(graph.serialise(model), "it").run({"image": image})["chosen"], np.full((2, 3), 2.0))


def test_constants_are_found_in_nodes_too() -> None:
    b = networks.Builder()
    b.node("Constant", [], "shape", value_ints=[1, -1])
    b.node("Constant", [], "other", value=helper.make_tensor("t", TensorProto.INT64, [2], [1, 12]))
    model: ModelProto = b.model([], [networks.tensor("shape", 2)], opset=13, ir=7)
    known = graph.constants(model)
    assert graph.values_of(known["shape"]) == [1, -1] and graph.values_of(known["other"]) == [1, 12]
