"""Which blobs hold run records, and what their names tell of the runs: so that the newest are found without reading all."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aerial_ops.storage.listing import BlobInfo

RECORD = "record.json"
MARGIN = timedelta(seconds=2)  # between the moment in a run's id and the one in its record
_ID = re.compile(r"(?P<name>.+)-(?P<kind>[a-z]+)-(?P<moment>\d{8}T\d{6})-[0-9a-f]+")
_ALWAYS = datetime.max.replace(tzinfo=UTC) - MARGIN


@dataclass(frozen=True, slots=True)
class Found:
    """A record's blob, with the run's name, kind and beginning as its id tells them; of another id nothing is known before."""

    blob: "BlobInfo"
    name: str | None = None
    kind: str | None = None
    began: datetime = _ALWAYS

    def may_be(self, kind: str | None, name: str | None) -> bool:
        """Whether it can be the record of a run of that kind and name (None: of any)."""
        return self.name is None or (kind in (None, self.kind) and name in (None, self.name))


def newest_first(blobs: "Iterable[BlobInfo]") -> list[Found]:
    """The records among the files of all runs; those with an id of another form come first."""
    found = [_found(blob) for blob in blobs if blob.name.endswith("/" + RECORD)]
    return sorted(found, key=lambda one: (one.began, one.blob.name), reverse=True)


def growing(found: Sequence[Found], first: int, most: int) -> Iterator[tuple[Sequence[Found], datetime]]:
    """Batches, each twice as long as the one before; with each the moment before which all other runs began."""
    start, size = 0, first
    while start < len(found):
        end = start + size
        yield found[start:end], found[end].began if end < len(found) else datetime.min.replace(tzinfo=UTC) + MARGIN
        start, size = end, min(2 * size, most)


def _found(blob: "BlobInfo") -> Found:
    parts = _ID.fullmatch(blob.name.split("/", 1)[0])
    try:
        began = datetime.strptime(parts["moment"], "%Y%m%dT%H%M%S").replace(tzinfo=UTC) if parts else _ALWAYS
    except ValueError:
        parts = None
    return Found(blob, parts["name"], parts["kind"], began) if parts else Found(blob)
