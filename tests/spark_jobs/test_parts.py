import io

import numpy as np
import pytest
from pyarrow import parquet

from spark_jobs.entries import Entry
from spark_jobs.parts import FOOTER, DamagedPartError, Kept, digests_in, name_of, pack, unpack


def kept(count: int, length: int = 1280) -> list[Kept]:
    values = np.random.default_rng(0).normal(size=(count, length)).astype(np.float32)
    rows = [Kept("train", Entry(f"A/{at:05d}.png", 100 + at, f"md5:{at}"), values[at], None) for at in range(count)]
    return [row._replace(features=None, reason="empty file") if at % 10 == 3 else row for at, row in enumerate(rows)]


@pytest.mark.parametrize("count", [1, 4, 128])
def test_a_part_gives_back_what_was_put_in(count: int) -> None:
    rows = kept(count)
    found = unpack(pack(rows))
    assert list(found) == [row.digest for row in rows]
    for row in rows:
        features, reason = found[row.digest]
        assert reason == row.reason
        assert (features is None) == (row.features is None)
        assert features is None or (features.dtype == np.float32 and np.array_equal(features, row.features))


def test_only_unreadable_tiles() -> None:
    rows = [row._replace(features=None, reason="not an image") for row in kept(5)]
    assert list(unpack(pack(rows)).values()) == [(None, "not an image")] * 5


def test_a_part_is_a_parquet_file_for_everybody() -> None:
    table = parquet.read_table(io.BytesIO(pack(kept(20))))
    assert table.column_names == ["container", "path", "size", "mark", "features", "reason"]
    assert table["path"].to_pylist()[:2] == ["A/00000.png", "A/00001.png"]
    assert len(table["features"][0].as_py()) == 1280
    assert table["features"][3].as_py() == []


def test_the_footer_alone_tells_the_tiles() -> None:
    rows = kept(128)
    data = pack(rows)
    assert len(data) > 10 * FOOTER
    assert digests_in(data[-FOOTER:]) == [row.digest for row in rows]
    with pytest.raises(DamagedPartError):
        digests_in(data[-600:])


def test_the_name_follows_from_the_tiles() -> None:
    rows = kept(12)
    assert name_of(rows) == name_of(kept(12)) != name_of(rows[::-1])
    assert name_of(rows).startswith("00012-")
    changed = [rows[0]._replace(entry=rows[0].entry._replace(mark="md5:other")), *rows[1:]]
    assert name_of(changed) != name_of(rows)


@pytest.mark.parametrize("damage", ["empty", "truncated", "text", "bit", "footer", "other"])
def test_damage_is_seen(damage: str) -> None:
    data = pack(kept(16))
    middle = len(data) // 2
    damaged = {
        "empty": b"",
        "truncated": data[:middle],
        "text": b"PAR1" + b"no part of anything" * 100 + b"PAR1",
        "bit": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
        "footer": data[:-8] + bytes(4) + data[-4:],
        "other": _other_parquet(),
    }[damage]
    with pytest.raises(DamagedPartError):
        unpack(damaged)


def _other_parquet() -> bytes:
    import pyarrow as pa

    sink = io.BytesIO()
    parquet.write_table(pa.table({"features": [1], "reason": ["x"]}), sink)
    return sink.getvalue()
