import numpy as np
import pytest

from aerial_ops.analysis.effect import smoothing_effect
from aerial_ops.analysis.smoothing import UNKNOWN
from tests.analysis.counties import county_like, county_with

LETTERS = {"d": "Developed", "f": "Forest"}


def test_mended_and_broken_tiles_are_counted_where_the_truth_is_known() -> None:
    county = county_like(["fffff", "fdfff", "fffff", "fffdf", "fffff"], LETTERS)
    truth = np.full(len(county), 1, dtype=np.int16)
    truth[18] = 0
    truth[0] = UNKNOWN
    found = smoothing_effect(county, truth)
    assert found is not None
    assert (found.changed, found.paired.only_a, found.paired.only_b, found.paired.total) == (2, 1, 1, 24)
    assert found.raw.accuracy == found.smoothed.accuracy == 23 / 24
    assert found.paired.interval is None


def test_smoothing_helps_where_land_is_in_patches() -> None:
    rng = np.random.default_rng(2)
    rows, cols = (index.ravel() for index in np.indices((60, 60)))
    truth = ((rows // 12 + cols // 12) % 2).astype(np.int16)
    noisy = np.where(rng.random(len(rows)) < 0.12, 1 - truth, truth)
    found = smoothing_effect(county_with(rows, cols, noisy, list(LETTERS.values())), truth)
    assert found is not None and found.paired.interval is not None
    assert found.smoothed.accuracy - found.raw.accuracy == pytest.approx(found.paired.difference)
    assert 0.05 < found.paired.interval[0] < found.paired.difference < found.paired.interval[1]


def test_without_any_truth_there_is_no_effect_to_tell() -> None:
    county = county_like(["ff"], LETTERS)
    assert smoothing_effect(county, county.indices({})) is None
