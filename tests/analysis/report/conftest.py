from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aerial_ops.analysis.report import write_report
from aerial_ops.analysis.report.browser import find_browser, options
from aerial_ops.analysis.report.results import results_of
from aerial_ops.analysis.report.sources import ReportData, collect
from tests.analysis import synthetic
from tests.memory_store import MemoryStore

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def full_store() -> MemoryStore:
    """Four models and a scored county; tests that change it take `store`."""
    store = MemoryStore()
    synthetic.fill(store)
    return store


@pytest.fixture
def store(full_store: MemoryStore) -> MemoryStore:
    copy = MemoryStore()
    copy.blobs = dict(full_store.blobs)
    return copy


@pytest.fixture(scope="session")
def data(full_store: MemoryStore) -> ReportData:
    return collect(results_of(full_store), "rf1")  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def page(full_store: MemoryStore, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "rf1.html"
    write_report(full_store, "rf1", path)  # type: ignore[arg-type]
    return path


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """A real browser without a window; not for longer than a module: Playwright keeps an event loop running meanwhile."""
    program = find_browser()
    if program is None:
        pytest.skip("there is no Chromium, Chrome or Edge on this machine (Debian and Ubuntu: apt install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(options()))
        yield browser
        browser.close()
