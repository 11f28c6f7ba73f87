"""The plot of how the jobs scale says what its figures say."""

import re
from typing import Any
from xml.etree import ElementTree

import pytest

from aerial_ops.planning.forecast import MAP_FEATURES, Workload, forecast
from aerial_ops.planning.rates import MEASURED_BEFORE
from benchmarks.scaling import with_estimates
from benchmarks.scaling_picture import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, picture


@pytest.fixture
def figures() -> dict[str, Any]:
    measured = {1: {"seconds": 10.24, "images_per_second": 100.0}, 2: {"seconds": 5.69, "images_per_second": 180.0}}
    return with_estimates(1024, measured)


def test_the_curve_is_that_of_estimate_with_the_speed_of_all_cores_at_work(figures: dict[str, Any]) -> None:
    rates = MEASURED_BEFORE.__class__(90.0, 0.006, 0.002, 5000.0, 40.0, "a test")
    by_cores = {one["cores"]: one for one in figures["curve"]}
    assert set(by_cores) == {1, 2, *range(4, 161, 4)}
    for workers in (1, 7, 40):
        stage = next(one for one in forecast(Workload(0, 0, 11_760), workers, 4, rates).stages if one.name == MAP_FEATURES)
        assert by_cores[4 * workers]["stage_seconds"] == pytest.approx(stage.seconds, abs=0.01)
        assert by_cores[4 * workers]["job_seconds"] > 40 + stage.seconds


def test_a_measurement_stands_beside_what_the_estimate_says_of_it(figures: dict[str, Any]) -> None:
    one, two = figures["measured"][1], figures["measured"][2]
    assert one["estimated_seconds"] == pytest.approx(1024 / 90, abs=0.01)
    assert one["estimate_error"] == pytest.approx(0.111, abs=0.001)
    assert abs(two["estimate_error"]) < 0.002


def test_the_picture_is_whole_and_nothing_is_outside_of_it(figures: dict[str, Any]) -> None:
    root = ElementTree.fromstring(picture(figures))
    words = " ".join(one.text or "" for one in root.iter() if one.text)
    assert "65 s, 181 images/s" in words
    assert f"{figures['curve'][-1]['stage_seconds']:.1f} s" in words
    for line in root.iter("{http://www.w3.org/2000/svg}polyline"):
        for x, y in re.findall(r"([-\d.]+),([-\d.]+)", line.attrib["points"]):
            assert LEFT <= float(x) <= RIGHT
            assert TOP <= float(y) <= BOTTOM
    for text in root.iter("{http://www.w3.org/2000/svg}text"):
        assert 0 < float(text.attrib["x"]) < WIDTH
        assert 0 < float(text.attrib["y"]) < HEIGHT
