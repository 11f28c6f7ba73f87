"""What networks and models there are: the catalogue, what the account holds of it, and the trained models."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from aerial_ops.backbones.catalogue import CATALOGUE
from aerial_ops.backbones.prepared import Description
from aerial_ops.backbones.store import published, published_names, raw_file
from aerial_ops.errors import BlobNotFoundError
from aerial_ops.storage.blobs import BlobStore
from aerial_ops.storage.layout import TRAINED, model_info


@dataclass(frozen=True, slots=True)
class Backbone:
    """A line of the list. `state` is one of: prepared, prepared from another source, raw file, incomplete, not prepared."""

    name: str
    title: str
    state: str
    side: int | None
    length: int | None
    sha256: str
    source: str
    licence: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything there is; `models` holds each trained model's model.info."""

    backbones: list[Backbone]
    models: list[dict[str, str]]

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        return asdict(self)


def listing(store: BlobStore) -> Listing:
    """What `aerial-ops models list` shows. Listings and small files only: nothing is checked (see `verification`)."""
    described = set(published_names(store))
    known = [_of_catalogue(store, name, name in described) for name in CATALOGUE]
    own = [_own(name, published(store, name)) for name in sorted(described - CATALOGUE.keys())]
    return Listing([*known, *own], list(_trained(store)))


def _of_catalogue(store: BlobStore, name: str, described: bool) -> Backbone:
    entry = CATALOGUE[name]
    there = published(store, name) if described else None
    if there:
        state = "prepared" if there.source_sha256 == entry.source.sha256 else "prepared from another source"
    else:
        state = "incomplete" if described else "raw file" if raw_file(store, entry) else "not prepared"
    sha256 = there.sha256 if there else ""
    return Backbone(name, entry.title, state, entry.side, entry.length, sha256, str(entry.source), entry.licence)


def _own(name: str, there: Description | None) -> Backbone:
    if there is None:
        return Backbone(name, "", "incomplete", None, None, "", "", "")
    return Backbone(name, "a network of your own", "prepared", there.side, there.length, there.sha256, there.source, "")


def _trained(store: BlobStore) -> Iterator[dict[str, str]]:
    """model.info of every model that is complete."""
    try:
        names = [blob.name.partition("/")[0] for blob in store.list(TRAINED) if blob.name.endswith("/model.info")]
    except BlobNotFoundError:
        return
    for name in names:
        lines = store.read(TRAINED, model_info(name)).decode(errors="replace").splitlines()
        yield {"name": name, **dict(line.split(",", 1) for line in lines if "," in line)}
