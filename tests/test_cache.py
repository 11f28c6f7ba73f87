"""Where the cache is, and what is said when it cannot be there."""

from pathlib import Path

import pytest

from aerial_ops.cache import cache_folder
from aerial_ops.errors import UsageError


def test_it_is_where_the_variables_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AERIAL_OPS_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder("jars") == tmp_path / "aerial-ops" / "jars"
    monkeypatch.setenv("AERIAL_OPS_CACHE", str(tmp_path / "mine"))
    assert cache_folder("jars", "x") == tmp_path / "mine" / "jars" / "x"
    assert cache_folder("jars", "x").is_dir()


def test_where_it_cannot_be_made_the_way_out_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("AERIAL_OPS_CACHE", str(tmp_path / "file"))
    with pytest.raises(UsageError, match=r"cannot be in .*file: Not a directory") as caught:
        cache_folder("jars")
    assert "AERIAL_OPS_CACHE" in caught.value.suggestion
