"""Check what the account holds: every network is the one that its description names, to the byte, and it runs."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from pydantic import ValidationError

from aerial_ops.backbones.catalogue import CATALOGUE
from aerial_ops.backbones.inference import checked_length
from aerial_ops.backbones.prepared import Description
from aerial_ops.backbones.store import published_names, raw_file
from aerial_ops.errors import BackboneError, BlobNotFoundError
from aerial_ops.reporting import SILENT, Reporter
from aerial_ops.storage.blobs import BlobStore
from aerial_ops.storage.layout import PRETRAINED, TRAINED, retrained_description, retrained_network

Kind = Literal["backbone", "raw file", "model"]


@dataclass(frozen=True, slots=True)
class Check:
    """What was found out about one network; `problem` is empty when it is sound."""

    kind: Kind
    name: str
    problem: str

    @property
    def ok(self) -> bool:
        """Whether it is sound."""
        return not self.problem

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        return {**asdict(self), "ok": self.ok}


def verify(store: BlobStore, names: Iterable[str] = (), report: Reporter = SILENT) -> list[Check]:
    """Check the networks called `names`, or all of the account. Raises BackboneError for a name that is not there at all."""
    wanted = set(names)
    found = list(_all(store))
    missing = wanted - {name for _kind, name in found}
    if missing:
        raise BackboneError(
            f"The account holds no network named {', '.join(sorted(missing))}.",
            suggestion="What there is: aerial-ops models list",
        )
    chosen = [(kind, name) for kind, name in found if not wanted or name in wanted]
    checks = []
    with report.task("Checking networks", len(chosen), "networks") as task:
        for kind, name in chosen:
            checks.append(Check(kind, name, _problem(store, kind, name)))
            task.advance()
    return checks


def require_sound(checks: Iterable[Check]) -> None:
    """Raise BackboneError when a check failed."""
    checks = list(checks)
    bad = [check for check in checks if not check.ok]
    if bad:
        raise BackboneError(
            "; ".join(f"{check.kind} {check.name}: {check.problem}" for check in bad) + ".",
            suggestion="Make it again: aerial-ops models fetch NAME, or models import NAME FILE --labels FILE --overwrite",
            data={"checks": [check.as_dict() for check in checks]},
        )


def _all(store: BlobStore) -> Iterator[tuple[Kind, str]]:
    for name in published_names(store):
        yield "backbone", name
    for entry in CATALOGUE.values():
        if raw_file(store, entry):
            yield "raw file", entry.name
    try:
        for blob in store.list(TRAINED):
            if blob.name.endswith("/model.onnx"):
                yield "model", blob.name.partition("/")[0]
    except BlobNotFoundError:
        return


def _problem(store: BlobStore, kind: Kind, name: str) -> str:
    if kind == "raw file":
        entry = CATALOGUE[name]
        same = hashlib.sha256(store.read(PRETRAINED, raw_file(store, entry))).hexdigest() == entry.source.sha256
        return "" if same else f"{raw_file(store, entry)} is not the zoo's file: its SHA-256 differs"
    container = PRETRAINED if kind == "backbone" else TRAINED
    path = f"{name}.json" if kind == "backbone" else retrained_description(name)
    try:
        description = Description.model_validate_json(store.read(container, path))
        model = store.read(container, description.file if kind == "backbone" else retrained_network(name))
    except ValidationError as error:
        return f"{path} is not a description ({error.error_count()} faults)"
    except BlobNotFoundError as error:
        return error.message.rstrip(".")
    if hashlib.sha256(model).hexdigest() != description.sha256:
        return "its SHA-256 is not the one that its description names"
    try:
        length = checked_length(model, name, description.side)
    except BackboneError as error:
        return error.message.rstrip(".")
    return "" if length == description.length else f"it gives {length} values per tile, not {description.length}"
