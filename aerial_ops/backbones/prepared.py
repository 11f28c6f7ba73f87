"""Prepared networks: an ONNX file that takes raw tiles, and its description. Made once, then taken from the cache."""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from aerial_ops.backbones.preprocessing import IMAGENET, Preprocessing
from aerial_ops.cache import cache_folder, locked
from aerial_ops.errors import BackboneError, UsageError

if TYPE_CHECKING:
    from onnx import ModelProto

# Goes up whenever the same source would be made into another network: it is part of the cache's key.
CONVERTER = 1
_UNFINISHED = "unfinished-"


class Description(BaseModel):
    """What is known of a prepared network: NAME.json beside it (docs/architecture.md, "Backbones").

    `length` is the number of values per tile: of features, or of classes. `source_sha256` is the hash of what it was made from.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: Literal[1] = 1
    name: str
    file: str
    sha256: str
    side: int
    length: int
    source: str
    source_sha256: str
    preprocessing: str
    notes: list[str] = []

    def as_json(self) -> str:
        """The file's text."""
        return self.model_dump_json(indent=2) + "\n"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A prepared network in the cache."""

    description: Description
    path: Path

    @property
    def model(self) -> bytes:
        """The ONNX file's bytes."""
        return self.path.read_bytes()


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides what a network becomes.

    `tensor` and `length` may be empty: then the features are found (or the scores, for `output` "scores"), and any number of
    values is right. `preprocessing` None means: none for a network that takes uint8, ImageNet's for every other.
    """

    name: str
    file: str
    source: str
    source_sha256: str
    output: Literal["features", "scores"] = "features"
    tensor: str = ""
    side: int = 0
    length: int = 0
    preprocessing: Preprocessing | None = None

    @property
    def key(self) -> str:
        """A hash of everything above and of the converter."""
        parts = json.dumps([CONVERTER, asdict(self)], sort_keys=True)
        return hashlib.sha256(parts.encode()).hexdigest()[:32]


def prepare(recipe: Recipe, load: Callable[[], "ModelProto"]) -> Prepared:
    """The network that `recipe` makes of what `load` gives; `load` is only called when the cache does not have it.

    Raises BackboneError when the network is unfit: see `inspection` and `inference.checked_length`.
    """
    folder = cache_folder("backbones", "prepared", recipe.key)
    with locked(folder):
        for left in folder.glob(f"{_UNFINISHED}*"):  # by a process that was killed
            left.unlink()
        return _cached(folder, recipe) or _make(folder, recipe, load())


def _cached(folder: Path, recipe: Recipe) -> Prepared | None:
    """What the cache holds, if it is whole."""
    model = folder / recipe.file
    try:
        description = Description.model_validate_json((folder / "description.json").read_bytes())
        whole = hashlib.sha256(model.read_bytes()).hexdigest() == description.sha256
    except (FileNotFoundError, ValidationError):
        return None
    return Prepared(description, model) if whole else None


def _make(folder: Path, recipe: Recipe, model: "ModelProto") -> Prepared:
    from aerial_ops.backbones import assembly, graph, inference, inspection

    image = inspection.image_input(model, recipe.source, recipe.side)
    notes: list[str] = []
    if recipe.output == "scores":
        tensor = inspection.scores_output(model, recipe.source, recipe.tensor)
    else:
        tensor, found = inspection.feature_tensor(model, recipe.source, recipe.tensor)
        notes.append(found)
    inspection.require_vector(model, recipe.source, tensor)
    preprocessing = recipe.preprocessing
    if image.element == "uint8":
        if preprocessing is not None:
            raise UsageError(f"{recipe.source} takes pixels as they are (uint8): it prepares them itself.")
    elif preprocessing is None:
        preprocessing = IMAGENET
        notes.append("preprocessing was not given; ImageNet's usual one is assumed")
    ready = assembly.assemble(model, image, tensor, recipe.output, preprocessing)
    length = inference.checked_length(graph.serialise(ready), recipe.source, image.side)
    if recipe.length and length != recipe.length:
        raise BackboneError(f"{recipe.source} gives {length} values per tile; {recipe.name} has {recipe.length}.")
    assembly.declare_length(ready, length)
    raw = graph.serialise(ready)
    description = Description(
        name=recipe.name,
        file=recipe.file,
        sha256=hashlib.sha256(raw).hexdigest(),
        side=image.side,
        length=length,
        source=recipe.source,
        source_sha256=recipe.source_sha256,
        preprocessing=str(preprocessing) if preprocessing else "in the network itself, RGB",
        notes=notes,
    )
    _put(folder / recipe.file, raw)
    _put(folder / "description.json", description.as_json().encode())
    return Prepared(description, folder / recipe.file)


def _put(path: Path, data: bytes) -> None:
    """Write under another name first: under its own name a file is whole."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=_UNFINISHED)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
