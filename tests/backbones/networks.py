"""Small random networks with the architecture, the names and the quirks of those in the ONNX Model Zoo."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

RESNET_FEATURES = 48
ALEXNET_FEATURES = 40


class Builder:
    def __init__(self, seed: int = 0) -> None:
        self.random = np.random.default_rng(seed)
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def weight(self, name: str, *shape: int, scale: float | None = None) -> str:
        fan_in = int(np.prod(shape[1:])) or 1
        values = self.random.normal(0, scale or (2 / fan_in) ** 0.5, shape).astype(np.float32)
        return self.constant(name, values)

    def constant(self, name: str, values: np.ndarray) -> str:
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def node(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, list(inputs), [output], name=output, **attributes))
        return output

    def model(
        self, inputs: Sequence[Any], outputs: Sequence[Any], *, opset: int, ir: int, weights_as_inputs: bool = False
    ) -> ModelProto:
        listed = [helper.make_tensor_value_info(w.name, w.data_type, w.dims) for w in self.weights] if weights_as_inputs else []
        graph = helper.make_graph(self.nodes, "network", [*inputs, *listed], list(outputs), self.weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir)


def tensor(name: str, *shape: int | str, kind: int = TensorProto.FLOAT) -> Any:
    return helper.make_tensor_value_info(name, kind, shape)


def resnet18(opset: int = 7, classes: int = 10) -> ModelProto:
    """As MXNet exported resnet18-v1-7: IR 3 (every weight is an input too), open batch, BatchNormalization, one dense layer."""
    b, p = Builder(1), "resnetv15"

    def conv_bn(x: str, name: str, channels: int, before: int, kernel: int, stride: int) -> str:
        pad = kernel // 2
        x = b.node(
            "Conv", [x, b.weight(f"{name}_weight", channels, before, kernel, kernel)], f"{name}_fwd",
            kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[pad] * 4, dilations=[1, 1], group=1,
        )  # fmt: skip
        positive = np.abs(b.random.normal(1, 0.2, (4, channels))).astype(np.float32)
        statistics = [b.constant(f"{name}_{what}", positive[i]) for i, what in enumerate(("gamma", "beta", "mean", "var"))]
        return b.node("BatchNormalization", [x, *statistics], f"{name}_batchnorm", epsilon=1e-5, momentum=0.9)

    x = b.node("Relu", [conv_bn("data", f"{p}_conv0", 6, 3, 7, 2)], f"{p}_relu0_fwd")
    x = b.node("MaxPool", [x], f"{p}_pool0_fwd", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    before = 6
    for stage, channels in enumerate((6, 12, 24, RESNET_FEATURES), 1):
        for block in range(2):
            stride, name = (2 if stage > 1 and block == 0 else 1), f"{p}_stage{stage}_block{block}"
            y = b.node("Relu", [conv_bn(x, f"{name}_conv0", channels, before, 3, stride)], f"{name}_relu0")
            y = conv_bn(y, f"{name}_conv1", channels, channels, 3, 1)
            shortcut = conv_bn(x, f"{name}_conv2", channels, before, 1, stride) if before != channels else x
            x = b.node("Relu", [b.node("Add", [y, shortcut], f"{name}_plus")], f"{name}_activation")
            before = channels
    x = b.node("GlobalAveragePool", [x], f"{p}_pool1_fwd")
    x = b.node("Flatten", [x], "flatten_170")
    dense = [b.weight(f"{p}_dense0_weight", classes, RESNET_FEATURES), b.weight(f"{p}_dense0_bias", classes)]
    scores = b.node("Gemm", [x, *dense], f"{p}_dense0_fwd", alpha=1.0, beta=1.0, transA=0, transB=1)
    return b.model([tensor("data", "N", 3, 224, 224)], [tensor(scores, "N", classes)], opset=opset, ir=3, weights_as_inputs=True)


def alexnet(opset: int = 12, ir: int = 3, classes: int = 10) -> ModelProto:
    """As Caffe2 exported bvlcalexnet-12: a batch of one, in a Reshape's constant too; LRN, groups, Dropout, Softmax."""
    b = Builder(2)
    dropout = {"ratio": 0.5} if opset < 12 else {}

    def conv(x: str, name: str, channels: int, before: int, kernel: int, **attributes: Any) -> str:
        weights = [b.weight(f"{name}_w_0", channels, before, kernel, kernel), b.weight(f"{name}_b_0", channels)]
        return b.node("Relu", [b.node("Conv", [x, *weights], f"{name}_1", kernel_shape=[kernel] * 2, **attributes)], f"{name}_2")

    def pool(x: str, name: str, pads: Sequence[int] = (0, 0, 0, 0)) -> str:
        return b.node("MaxPool", [x], name, kernel_shape=[3, 3], strides=[2, 2], pads=list(pads))

    def norm(x: str, name: str) -> str:
        return b.node("LRN", [x], name, size=5, alpha=1e-4, beta=0.75, bias=1.0)

    def dense(x: str, name: str, size: int, before: int) -> str:
        return b.node("Gemm", [x, b.weight(f"{name}_w_0", size, before), b.weight(f"{name}_b_0", size)], f"{name}_1", transB=1)

    x = pool(norm(conv("data_0", "conv1", 8, 3, 11, strides=[4, 4]), "norm1_1"), "pool1_1")
    x = pool(norm(conv(x, "conv2", 12, 4, 5, pads=[2] * 4, group=2), "norm2_1"), "pool2_1")
    x = conv(x, "conv3", 16, 12, 3, pads=[1] * 4)
    x = conv(x, "conv4", 16, 8, 3, pads=[1] * 4, group=2)
    x = pool(conv(x, "conv5", 12, 8, 3, pads=[1] * 4, group=2), "pool5_1", (0, 0, 1, 1))
    x = b.node("Reshape", [x, b.constant("OC2_DUMMY_1", np.array([1, 12 * 36], np.int64))], "OC2_DUMMY_0")
    before = 12 * 36
    for name in ("fc6", "fc7"):
        x = b.node("Relu", [dense(x, name, ALEXNET_FEATURES, before)], f"{name}_2")
        x, before = b.node("Dropout", [x], f"{name}_3", **dropout), ALEXNET_FEATURES
    scores = b.node("Softmax", [dense(x, "fc8", classes, before)], "prob_1", **({"axis": 1} if opset < 13 else {}))
    return b.model([tensor("data_0", 1, 3, 224, 224)], [tensor(scores, 1, classes)], opset=opset, ir=ir, weights_as_inputs=ir < 4)


