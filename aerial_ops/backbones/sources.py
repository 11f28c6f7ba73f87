"""Where networks come from: this kit's package of weights, the ONNX Model Zoo, or a file that the user has."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from aerial_ops.backbones.catalogue import CATALOGUE, Entry, PackageFile
from aerial_ops.backbones.prepared import Prepared, Recipe, prepare
from aerial_ops.backbones.preprocessing import Preprocessing
from aerial_ops.cache import cache_folder
from aerial_ops.errors import BackboneError, UsageError
from aerial_ops.names import checked_name
from aerial_ops.reporting import SILENT, Reporter

if TYPE_CHECKING:
    from onnx import ModelProto


@dataclass(frozen=True, slots=True)
class NetworkOptions:
    """What a user says about a network of their own; empty parts are found or assumed.

    `output` is the tensor with the features, or with the scores of a retrained network. `side` is the image's side in pixels.
    """

    output: str = ""
    side: int = 0
    preprocessing: Preprocessing | None = None


UNTOLD = NetworkOptions()


def prepare_entry(entry: Entry, file: bytes | None = None, report: Reporter = SILENT) -> Prepared:
    """A network of the catalogue, prepared: from `file` (the zoo's file, checked), else from its package, else downloaded."""
    recipe = Recipe(
        name=entry.name,
        file=f"{entry.name}.onnx",
        source=str(entry.source),
        source_sha256=entry.source.sha256,
        side=entry.side,
        length=entry.length,
        preprocessing=entry.preprocessing,
    )
    if file is not None:
        _require_pinned(entry, file)
    return prepare(recipe, lambda: _checked(entry, _raw(entry, file, report)))


def prepare_file(path: Path, options: NetworkOptions = UNTOLD, name: str = "") -> Prepared:
    """A network of the user's own as a backbone called `name`, or like the file."""
    name = checked_name(name or path.stem, "backbone name")
    if name in CATALOGUE:
        raise UsageError(
            f"{name} is a network of the catalogue, not the name of a network of your own.",
            suggestion=f"Rename {path.name}. If it is the catalogue's network: aerial-ops models fetch {name} --from {path}",
        )
    return _from_file(path, options, Recipe(name=name, file=f"{name}.onnx", source=path.name, source_sha256=""))


def prepare_retrained(path: Path, options: NetworkOptions, name: str) -> Prepared:
    """A network retrained elsewhere, prepared as the model `name` that gives a score per class."""
    recipe = Recipe(name=name, file="model.onnx", source=path.name, source_sha256="", output="scores")
    return _from_file(path, options, recipe)


def _from_file(path: Path, options: NetworkOptions, recipe: Recipe) -> Prepared:
    from aerial_ops.backbones import graph

    if not path.is_file():
        raise UsageError(f"There is no file {path}.")
    model = graph.load(path, path.name)
    recipe = replace(
        recipe,
        source_sha256=hashlib.sha256(graph.serialise(model)).hexdigest(),
        tensor=options.output,
        side=options.side,
        preprocessing=options.preprocessing,
    )
    return prepare(recipe, lambda: model)


def _raw(entry: Entry, file: bytes | None, report: Reporter) -> "ModelProto":
    from aerial_ops.backbones import graph, lite0, torch_weights

    if isinstance(entry.source, PackageFile):
        return lite0.build(torch_weights.read(lite0.packaged_weights(entry)))
    return graph.load(file if file is not None else _downloaded(entry, report).read_bytes(), str(entry.source))


def _downloaded(entry: Entry, report: Reporter) -> Path:
    from aerial_ops.backbones.download import download

    if isinstance(entry.source, PackageFile):
        raise TypeError(f"{entry.name} comes with a package")
    return download(
        entry.source.url,
        cache_folder("backbones", "zoo") / entry.source.file,
        sha256=entry.source.sha256,
        size=entry.source.size,
        what=entry.source.file,
        report=report,
        offline_help=(
            f"Get {entry.source.file} where there is a network, then: aerial-ops models fetch {entry.name} --from FILE\n"
            f"Or put it into the container pretrainedmodels under its own name, {entry.source.file}."
        ),
    )


def _require_pinned(entry: Entry, file: bytes) -> None:
    """Raise BackboneError when `file` is not the zoo's file of `entry`."""
    if isinstance(entry.source, PackageFile):
        raise UsageError(f"{entry.name} is made from the package {entry.source.package}: it takes no file.")
    found = hashlib.sha256(file).hexdigest()
    if found != entry.source.sha256:
        raise BackboneError(
            f"The file is not {entry.source.file}: it has {len(file):,} bytes and the SHA-256 {found}, "
            f"not {entry.source.size:,} bytes and {entry.source.sha256}.",
            suggestion=f"Download it again from {entry.source.url}",
        )


def _checked(entry: Entry, model: "ModelProto") -> "ModelProto":
    """The model, when its input and its scores are named as the catalogue says."""
    inputs, outputs = [value.name for value in model.graph.input], [value.name for value in model.graph.output]
    if inputs != [entry.input] or entry.scores not in outputs:
        raise BackboneError(
            f"{entry.source} has the inputs {inputs} and the outputs {outputs}, not {entry.input} and {entry.scores}."
        )
    return model
