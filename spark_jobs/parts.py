"""A part of the feature cache: one Parquet file, with the digests of its tiles in its footer and a checksum over all."""

from __future__ import annotations

import base64
import hashlib
import io
from typing import Any, NamedTuple, Optional, Sequence, Tuple

import numpy as np
from numpy.typing import NDArray

from spark_jobs.entries import Entry

FORMAT = 1  # of these files; goes into the cache folder's hash
FOOTER = 16 * 1024  # holds the footer of a part of 128 tiles twice over
DIGEST = 16

# Features float32 [length], or the reason why the tile cannot be used.
Result = Tuple[Optional["NDArray[np.float32]"], Optional[str]]


class DamagedPartError(Exception):
    """The bytes are not a whole part."""


class Kept(NamedTuple):
    """What became of one tile: float32 features, or the reason why it cannot be used."""

    container: str
    entry: Entry
    features: NDArray[np.float32] | None
    reason: str | None

    @property
    def digest(self) -> bytes:
        """Stands for the tile's content and place."""
        return self.entry.digest(self.container)


def name_of(rows: Sequence[Kept]) -> str:
    """COUNT-DIGEST.parquet: the same tiles make the same name, so writing a part twice is writing it once."""
    digest = hashlib.blake2b(b"".join(row.digest for row in rows), digest_size=DIGEST).hexdigest()
    return f"{len(rows):05d}-{digest}.parquet"


def pack(rows: Sequence[Kept]) -> bytes:
    """A Parquet file of container, path, size, mark, features (a list, empty without any) and reason."""
    import pyarrow as pa
    from pyarrow import parquet

    made = [row.features for row in rows if row.features is not None]
    values = np.concatenate(made) if made else np.empty(0, np.float32)
    lengths = [0 if row.features is None else len(row.features) for row in rows]
    reasons = [row.reason for row in rows]
    digests = b"".join(row.digest for row in rows)
    columns = {
        "container": pa.array([row.container for row in rows], pa.string()),
        "path": pa.array([row.entry.name for row in rows], pa.string()),
        "size": pa.array([row.entry.size for row in rows], pa.int64()),
        "mark": pa.array([row.entry.mark for row in rows], pa.string()),
        "features": pa.ListArray.from_arrays(pa.array(np.cumsum([0, *lengths]), pa.int32()), pa.array(values, pa.float32())),
        "reason": pa.array(reasons, pa.string()),
    }
    about = {"digests": base64.b64encode(digests).decode(), "checksum": _checksum(digests, values, lengths, reasons)}
    sink = io.BytesIO()
    # Features do not shrink, and uncompressed floats are read at the speed of memory.
    table = pa.table(columns).replace_schema_metadata(about)
    parquet.write_table(table, sink, compression="NONE", use_dictionary=False, write_statistics=False)
    return sink.getvalue()


def digests_in(footer: bytes) -> list[bytes]:
    """The digests of a part's tiles, from the file's last bytes. Raises DamagedPartError, also when these are too few."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return _split(parquet.read_metadata(pa.BufferReader(footer)).metadata)
    except (pa.ArrowException, ValueError, KeyError, TypeError, OSError) as error:
        raise DamagedPartError(str(error)) from error


def unpack(data: bytes) -> dict[bytes, Result]:
    """Features or reason by digest. Raises DamagedPartError."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.ParquetFile(pa.BufferReader(data)).read(columns=["features", "reason"], use_threads=False)
        about: Any = table.schema.metadata or {}
        digests = _split(about)
        lists = table.column("features").combine_chunks()
        lists = lists.chunk(0) if isinstance(lists, pa.ChunkedArray) else lists
        values: NDArray[np.float32] = lists.flatten().to_numpy(zero_copy_only=False)
        ends = np.asarray(lists.offsets.to_numpy(zero_copy_only=False), np.int64)
        reasons = table.column("reason").to_pylist()
    except (pa.ArrowException, ValueError, KeyError, TypeError, OSError, IndexError) as error:
        raise DamagedPartError(str(error)) from error
    starts, lengths = ends[:-1] - ends[0], np.diff(ends).tolist()
    found = about.get(b"checksum", b"").decode()
    if len(digests) != len(reasons) or _checksum(b"".join(digests), values, lengths, reasons) != found:
        raise DamagedPartError("the checksum differs")
    rows = zip(digests, starts.tolist(), lengths, reasons)
    return {digest: (values[at : at + length] if reason is None else None, reason) for digest, at, length, reason in rows}


def _split(about: Any) -> list[bytes]:
    joined = base64.b64decode(about[b"digests"])
    return [joined[at : at + DIGEST] for at in range(0, len(joined), DIGEST)]


def _checksum(digests: bytes, values: NDArray[np.float32], lengths: Sequence[int], reasons: Sequence[str | None]) -> str:
    found = hashlib.blake2b(digests, digest_size=16)
    found.update(values.tobytes())
    found.update(repr((list(lengths), list(reasons))).encode())
    return found.hexdigest()
