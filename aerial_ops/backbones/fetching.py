"""Fetch several networks; one that cannot be had does not keep the others away."""

from collections.abc import Sequence
from pathlib import Path

from aerial_ops.backbones.catalogue import CATALOGUE
from aerial_ops.backbones.prepared import Description
from aerial_ops.backbones.sources import NetworkOptions
from aerial_ops.backbones.store import fetch
from aerial_ops.errors import BackboneError, UsageError
from aerial_ops.reporting import Reporter
from aerial_ops.storage.blobs import BlobStore


def fetch_all(
    store: BlobStore, names: Sequence[str], *, options: NetworkOptions, file: Path | None, overwrite: bool, report: Reporter
) -> list[Description]:
    """Prepare and publish the networks called `names`, or the whole catalogue.

    With several, a BackboneError comes at the end and tells what failed and what was done; its suggestion is the first one's.
    """
    if file is not None and len(names) != 1:
        raise UsageError("--from belongs to one network.", suggestion="aerial-ops models fetch NAME --from FILE")
    if file is not None and not file.is_file():
        raise UsageError(f"There is no file {file}.")
    wanted = list(dict.fromkeys(names)) or list(CATALOGUE)
    if len(wanted) == 1:
        return [fetch(store, wanted[0], options=options, file=file, overwrite=overwrite, report=report)]
    done: list[Description] = []
    failed: list[BackboneError] = []
    for name in wanted:
        try:
            done.append(fetch(store, name, options=options, overwrite=overwrite, report=report))
        except BackboneError as error:
            failed.append(error)
    if failed:
        fetched = ", ".join(description.name for description in done)
        raise BackboneError(
            " ".join(error.message for error in failed),
            left=f"Fetched: {fetched}." if fetched else "",
            suggestion=failed[0].suggestion,
            data={"fetched": [description.model_dump(mode="json") for description in done]},
        )
    return done
