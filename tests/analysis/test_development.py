import numpy as np
import pytest

from aerial_ops.analysis.development import newly_developed
from aerial_ops.analysis.metrics import Metrics
from tests.analysis.counties import county_like, county_with

LETTERS = {"c": "Cultivated", "d": "Developed", "f": "Forest"}
CLASSES = tuple(LETTERS.values())


def test_it_is_where_the_map_says_developed_and_the_older_labels_say_otherwise() -> None:
    county = county_like(["ddf", "fcd"], LETTERS)
    names = county.places.names
    older = dict(zip(names, ["Developed", "Forest", "Forest", "Forest", "Cultivated", "Water"], strict=True))
    found = newly_developed(county, older, np.array([0.9, 0.8, 0.1, 0.1, 0.1, 0.6]))
    assert found.tiles.tolist() == [False, True, False, False, False, True]
    assert found.compared == 6 and found.false_alarms is None
    (place,) = found.clusters
    assert place.before == {"Forest": 1, "Water": 1}
    assert place.confidence == pytest.approx(0.7, abs=1e-4)
    assert found.hectares == pytest.approx(place.hectares) == pytest.approx(2 * 5.02, abs=0.1)


def test_tiles_without_an_older_label_are_not_compared() -> None:
    county = county_like(["dd"], LETTERS)
    found = newly_developed(county, {"t_00001.png": "Forest", "elsewhere.png": "Forest"})
    assert (found.compared, found.tiles.tolist()) == (1, [False, True])
    assert newly_developed(county, {}).clusters == ()


def test_a_model_without_the_class_finds_nothing() -> None:
    county = county_like(["ff"], {"f": "Forest"})
    found = newly_developed(county, {"t_00000.png": "Shrub", "t_00001.png": "Shrub"})
    assert not found.tiles.any() and found.compared == 2


def test_the_smoothed_map_has_no_single_tiles() -> None:
    county = county_like(["fff", "fdf", "fff"], LETTERS)
    older = dict.fromkeys(county.places.names, "Forest")
    assert len(newly_developed(county, older).clusters) == 1
    assert len(newly_developed(county, older, smoothed=True).clusters) == 0


def test_the_false_alarms_are_as_many_as_a_model_makes_where_nothing_was_built() -> None:
    rng = np.random.default_rng(3)
    mapped_as = np.array([[0.8, 0.15, 0.05], [0.1, 0.85, 0.05], [0.02, 0.03, 0.95]])
    metrics = Metrics.from_confusion(CLASSES, np.stack([rng.multinomial(300, row) for row in mapped_as]))
    rows, cols = (index.ravel() for index in np.indices((50, 60)))
    truth = rng.choice(3, len(rows), p=[0.3, 0.2, 0.5])
    labels = np.array([rng.choice(3, p=mapped_as[label]) for label in truth])
    county = county_with(rows, cols, labels, CLASSES)
    older = {name: CLASSES[label] for name, label in zip(county.places.names, truth, strict=True)}
    found = newly_developed(county, older, metrics=metrics)
    alarms = found.false_alarms
    assert alarms is not None
    confusion = np.array(metrics.confusion)
    assert alarms.tiles == pytest.approx(sum((truth == c).sum() * confusion[c, 1] / confusion[c].sum() for c in (0, 2)))
    assert alarms.low < found.tiles.sum() < alarms.high


def test_without_test_tiles_of_an_older_class_the_false_alarms_are_not_known() -> None:
    county = county_like(["df"], LETTERS)
    older = {"t_00000.png": "Water", "t_00001.png": "Forest"}
    metrics = Metrics.from_confusion(CLASSES, [[9, 1, 0], [0, 9, 1], [1, 0, 9]])
    assert newly_developed(county, older, metrics=metrics).false_alarms is None
    forest = dict.fromkeys(older, "Forest")
    few = newly_developed(county, forest, metrics=metrics).false_alarms
    assert few is not None and few.tiles == 0 and few.high > 0
