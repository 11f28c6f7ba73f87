import numpy as np
import pytest

from aerial_ops.analysis.change import change_clusters, compare_scorings
from aerial_ops.analysis.metrics import Metrics
from aerial_ops.errors import DataError
from tests.analysis.counties import county_like, county_with

LETTERS = {"c": "Cultivated", "d": "Developed", "f": "Forest"}
CLASSES = tuple(LETTERS.values())
MAPPED_AS = np.array([[0.8, 0.15, 0.05], [0.1, 0.85, 0.05], [0.02, 0.03, 0.95]])


def metrics_of(rng: np.random.Generator, each: int = 400) -> Metrics:
    return Metrics.from_confusion(CLASSES, np.stack([rng.multinomial(each, row) for row in MAPPED_AS]))


def mapped(rng: np.random.Generator, truth: np.ndarray) -> np.ndarray:
    return np.array([rng.choice(3, p=MAPPED_AS[label]) for label in truth])


def test_land_is_counted_from_class_to_class() -> None:
    before = county_like(["ffc", "ffc"], LETTERS, turned=2.0)
    after = county_like(["fdc", "fdd", "ff "], LETTERS, turned=2.0)
    found = compare_scorings(before, after)
    assert (found.classes, found.only_before, found.only_after) == (CLASSES, 0, 2)
    cell = after.area[0] / 10_000
    expected = np.zeros((3, 3))
    expected[2, 2] = expected[2, 1] = 2
    expected[0, 0] = expected[0, 1] = 1
    assert found.hectares / cell == pytest.approx(expected, rel=1e-3)
    assert found.share == pytest.approx(0.5, rel=1e-3) and found.changed.sum() == 3
    assert found.by_error is None and found.beyond_error is None


def test_the_same_map_twice_has_not_changed() -> None:
    county = county_like(["fdc", "ffd"], LETTERS)
    found = compare_scorings(county, county)
    assert found.share == 0 and not found.changed.any() and found.matches.apart == 0


def test_classes_of_either_map_are_kept() -> None:
    before, after = county_like(["fw"], {"f": "Forest", "w": "Water"}), county_like(["fd"], {"d": "Developed", "f": "Forest"})
    found = compare_scorings(before, after)
    assert found.classes == ("Developed", "Forest", "Water")
    assert found.hectares[2, 0] > 0 and found.share == pytest.approx(0.5)


def test_places_that_changed_are_told_by_what_they_were_and_are() -> None:
    before = county_like(["ffcf", "ffcf", "ffcf"], LETTERS)
    after = county_like(["fddf", "fddf", "ffcc"], LETTERS)
    change = compare_scorings(before, after)
    places = change_clusters(change, after, np.linspace(0.1, 0.9, 12))
    told = {(next(iter(place.before)), next(iter(place.after)), tuple(sorted(place.tiles.tolist()))) for place in places}
    assert told == {("Forest", "Developed", (1, 5)), ("Cultivated", "Developed", (2, 6)), ("Forest", "Cultivated", (11,))}
    assert places[0].tiles.tolist() == [11] and change_clusters(change, after)[0].confidence is None


def test_where_nothing_changed_mistakes_explain_the_change() -> None:
    rng = np.random.default_rng(1)
    rows, cols = (index.ravel() for index in np.indices((60, 60)))
    truth = rng.choice(3, len(rows), p=[0.3, 0.1, 0.6])
    before, after = (county_with(rows, cols, mapped(rng, truth), CLASSES) for _ in range(2))
    found = compare_scorings(before, after, tested=(metrics_of(rng), metrics_of(rng)))
    assert found.by_error is not None and found.beyond_error is not None
    assert found.by_error.low < found.share < found.by_error.high
    assert found.by_error.hectares.sum() == pytest.approx(found.hectares.sum())
    shares = np.bincount(truth, minlength=3) / len(truth)
    exact = sum(share * np.outer(row, row) for share, row in zip(shares, MAPPED_AS, strict=True))
    assert found.by_error.hectares / found.hectares.sum() == pytest.approx(exact, abs=0.02)
    assert 1 - np.trace(found.by_error.hectares) / found.hectares.sum() == pytest.approx(found.by_error.share)


def test_change_beyond_mistakes_is_told() -> None:
    rng = np.random.default_rng(12)
    rows, cols = (index.ravel() for index in np.indices((50, 50)))
    truth = rng.choice(3, len(rows), p=[0.3, 0.1, 0.6])
    now = np.where((truth == 2) & (rng.random(len(truth)) < 0.5), 1, truth)
    before, after = (county_with(rows, cols, mapped(rng, labels), CLASSES) for labels in (truth, now))
    metrics = metrics_of(rng)
    found = compare_scorings(before, after, tested=(metrics, metrics))
    assert found.by_error is not None and found.share > found.by_error.high
    assert found.beyond_error == pytest.approx(found.share - found.by_error.share)
    assert 0.1 < (found.beyond_error or 0) < 0.35


def test_a_class_that_was_never_tested_leaves_the_share_of_mistakes_open() -> None:
    before, after = county_like(["fc"], LETTERS), county_like(["fd"], LETTERS)
    without = Metrics.from_confusion(CLASSES, [[0, 0, 0], [1, 8, 1], [0, 2, 8]])
    whole = Metrics.from_confusion(CLASSES, [[9, 1, 0], [1, 8, 1], [0, 2, 8]])
    assert compare_scorings(before, after, tested=(whole, without)).by_error is None
    assert compare_scorings(before, after, tested=(whole, whole)).by_error is not None
    assert compare_scorings(after, after, tested=(without, without)).by_error is not None
    assert compare_scorings(before, after, tested=(whole, whole), smoothed=True).by_error is None


def test_maps_of_different_places_are_refused() -> None:
    before, after = county_like(["fc"], LETTERS), county_like(["fd"], LETTERS, shift=(9_000.0, 0.0))
    with pytest.raises(DataError, match="no place in common"):
        compare_scorings(before, after)
