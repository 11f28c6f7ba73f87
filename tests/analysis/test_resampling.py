import numpy as np
import pytest

from aerial_ops.analysis.resampling import FEWEST_BLOCKS, blocks_of, blocks_of_tiles, bootstrap
from aerial_ops.analysis.scores import wilson
from aerial_ops.analysis.tables import Places
from aerial_ops.errors import DataError
from tests.analysis.counties import places_at

CLASSES = ("Cultivated", "Developed", "Forest")


def drawn_tiles(blocks: int, each: int, *, alike: bool, seed: int = 4) -> tuple[list[str], list[str], np.ndarray]:
    """Tiles in blocks; `alike` blocks are wholly right or wholly wrong."""
    rng = np.random.default_rng(seed)
    block = np.repeat(np.arange(blocks), each)
    true = rng.integers(0, 2, blocks * each)
    right = np.repeat(rng.random(blocks) < 0.8, each) if alike else rng.random(blocks * each) < 0.8
    predicted = np.where(right, true, 1 - true)
    return [CLASSES[i] for i in true], [CLASSES[i] for i in predicted], block


def slow(labels: list[str], predictions: list[str], block: np.ndarray, draws: int) -> np.ndarray:
    """Accuracies of draws made tile by tile, with another generator."""
    rng = np.random.default_rng(99)
    names = np.unique(block)
    found = []
    for _ in range(draws):
        tiles = [i for name in rng.choice(names, len(names)) for i in np.flatnonzero(block == name)]
        found.append(np.mean([labels[i] == predictions[i] for i in tiles]))
    return np.array(found)


def test_blocks_are_drawn_whole_as_in_the_obvious_way() -> None:
    labels, predictions, block = drawn_tiles(30, 4, alike=True)
    found = bootstrap(labels, predictions, CLASSES, block)
    assert found is not None and found.blocks == 30
    assert found.accuracy == pytest.approx(tuple(np.quantile(slow(labels, predictions, block, 1500), [0.025, 0.975])), abs=0.04)


def test_tiles_on_their_own_give_nearly_wilsons_interval() -> None:
    labels, predictions, _ = drawn_tiles(500, 2, alike=False)
    found = bootstrap(labels, predictions, CLASSES)
    right = sum(t == p for t, p in zip(labels, predictions, strict=True))
    assert found is not None and found.blocks is None
    assert found.accuracy == pytest.approx(wilson(right, 1000), abs=0.005)


def test_neighbours_that_are_alike_widen_the_interval() -> None:
    labels, predictions, block = drawn_tiles(60, 25, alike=True)
    alone, together = bootstrap(labels, predictions, CLASSES), bootstrap(labels, predictions, CLASSES, block)
    assert alone is not None and together is not None
    for name in ("accuracy", "kappa", "groups_accuracy"):
        (low, high), (wide_low, wide_high) = getattr(alone, name), getattr(together, name)
        assert wide_high - wide_low > 3 * (high - low), name


def test_the_seed_decides_and_the_order_of_block_names_does_not() -> None:
    labels, predictions, block = drawn_tiles(40, 3, alike=True)
    one = bootstrap(labels, predictions, CLASSES, block, draws=200)
    assert one == bootstrap(labels, predictions, CLASSES, block * 7 + 1000, draws=200)
    assert one != bootstrap(labels, predictions, CLASSES, block, draws=200, seed=1)


def test_a_class_that_does_not_occur_has_no_interval() -> None:
    labels, predictions, _ = drawn_tiles(50, 2, alike=False)
    found = bootstrap(labels, predictions, CLASSES, draws=100)
    assert found is not None
    assert found.recall["Forest"] is None and found.precision["Forest"] is None and found.f1["Forest"] is None
    assert found.recall["Developed"] is not None
    only_predicted = bootstrap(["Cultivated"] * 9, ["Forest"] * 9, CLASSES, draws=10)
    assert only_predicted is not None
    assert (only_predicted.recall["Forest"], only_predicted.precision["Forest"]) == (None, (0, 0))


def test_few_blocks_and_no_tiles_give_no_interval() -> None:
    labels, predictions, block = drawn_tiles(FEWEST_BLOCKS - 1, 5, alike=False)
    assert bootstrap(labels, predictions, CLASSES, block) is None
    assert bootstrap([], [], CLASSES) is None
    assert bootstrap(*drawn_tiles(FEWEST_BLOCKS, 5, alike=False)[:2], CLASSES, np.repeat(np.arange(FEWEST_BLOCKS), 5)) is not None


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(DataError, match="'Water' is not among"):
        bootstrap(["Water"], ["Forest"], CLASSES)
    with pytest.raises(DataError, match="one each a tile"):
        bootstrap(["Forest"] * 3, ["Forest"] * 2, CLASSES)
    with pytest.raises(DataError, match="one each a tile"):
        bootstrap(["Forest"] * 3, ["Forest"] * 3, CLASSES, np.zeros(2, dtype=int))


def test_blocks_are_squares_on_the_ground() -> None:
    step = 224 / 111_080
    latitude = np.repeat(42 + np.arange(40) * step, 40)
    longitude = np.tile(-71 + np.arange(40) * step / np.cos(np.radians(42)), 40)
    blocks = blocks_of(latitude, longitude, 2240.0)
    sizes = np.bincount(blocks)
    assert 16 <= len(sizes) <= 36 and sizes.max() <= 121
    for block in range(len(sizes)):
        inside = blocks == block
        assert np.ptp(latitude[inside]) * 111_080 < 2300
        assert np.ptp(longitude[inside]) * 111_320 * np.cos(np.radians(42)) < 2300
    assert len(blocks_of(np.zeros(0), np.zeros(0), 1.0)) == 0


@pytest.mark.parametrize("metres", [48.0, 224.0])
def test_blocks_of_tiles_are_ten_tiles_wide_and_strangers_stand_alone(metres: float) -> None:
    rows, cols = (index.ravel() for index in np.indices((40, 40)))
    places = places_at(rows, cols, metres=metres)
    names = ["strange.png", *(f"Forest/{name}" for name in reversed(places.names)), "other.png"]
    folders = Places([f"Forest/{n}" for n in places.names], places.south, places.west, places.north, places.east)
    blocks = blocks_of_tiles(folders, names)
    assert blocks is not None and blocks[0] != blocks[-1]
    sizes = np.unique(blocks, return_counts=True)[1]
    assert sorted(sizes)[:2] == [1, 1] and 16 <= len(sizes) - 2 <= 25 and sizes.max() in (100, 90, 81, 110, 121)
    inside = blocks[1:-1] == blocks[1]
    assert np.ptp(rows[::-1][inside]) < 11 and np.ptp(cols[::-1][inside]) < 11
    assert blocks_of_tiles(folders, ["strange.png"]) is None
