from typing import Any

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, helper

from aerial_ops.backbones import graph, inspection
from aerial_ops.errors import BackboneError
from tests.backbones import networks
from tests.backbones.networks import Builder, tensor


def loaded(model: ModelProto) -> ModelProto:
    return graph.load(model.SerializeToString(), "it")


def bare(*inputs: Any) -> ModelProto:
    b = Builder()
    b.node("Identity", [inputs[0].name], "same")
    return b.model(inputs, [tensor("same", "N")], opset=13, ir=7)


def test_the_zoos_inputs_are_understood() -> None:
    resnet = inspection.image_input(loaded(networks.resnet18()), "it")
    alexnet = inspection.image_input(loaded(networks.alexnet()), "it")
    assert resnet == inspection.ImageInput("data", "NCHW", "float32", 224, 0)
    assert alexnet == inspection.ImageInput("data_0", "NCHW", "float32", 224, 1)


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ([tensor("a", "N", 3, 8, 8), tensor("b", 1)], r"it has 2 inputs \(a, b\)"),
        ([tensor("words", "N", 8, kind=TensorProto.STRING)], "holds string values"),
        ([tensor("a", "N", 3, 8, 8, kind=TensorProto.DOUBLE)], "holds double values"),
        ([tensor("a", "N", 128)], r"has the shape \[\?, 128\]"),
        ([tensor("a", "N", 1, 28, 28)], r"has the shape \[\?, 1, 28, 28\]"),
        ([tensor("a", "N", 3, 8, 16)], "takes images of 16 x 8 pixels; tiles are square"),
        ([tensor("a", "N", 3, "H", "W")], r"leaves the size of its images open \(\[\?, 3, \?, \?\]\)"),
        ([helper.make_tensor_sequence_value_info("a", TensorProto.FLOAT, None)], "is not a tensor"),
    ],
)
def test_inputs_that_are_no_images_are_told(inputs: Any, told: str) -> None:
    with pytest.raises(BackboneError, match=told):
        inspection.image_input(bare(*inputs), "it")


def test_an_open_side_can_be_said_and_a_fixed_one_not_changed() -> None:
    assert inspection.image_input(bare(tensor("a", "N", 3, "H", "W")), "it", 96).side == 96
    with pytest.raises(BackboneError, match="not of 96 x 96"):
        inspection.image_input(bare(tensor("a", "N", 3, 8, 8)), "it", 96)


def test_the_features_are_what_the_last_dense_layer_reads() -> None:
    assert inspection.feature_tensor(loaded(networks.resnet18()), "it")[0] == "flatten_170"
    found, told = inspection.feature_tensor(loaded(networks.alexnet()), "it")
    assert found == "fc7_2" and "fc8_1" in told


def endings() -> dict[str, Any]:
    def bias(b: Builder, x: str) -> str:
        return b.node("Add", [b.constant("bias", np.ones(4, np.float32)), x], "biased")

    def softmax(b: Builder, x: str) -> str:
        return b.node("Softmax", [b.node("Dropout", [x], "dropped")], "prob", axis=1)

    return {"bias": bias, "softmax": softmax}


@pytest.mark.parametrize("ending", endings())
def test_what_stands_behind_the_classifier_is_passed(ending: str) -> None:
    assert inspection.feature_tensor(networks.small(ending=endings()[ending]), "it")[0] == "vector"


def test_a_matmul_is_a_dense_layer_too() -> None:
    b = Builder()
    b.node("Flatten", [b.node("GlobalAveragePool", ["image"], "pooled")], "vector")
    b.node("MatMul", ["vector", b.weight("w", 3, 7)], "product")
    b.node("Add", ["product", b.weight("bias", 7)], "scores")
    model = b.model([tensor("image", "N", 3, 8, 8)], [tensor("scores", "N", 7)], opset=13, ir=7)
    assert inspection.feature_tensor(model, "it")[0] == "vector"


def test_an_output_named_features_is_believed() -> None:
    model = networks.small()
    model.graph.node[-2].output[0] = model.graph.node[-1].input[0] = "features"
    model.graph.output.append(tensor("features", "N", 5))
    assert inspection.feature_tensor(model, "it")[0] == "features"


def test_a_network_without_a_dense_layer_needs_a_word() -> None:
    model = networks.small()
    graph.cut(model, "pooled")
    with pytest.raises(BackboneError, match="does not end in a dense layer") as caught:
        inspection.feature_tensor(model, "it")
    assert "--feature-output" in caught.value.suggestion
    assert inspection.feature_tensor(model, "it", "map")[0] == "map"


def test_a_tensor_that_is_asked_for_must_exist() -> None:
    with pytest.raises(BackboneError, match="has no tensor named 'nowhere'") as caught:
        inspection.feature_tensor(networks.small(), "it", "nowhere")
    assert "pooled, vector, dense" in caught.value.suggestion


def test_several_outputs_need_a_telling_name() -> None:
    model = networks.small()
    model.graph.output.append(tensor("vector", "N", 5))
    with pytest.raises(BackboneError, match=r"several outputs \(dense, vector\)"):
        inspection.scores_output(model, "it")
    assert inspection.scores_output(model, "it", "dense") == "dense"


def test_sequences_are_no_scores() -> None:
    model = networks.small()
    del model.graph.output[:]
    model.graph.output.append(helper.make_tensor_sequence_value_info("dense", TensorProto.FLOAT, None))
    with pytest.raises(BackboneError, match="No output of it is a tensor"):
        inspection.scores_output(model, "it")


@pytest.mark.parametrize(("name", "fit"), [("vector", True), ("pooled", True), ("dense", True), ("map", False)])
def test_features_are_one_row_per_image(name: str, fit: bool) -> None:
    if fit:
        inspection.require_vector(networks.small(), "it", name)
    else:
        with pytest.raises(BackboneError, match="N x 5 x 30 x 30 values"):
            inspection.require_vector(networks.small(), "it", name)
