"""Bring a model's results to this machine: predictions, the tiles' places, rejected images, model.info, run records."""

from collections.abc import Iterator
from pathlib import Path

from aerial_ops.errors import BlobNotFoundError, UsageError
from aerial_ops.reporting import SILENT, Reporter
from aerial_ops.storage import layout
from aerial_ops.storage.blobs import BlobStore


def download_results(store: BlobStore, name: str, out: Path, report: Reporter = SILENT) -> list[Path]:
    """Write model `name`'s results below `out`, each file whole or not at all. Raises UsageError when there are none."""
    found = list(_results(store, name))
    if not found:
        raise UsageError(f"There is nothing of a model {name!r} to download.", suggestion="What there is: aerial-ops runs list")
    for table, container, places in (
        (layout.test_predictions(name), layout.TEST, (layout.TEST_PLACES,)),
        (layout.county_predictions(name), layout.COUNTY, (layout.TILE_SUMMARIES, layout.OLDER_LABELS)),
    ):
        if any(blob == table for _, blob, _ in found):
            found += [(container, one, one) for one in places if store.exists(container, one)]
    written = []
    with report.task("Downloading", len(found), "files") as task:
        for container, blob, file in found:
            path = out / file
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f".{path.name}.part")
            draft.write_bytes(store.read(container, blob))
            draft.replace(path)
            written.append(path)
            task.advance()
    return written


def _results(store: BlobStore, name: str) -> Iterator[tuple[str, str, str]]:
    """Container, blob and file name below the output folder."""
    wanted = {layout.test_predictions(name), layout.county_predictions(name), layout.rejected(name)}
    wanted |= {str(Path(one).with_suffix(".parquet")) for one in wanted}
    for container, prefix in (
        (layout.PREDICTIONS, f"{name}_"),
        (layout.TRAINED, f"{name}/model.info"),
        (layout.RUNS, f"{name}-"),
    ):
        try:
            blobs = [blob.name for blob in store.list(container, prefix)]
        except BlobNotFoundError:
            continue
        for blob in blobs:
            if container == layout.PREDICTIONS and blob in wanted:
                yield container, blob, blob
            elif container == layout.TRAINED:
                yield container, blob, "model.info"
            elif (
                container == layout.RUNS
                and blob.endswith("/record.json")
                and blob.startswith((f"{name}-train-", f"{name}-score-"))
            ):
                yield container, blob, f"runs/{blob.split('/')[0]}.json"
