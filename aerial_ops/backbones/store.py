"""Prepared networks in the storage account: find one, make it and put it there if need be."""

import difflib
import hashlib
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from aerial_ops.backbones.catalogue import CATALOGUE, DEFAULT, Entry, ZooFile
from aerial_ops.backbones.prepared import Description, Prepared
from aerial_ops.backbones.sources import UNTOLD, NetworkOptions, prepare_entry, prepare_file
from aerial_ops.errors import BlobNotFoundError, RefusedError, UsageError
from aerial_ops.reporting import SILENT, Reporter
from aerial_ops.storage.blobs import BlobStore
from aerial_ops.storage.layout import PRETRAINED

__all__ = ["DEFAULT", "Description", "fetch", "publish", "published", "published_names", "resolve"]


def resolve(store: BlobStore, backbone: str, report: Reporter = SILENT) -> Description:
    """The backbone called `backbone` (a name of the catalogue or of the account, or the path of an .onnx file), ready to be used.

    What the account holds already is taken as it is; what it does not is prepared and published.
    Raises UsageError for an unknown name, BackboneError when the network cannot be had or is unfit, and RefusedError when
    another network has the name of the user's file.
    """
    if is_file(backbone):
        return fetch(store, backbone, report=report)
    return published(store, backbone) or fetch(store, backbone, report=report)


def fetch(
    store: BlobStore,
    backbone: str,
    *,
    options: NetworkOptions = UNTOLD,
    file: Path | None = None,
    overwrite: bool = False,
    report: Reporter = SILENT,
) -> Description:
    """Prepare `backbone` and publish it, whether the account has it or not; `file` is a catalogue network's zoo file at hand."""
    if is_file(backbone):
        own = prepare_file(Path(backbone), options)
        there = published(store, own.description.name)
        if there and there.sha256 != own.description.sha256 and not overwrite:
            raise RefusedError(
                f"{PRETRAINED} holds another network named {there.name} (from {there.source}); models may depend on it.",
                suggestion=f"Rename your file, or replace the other one: aerial-ops models fetch {backbone} --overwrite",
            )
        description = _put(store, own, report)
        for note in description.notes:
            report.note(f"{description.name}: {note}.")
        return description
    entry = CATALOGUE.get(backbone)
    if entry is None:
        there = published(store, backbone)
        if there:
            return there
        raise _unknown(store, backbone)
    raw = file.read_bytes() if file else _raw_in_account(store, entry)
    return _put(store, prepare_entry(entry, raw, report), report)


def publish(store: BlobStore, prepared: Prepared) -> Description:
    """Put the network and, last, its description into `pretrainedmodels`; nothing happens when they are there already."""
    _publish(store, prepared)
    return prepared.description


def publish_values(store: BlobStore, description: Description) -> tuple[str, str]:
    """Put the network that takes floats (`graph.from_values`) beside the prepared one; its name and SHA-256."""
    from aerial_ops.backbones import graph

    raw = store.read(PRETRAINED, description.file)
    values = graph.serialise(graph.from_values(graph.load(raw, description.file)))
    name, digest = f"{description.name}.values.onnx", hashlib.sha256(values).hexdigest()
    if not store.exists(PRETRAINED, name) or hashlib.sha256(store.read(PRETRAINED, name)).hexdigest() != digest:
        store.write(PRETRAINED, name, values)
    return name, digest


def published(store: BlobStore, name: str) -> Description | None:
    """What `pretrainedmodels` says of the network `name`; None when it is not there as a whole."""
    try:
        description = Description.model_validate_json(store.read(PRETRAINED, f"{name}.json"))
    except (BlobNotFoundError, ValidationError):
        return None
    return description if store.exists(PRETRAINED, description.file) else None


def published_names(store: BlobStore) -> Iterator[str]:
    """The networks that `pretrainedmodels` describes, whole or not."""
    try:
        yield from (blob.name.removesuffix(".json") for blob in store.list(PRETRAINED) if blob.name.endswith(".json"))
    except BlobNotFoundError:
        return


def is_file(backbone: str) -> bool:
    """Whether a user's word for a backbone is the path of a network of their own."""
    return backbone.endswith(".onnx") or "/" in backbone


def raw_file(store: BlobStore, entry: Entry) -> str:
    """The name of the zoo's file of `entry`, when a user has put it into `pretrainedmodels`; else empty."""
    if isinstance(entry.source, ZooFile) and store.exists(PRETRAINED, entry.source.file):
        return entry.source.file
    return ""


def _raw_in_account(store: BlobStore, entry: Entry) -> bytes | None:
    name = raw_file(store, entry)
    return store.read(PRETRAINED, name) if name else None


def _put(store: BlobStore, prepared: Prepared, report: Reporter) -> Description:
    description = prepared.description
    if _publish(store, prepared):
        report.note(f"{description.name} is in {PRETRAINED}: {description.length} values per tile, {description.preprocessing}.")
    return description


def _publish(store: BlobStore, prepared: Prepared) -> bool:
    """Whether anything was put. While the description is away, there is no such network: a torn pair is never seen."""
    description = prepared.description
    if published(store, description.name) == description and _intact(store, prepared):
        return False
    store.ensure_containers([PRETRAINED])
    store.delete(PRETRAINED, f"{description.name}.json")
    store.write(PRETRAINED, description.file, prepared.model)
    store.write(PRETRAINED, f"{description.name}.json", description.as_json(), content_type="application/json")
    return True


def _intact(store: BlobStore, prepared: Prepared) -> bool:
    """Whether the blob is the network to the byte, as far as a listing tells."""
    raw = prepared.model
    md5 = hashlib.md5(raw, usedforsecurity=False).digest()
    name = prepared.description.file
    return any(b.name == name and b.size == len(raw) and b.md5 in (b"", md5) for b in store.list(PRETRAINED, name))


def _unknown(store: BlobStore, backbone: str) -> UsageError:
    known = sorted({*CATALOGUE, *published_names(store)})
    close = difflib.get_close_matches(backbone, known, n=1)
    return UsageError(
        f"There is no backbone named {backbone!r}." + (f" Did you mean {close[0]}?" if close else ""),
        suggestion=f"Known: {', '.join(known)}. A network of your own is given by its path: FILE.onnx",
    )
