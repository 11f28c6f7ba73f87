"""Find out what a network takes and gives: its image input, its scores, the features that its classifier reads."""

from dataclasses import dataclass
from typing import Literal

from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, shape_inference

from aerial_ops.backbones.graph import constants, producers
from aerial_ops.errors import BackboneError

Element = Literal["float32", "float16", "uint8"]
_ELEMENTS: dict[int, Element] = {TensorProto.FLOAT: "float32", TensorProto.FLOAT16: "float16", TensorProto.UINT8: "uint8"}
_SAME_VALUES = ("Dropout", "Identity")
# What may stand between the classifier and the scores.
_AFTER_CLASSIFIER = ("Softmax", "LogSoftmax", "Sigmoid", "Cast", "Flatten", "Reshape", "Squeeze", *_SAME_VALUES)
_WITH_CONSTANT = ("Add", "Sub", "Mul", "Div")
_SCORES = ("scores", "logits", "probabilities", "probs", "prob", "output")


@dataclass(frozen=True, slots=True)
class ImageInput:
    """The input that takes images: three channels, SIDE x SIDE pixels. `batch` is 0 when any number of images may come."""

    name: str
    layout: Literal["NCHW", "NHWC"]
    element: Element
    side: int
    batch: int


def image_input(model: ModelProto, name: str, side: int = 0) -> ImageInput:
    """The only input of the network called `name`; `side` is used where the network leaves the size open.

    Raises BackboneError when there are several inputs, or when it does not take square RGB images of a known size.
    """
    inputs = list(model.graph.input)
    if len(inputs) != 1:
        names = ", ".join(value.name for value in inputs) or "none"
        raise BackboneError(f"{name} has {len(inputs)} inputs ({names}); a backbone has one, the image.")
    value = inputs[0]
    if not value.type.HasField("tensor_type"):
        raise BackboneError(f"The input {value.name} of {name} is not a tensor.")
    element = value.type.tensor_type.elem_type
    if element not in _ELEMENTS:
        kinds = ", ".join(_ELEMENTS.values())
        kind = TensorProto.DataType.Name(element).lower()
        raise BackboneError(f"The input {value.name} of {name} holds {kind} values; it must hold one of: {kinds}.")
    dims = _dims(value)
    shape = f"[{', '.join(str(d or '?') for d in dims)}]"
    if len(dims) != 4 or 3 not in (dims[1], dims[3]):
        raise BackboneError(
            f"The input {value.name} of {name} has the shape {shape}; images are [N, 3, SIDE, SIDE] or [N, SIDE, SIDE, 3]."
        )
    layout: Literal["NCHW", "NHWC"] = "NCHW" if dims[1] == 3 else "NHWC"
    height, width = (dims[2], dims[3]) if layout == "NCHW" else (dims[1], dims[2])
    return ImageInput(value.name, layout, _ELEMENTS[element], _side(name, shape, height or side, width or side, side), dims[0])


def _side(name: str, shape: str, height: int, width: int, wanted: int) -> int:
    if not height or not width:
        raise BackboneError(
            f"{name} leaves the size of its images open ({shape}).",
            suggestion="Say the side in pixels with --side, such as --side 224.",
        )
    if height != width:
        raise BackboneError(f"{name} takes images of {width} x {height} pixels; tiles are square.")
    if wanted and wanted != height:
        raise BackboneError(f"{name} takes images of {height} x {height} pixels, not of {wanted} x {wanted}.")
    return height


def _dims(value: ValueInfoProto) -> list[int]:
    """The shape, 0 where a dimension is open."""
    return [dim.dim_value if dim.dim_value > 0 else 0 for dim in value.type.tensor_type.shape.dim]


def scores_output(model: ModelProto, name: str, wanted: str = "") -> str:
    """The output with a value per class: `wanted`, or the only one, or the only one with a telling name."""
    outputs: list[str] = [value.name for value in model.graph.output if value.type.HasField("tensor_type")]
    if wanted:
        return _existing(model, name, wanted)
    if len(outputs) == 1:
        return outputs[0]
    telling = [output for output in outputs if output.lower() in _SCORES]
    if len(telling) == 1:
        return telling[0]
    listed = ", ".join(value.name for value in model.graph.output)
    if not outputs:
        raise BackboneError(f"No output of {name} is a tensor ({listed}): sequences and maps are of no use here.")
    raise BackboneError(
        f"{name} has several outputs ({listed}).", suggestion="Name the one with a value per class with --output."
    )


def feature_tensor(model: ModelProto, name: str, wanted: str = "") -> tuple[str, str]:
    """The tensor that holds the features, and in words how it was found.

    It is `wanted`, or an output named features, or what the last dense layer reads: the classifier's input, before a Dropout.
    """
    if wanted:
        return _existing(model, name, wanted), f"features are {wanted}, as asked for"
    if any(value.name == "features" for value in model.graph.output):
        return "features", "features are the output of that name"
    dense = _classifier(model, name)
    found = before_dropout(model, dense.input[0])
    return found, f"features are {found}, which the last dense layer ({dense.name or dense.output[0]}) reads"


def before_dropout(model: ModelProto, tensor: str) -> str:
    """The tensor with the same values in front of Dropout and Identity nodes, which do nothing when a network is used."""
    makes = producers(model)
    while tensor in makes and makes[tensor].op_type in _SAME_VALUES and makes[tensor].output[0] == tensor:
        tensor = makes[tensor].input[0]
    return tensor


def _classifier(model: ModelProto, name: str) -> NodeProto:
    """The last Gemm or MatMul with fixed weights, found by walking back from the scores."""
    makes, known = producers(model), constants(model)
    tensor = scores_output(model, name)
    while tensor in makes:
        node = makes[tensor]
        if node.op_type in ("Gemm", "MatMul") and len(node.input) > 1 and node.input[1] in known:
            return node
        open_inputs = [read for read in node.input if read and read not in known]
        passes = node.op_type in _AFTER_CLASSIFIER or (node.op_type in _WITH_CONSTANT and len(open_inputs) == 1)
        if not passes:
            break
        tensor = open_inputs[0]
    last = f"{makes[tensor].op_type} makes {tensor}" if tensor in makes else f"{tensor} is its input"
    raise BackboneError(
        f"{name} does not end in a dense layer ({last}), so its features cannot be found.",
        suggestion="Name the tensor that holds them with --feature-output.",
    )


def _existing(model: ModelProto, name: str, wanted: str) -> str:
    if wanted not in producers(model):
        outputs = ", ".join(value.name for value in model.graph.output)
        last = ", ".join(node.output[0] for node in list(model.graph.node)[-6:])
        raise BackboneError(
            f"{name} has no tensor named {wanted!r}.", suggestion=f"Its outputs are: {outputs}. Its last tensors are: {last}."
        )
    return wanted


def require_vector(model: ModelProto, name: str, tensor: str) -> None:
    """Raise BackboneError when `tensor` is known to hold more than one row of values per image, such as a map or a sequence."""
    values = {value.name: value for value in shape_inference.infer_shapes(model).graph.value_info}
    values |= {value.name: value for value in model.graph.output}
    if tensor not in values or not values[tensor].type.tensor_type.HasField("shape"):
        return
    dims = _dims(values[tensor])
    if len(dims) < 2 or any(size > 1 for size in dims[2:]):
        shape = " x ".join(str(size or "N") for size in dims) or "nothing"
        raise BackboneError(
            f"The tensor {tensor} of {name} holds {shape} values; what is needed is one row of values per image.",
            suggestion="Name a tensor behind the pooling, such as [N, 512] or [N, 512, 1, 1].",
        )