def small(
    *,
    shape: Sequence[int | str] = ("N", 3, 32, 32),
    kind: int = TensorProto.FLOAT,
    classes: int = 4,
    ending: Callable[[Builder, str], str] | None = None,
    opset: int = 13,
    seed: int = 3,
) -> ModelProto:
    """A convolution, a pooling and a dense layer of 5 features; `ending` may put something behind the scores."""
    b = Builder(seed)
    x = "image"
    if kind != TensorProto.FLOAT:
        x = b.node("Cast", [x], "image_float", to=TensorProto.FLOAT)
    if kind == TensorProto.UINT8:
        x = b.node("Mul", [x, b.constant("by_255", np.float32(1 / 255))], "image_scaled")
    if shape[-1] == 3:
        x = b.node("Transpose", [x], "image_nchw", perm=[0, 3, 1, 2])
    x = b.node("Relu", [b.node("Conv", [x, b.weight("conv_w", 5, 3, 3, 3)], "conv", kernel_shape=[3, 3])], "map")
    x = b.node("Flatten", [b.node("GlobalAveragePool", [x], "pooled")], "vector")
    scores = b.node("Gemm", [x, b.weight("dense_w", classes, 5), b.weight("dense_b", classes)], "dense", transB=1)
    scores = ending(b, scores) if ending else scores
    return b.model([tensor("image", *shape, kind=kind)], [tensor(scores, "N", classes)], opset=opset, ir=7)
