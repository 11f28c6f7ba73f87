import numpy as np
import pytest

from aerial_ops.analysis.report import results_of, words
from aerial_ops.analysis.report.comparison import compare
from aerial_ops.analysis.report.scores import drawn_again
from aerial_ops.analysis.report.sources import ReportData, collect
from aerial_ops.analysis.tables import read_predictions
from aerial_ops.storage import layout
from tests.analysis import synthetic
from tests.analysis.counties import places_at
from tests.memory_store import MemoryStore


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    synthetic.train(store, "rf1", 0.2, 0, tiles=400)
    synthetic.train(store, "lr1", 0.5, 0, tiles=400)
    return store


def give_places(store: MemoryStore, across: int) -> None:
    """Lay the test tiles out, `across` in a row."""
    paths = read_predictions(store.read(layout.PREDICTIONS, layout.test_predictions("rf1")), "p", labelled=True).paths
    at = places_at(np.arange(len(paths)) // across, np.arange(len(paths)) % across)
    rows: list[tuple[object, ...]] = list(zip(paths, at.south, at.west, at.north, at.east, strict=True))
    header = ("filename", "llcrnrlat", "llcrnrlon", "urcrnrlat", "urcrnrlon")
    store.write(layout.TEST, layout.TEST_PLACES, synthetic.table(header, rows))


def collected(store: MemoryStore) -> ReportData:
    return collect(results_of(store), "rf1")  # type: ignore[arg-type]


def test_where_places_are_known_the_interval_is_drawn_by_place(store: MemoryStore) -> None:
    assert "Drawn by place" not in words.summary(collected(store))[0]
    give_places(store, 1)
    data = collected(store)
    drawn = drawn_again(data)
    assert drawn is not None and drawn.blocks in (40, 41)
    assert f"Drawn by place, from {drawn.blocks} blocks of ground, the interval is " in words.summary(data)[0]


def test_of_too_few_places_nothing_is_said(store: MemoryStore) -> None:
    give_places(store, 20)
    assert drawn_again(collected(store)) is None
    assert "Drawn by place" not in words.summary(collected(store))[0]


def test_two_models_are_compared_by_place(store: MemoryStore) -> None:
    alone = compare(results_of(store), "lr1", "rf1").paired  # type: ignore[arg-type]
    give_places(store, 1)
    by_place = compare(results_of(store), "lr1", "rf1").paired  # type: ignore[arg-type]
    assert alone is not None and by_place is not None and alone.interval and by_place.interval
    assert alone.difference == by_place.difference and alone.interval != by_place.interval
