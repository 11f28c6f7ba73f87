"""Make a network that takes raw tiles: its preprocessing folded in, its batch free, its output the one that is wanted."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, compose, helper, numpy_helper, shape_inference

from aerial_ops.backbones import graph
from aerial_ops.backbones.inspection import ImageInput
from aerial_ops.backbones.preprocessing import Preprocessing

TILES, PIXELS = "tiles", "pixels"
_PREFIX = "network/"


def assemble(model: ModelProto, image: ImageInput, tensor: str, output: str, preprocessing: Preprocessing | None) -> ModelProto:
    """A copy of the network from `tiles`, uint8 [N, SIDE, SIDE, 3] RGB, to `output`, float32 [N, LENGTH]: `tensor`, flattened.

    `preprocessing` is None for a network that takes uint8 and prepares the pixels itself. Between the two lies the tensor
    `pixels`, float32 [N, 3, SIDE, SIDE]: what the network was trained on, so that `graph.from_pixels` can give it back.
    The network's own tensors get a prefix, so that none of them is called like one of these.
    """
    result = compose.add_prefix(model, prefix=_PREFIX)
    start, end = f"{_PREFIX}{image.name}", f"{_PREFIX}{tensor}"
    graph.cut(result, end)
    if image.batch:
        _free_batch(result, image.batch)
    head, weights = _head(image, preprocessing, start)
    nodes = [*head, *result.graph.node, *_tail(end, output)]
    del result.graph.node[:]
    result.graph.node.extend(nodes)
    result.graph.initializer.extend(weights)
    del result.graph.input[:]
    result.graph.input.append(graph.value_info(TILES, TensorProto.UINT8, (graph.BATCH, image.side, image.side, 3)))
    del result.graph.output[:]
    result.graph.output.append(graph.value_info(output, TensorProto.FLOAT, (graph.BATCH, "LENGTH")))
    result.producer_name, result.producer_version, result.doc_string = "aerial-ops", "", ""
    return result


def _free_batch(model: ModelProto, batch: int) -> None:
    """Let the network take any number of images where it was exported for `batch` of them.

    The number is also baked into Reshape nodes whose target shape is a constant: where the reshaped tensor's first dimension
    is the batch, the constant's becomes 0, which means "as it was".
    """
    batched, known = _batched_tensors(model, batch), graph.constants(model)
    for node in model.graph.node:
        if node.op_type != "Reshape" or node.input[0] not in batched or node.input[1] not in known:
            continue
        shape = graph.values_of(known[node.input[1]])
        zero_is_zero = any(attribute.name == "allowzero" and attribute.i for attribute in node.attribute)
        if shape and shape[0] == batch and not zero_is_zero:
            node.input[1] = f"{node.output[0]}_shape"
            free = numpy_helper.from_array(np.array([0, *shape[1:]], np.int64), node.input[1])
            model.graph.initializer.append(free)
    graph.prune(model)


def _batched_tensors(model: ModelProto, batch: int) -> set[str]:
    """Tensors that depend on the image and whose first dimension is `batch`."""
    inferred = shape_inference.infer_shapes(model)
    values = (*inferred.graph.value_info, *inferred.graph.input)
    first = {v.name: v.type.tensor_type.shape.dim[0].dim_value for v in values if v.type.tensor_type.shape.dim}
    known = graph.constants(model)
    return {name for name, size in first.items() if size == batch and name not in known}


def _head(image: ImageInput, preprocessing: Preprocessing | None, start: str) -> tuple[list[NodeProto], list[TensorProto]]:
    """Nodes from `tiles` to `start`, the network's own input.

    The order is the cheapest of those measured: moving bytes is a quarter of moving floats, and a broadcast over the
    last axis of three is slow, so the layout changes first, on bytes.
    """
    chain = _Chain(TILES)
    if preprocessing is None:
        if image.layout == "NCHW":
            chain.add("Transpose", perm=[0, 3, 1, 2])
        return chain.ending_in(start)
    chain.add("Transpose", perm=[0, 3, 1, 2])
    if preprocessing.channels == "BGR":
        chain.add("Gather", np.array([2, 1, 0], np.int64), axis=1)
    chain.add("Cast", to=TensorProto.FLOAT)
    if (preprocessing.multiplier != 1).any():
        chain.add("Mul", preprocessing.multiplier.reshape(1, 3, 1, 1))
    if preprocessing.offset.any():
        chain.add("Add", preprocessing.offset.reshape(1, 3, 1, 1))
    chain.name_last(PIXELS)
    if image.element == "float16":
        chain.add("Cast", to=TensorProto.FLOAT16)
    if image.layout == "NHWC":
        chain.add("Transpose", perm=[0, 2, 3, 1])
    return chain.ending_in(start)


class _Chain:
    """Nodes in a row."""

    def __init__(self, start: str) -> None:
        self._last = start
        self._nodes: list[NodeProto] = []
        self._weights: list[TensorProto] = []

    def add(self, kind: str, constant: NDArray[Any] | None = None, **attributes: Any) -> None:
        output = f"{TILES}/{len(self._nodes)}_{kind.lower()}"
        inputs = [self._last]
        if constant is not None:
            inputs.append(f"{output}_by")
            self._weights.append(numpy_helper.from_array(constant, inputs[1]))
        self._nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        self._last = output

    def name_last(self, name: str) -> None:
        self._nodes[-1].output[0] = self._last = name

    def ending_in(self, name: str) -> tuple[list[NodeProto], list[TensorProto]]:
        """The nodes, with one that hands the last tensor to the network by the name of its input."""
        if self._last != name:
            self._nodes.append(helper.make_node("Identity", [self._last], [name], name=f"{TILES}/end"))
        return self._nodes, self._weights


def _tail(tensor: str, output: str) -> list[NodeProto]:
    """From `tensor` to `output`: [N, LENGTH] float32. What is float and flat already costs nothing."""
    return [
        helper.make_node("Cast", [tensor], [f"{output}/cast"], name=f"{output}/cast", to=TensorProto.FLOAT),
        helper.make_node("Flatten", [f"{output}/cast"], [output], name=f"{output}/flatten", axis=1),
    ]


def declare_length(model: ModelProto, length: int) -> None:
    """Write the number of values per tile into the output's declaration."""
    (output,) = model.graph.output
    output.type.tensor_type.shape.dim[1].dim_value = length
