"""pytester gives each inner run a home folder of its own; the cache of downloads stays the outer one."""

import pytest

from aerial_ops.cache import cache_folder

CACHE = str(cache_folder())


@pytest.fixture(autouse=True)
def cache_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AERIAL_OPS_CACHE", CACHE)
