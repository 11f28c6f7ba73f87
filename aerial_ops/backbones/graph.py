"""Surgery on ONNX graphs: load, cut at a tensor, leave out what is not needed. Models are changed in place."""

from collections.abc import Iterator
from pathlib import Path

from google.protobuf.message import DecodeError, EncodeError  # type: ignore[import-untyped]
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, checker, helper, load_model, numpy_helper
from onnx import version_converter as versions

from aerial_ops.errors import BackboneError

OLDEST_OPSET = 7  # the oldest that ONNX Runtime promises to run
MODERN_OPSET, MODERN_IR = 13, 7
BATCH = "N"


def load(source: Path | bytes, name: str) -> ModelProto:
    """The network in a file or in bytes; `name` is how messages call it. Weights kept in files beside it are taken in.

    Raises BackboneError when it is not an ONNX network, when such a file is missing, or when it is larger than 2 GB.
    """
    try:
        model = ModelProto.FromString(source) if isinstance(source, bytes) else load_model(str(source))
    except DecodeError as error:
        raise BackboneError(f"{name} is not an ONNX network.", suggestion="Export the network to ONNX first.") from error
    except (checker.ValidationError, FileNotFoundError) as error:
        if isinstance(source, Path) and not source.exists():
            raise BackboneError(f"{name} does not exist.") from error
        raise BackboneError(
            f"{name} keeps weights in a file of their own, which cannot be read: {error}.",
            suggestion="Put that file beside it, or save the network with its weights inside.",
        ) from error
    if not model.graph.node or not model.graph.output:
        raise BackboneError(f"{name} is not an ONNX network.", suggestion="Export the network to ONNX first.")
    _modernise(model, name)
    return model


def serialise(model: ModelProto) -> bytes:
    """The model's bytes. Raises BackboneError when they would exceed protobuf's 2 GB."""
    try:
        raw: bytes = model.SerializeToString()
    except (EncodeError, ValueError) as error:
        raise BackboneError("The network is larger than the 2 GB that one ONNX file holds.") from error
    return raw


def opset(model: ModelProto) -> int:
    """The version of ONNX's own operators that the model uses."""
    return max((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), default=1)


def _modernise(model: ModelProto, name: str) -> None:
    """Up to IR 7 and opset 7 at least. Before IR 4 every weight was listed as an input as well: those entries go."""
    weights = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in weights]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    model.ir_version = max(model.ir_version, MODERN_IR)
    if opset(model) < OLDEST_OPSET:
        try:
            model.CopyFrom(versions.convert_version(model, MODERN_OPSET))
        except Exception as error:  # the converter raises whatever its C++ side meets
            raise BackboneError(
                f"{name} uses ONNX operators of version {opset(model)}, which cannot be brought to {MODERN_OPSET}: {error}.",
                suggestion=f"Export the network again with opset {MODERN_OPSET}.",
            ) from error


def tensors_read(node: NodeProto) -> Iterator[str]:
    """The tensors that `node` reads, those that its subgraphs take from outside included."""
    yield from (name for name in node.input if name)
    for attribute in node.attribute:
        for body in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
            yield from _read_by(body)


def _read_by(body: GraphProto) -> Iterator[str]:
    yield from (value.name for value in body.output)
    for node in body.node:
        yield from tensors_read(node)


def producers(model: ModelProto) -> dict[str, NodeProto]:
    """The node that makes each tensor."""
    return {output: node for node in model.graph.node for output in node.output if output}


