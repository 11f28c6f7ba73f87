from pathlib import Path

import pytest

from aerial_ops.emulator.connection import FILE, Connection, read_connection, write_connection
from aerial_ops.errors import EmulatorError

CONNECTION = Connection(account="a", key="k", livy_url="https://localhost:2/livy", livy_user="u", livy_password="p", livy_port=3)


def test_round_trip_readable_by_the_owner_only(tmp_path: Path) -> None:
    assert read_connection(tmp_path) is None
    write_connection(tmp_path, CONNECTION)
    assert read_connection(tmp_path) == CONNECTION
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"account": "a"}', b"\xff\xfe\x00"])
def test_a_damaged_file_is_told_with_the_way_out(tmp_path: Path, data: bytes) -> None:
    (tmp_path / FILE).write_bytes(data)
    with pytest.raises(EmulatorError, match="is damaged") as caught:
        read_connection(tmp_path)
    assert "aerial-ops emulator start" in caught.value.suggestion