def constants(model: ModelProto) -> dict[str, TensorProto]:
    """Tensors whose values are known: weights, and what Constant nodes hold."""
    known = {tensor.name: tensor for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type != "Constant":
            continue
        for attribute in node.attribute:
            if attribute.name == "value":
                known[node.output[0]] = attribute.t
            elif attribute.name == "value_ints":
                known[node.output[0]] = helper.make_tensor(
                    node.output[0], TensorProto.INT64, [len(attribute.ints)], attribute.ints
                )
    return known


def tensor_names(model: ModelProto) -> set[str]:
    """Every tensor of the main graph."""
    graph = model.graph
    named = {value.name for value in (*graph.input, *graph.output)} | {tensor.name for tensor in graph.initializer}
    return named | {name for node in graph.node for name in (*node.input, *node.output) if name}


def cut(model: ModelProto, tensor: str) -> None:
    """End the network at `tensor`, its only output; nodes and weights that it does not need go."""
    if tensor not in producers(model):
        raise BackboneError(f"The network has no tensor named {tensor!r}.")
    del model.graph.output[:]
    model.graph.output.append(helper.make_tensor_value_info(tensor, TensorProto.FLOAT, None))
    prune(model)


def prune(model: ModelProto) -> None:
    """Leave out the nodes, weights and notes on shapes that no output needs."""
    graph, makes = model.graph, producers(model)
    needed, waiting = set(), [value.name for value in graph.output]
    while waiting:
        name = waiting.pop()
        if name in needed:
            continue
        needed.add(name)
        if name in makes:
            waiting.extend(tensors_read(makes[name]))
    nodes = [node for node in graph.node if needed.intersection(node.output)]
    weights = [tensor for tensor in graph.initializer if tensor.name in needed]
    inputs = [value for value in graph.input if value.name in needed]
    for field, kept in ((graph.node, nodes), (graph.initializer, weights), (graph.input, inputs)):
        del field[:]
        field.extend(kept)
    del graph.value_info[:]


def from_pixels(model: ModelProto) -> ModelProto:
    """The network of a prepared model without its preprocessing: a copy whose input is `pixels`, float32 [N, 3, SIDE, SIDE]."""
    copy = ModelProto()
    copy.CopyFrom(model)
    side = model.graph.input[0].type.tensor_type.shape.dim[1].dim_value
    nodes = [node for node in copy.graph.node if "pixels" not in node.output]
    if len(nodes) == len(copy.graph.node):
        raise BackboneError("The network takes tiles as they are: it has no tensor `pixels` to start from.")
    del copy.graph.node[:]
    copy.graph.node.extend(nodes)
    del copy.graph.input[:]
    copy.graph.input.append(value_info("pixels", TensorProto.FLOAT, (BATCH, 3, side, side)))
    prune(copy)
    return copy


def from_values(model: ModelProto) -> ModelProto:
    """A copy of a prepared model for engines without bytes: its input is `values`, float32 [N, 3, SIDE, SIDE] RGB, 0 to 255.

    Its preprocessing begins by changing the layout and the type of `tiles`; the copy begins after that.
    """
    copy = ModelProto()
    copy.CopyFrom(model)
    side = model.graph.input[0].type.tensor_type.shape.dim[1].dim_value
    renamed = {"tiles": "values"}
    nodes, cast = [], False
    for node in copy.graph.node:
        for at, name in enumerate(node.input):
            node.input[at] = renamed.get(name, name)
        first = not cast and (node.output[0].startswith("tiles/") or node.output[0] == "pixels")
        if first and node.op_type in ("Transpose", "Cast"):
            renamed[node.output[0]] = node.input[0]
            cast = node.op_type == "Cast"
        else:
            nodes.append(node)
    if not cast:
        raise BackboneError("The network takes tiles as bytes: it cannot be given floats.")
    del copy.graph.node[:]
    copy.graph.node.extend(nodes)
    del copy.graph.input[:]
    copy.graph.input.append(value_info("values", TensorProto.FLOAT, (BATCH, 3, side, side)))
    return copy


def value_info(name: str, element: int, shape: tuple[int | str, ...]) -> ValueInfoProto:
    """The declaration of a graph's input or output."""
    return helper.make_tensor_value_info(name, element, shape)


def values_of(tensor: TensorProto) -> list[int]:
    """A small constant of whole numbers, such as the shape that a Reshape is given."""
    return [int(value) for value in numpy_helper.to_array(tensor).ravel()]
