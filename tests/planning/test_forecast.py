import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerial_ops.planning.forecast import MAP_FEATURES, REQUESTS_A_SECOND, Forecast, Workload, cheapest, forecast
from aerial_ops.planning.rates import Rates
from spark_jobs.cutting import LEAST, slice_counts

RATES = Rates(featurise=80.0, fit=0.006, predict=0.002, listing=5000.0, start=40.0, source="a test")
MISSION = Workload(train=44_000, test=11_000, county=67_000)
WORK = st.builds(
    Workload,
    train=st.integers(1, 100_000),
    test=st.integers(1, 100_000),
    county=st.integers(0, 100_000),
    backbones=st.integers(1, 3),
    classifiers=st.integers(1, 3),
)


def of(workers: int, work: Workload = MISSION) -> Forecast:
    return forecast(work, workers, 4, RATES, usd_per_hour=1.0 + workers)


def seconds(found: Forecast, stage: str) -> float:
    return next(one.seconds for one in found.stages if one.name == stage)


@given(WORK, st.integers(1, 200))
def test_more_workers_never_take_longer(work: Workload, workers: int) -> None:
    assert of(workers + 1, work).seconds <= of(workers, work).seconds


@given(WORK, st.integers(1, 200))
def test_the_price_is_that_of_the_minutes_from_the_order_to_the_removal(work: Workload, workers: int) -> None:
    found = of(workers, work)
    assert found.billed_seconds == pytest.approx(found.seconds - seconds(found, "make the data layer"))
    assert found.usd is not None
    minutes = round(found.usd / (1.0 + workers) * 60)
    assert found.usd == pytest.approx(minutes / 60 * (1.0 + workers))
    assert 60 * (minutes - 1) < found.billed_seconds <= 60 * minutes + 0.001


@pytest.mark.parametrize(
    ("create", "remove", "minutes"),
    [
        (20, 5, 25),
        (20.5, 5, 26),
        (20, 5.0001, 26),
        (0.5, 0.25, 1),
        (0.007, 1.993, 2),
        (0.001, 1.999, 2),
    ],  # two sums are 120.00000000000001 s
)
def test_minutes_that_are_begun_are_paid_and_none_that_is_but_a_rounding(create: float, remove: float, minutes: int) -> None:
    nothing = Workload(0, 0, 0, backbones=0, classifiers=0, create_minutes=create, remove_minutes=remove)
    assert forecast(nothing, 1, 4, RATES, usd_per_hour=60.0).usd == pytest.approx(minutes)


@given(st.integers(1, 100_000), st.integers(1, 50))
def test_features_take_what_the_cores_can_at_best_and_one_batch_more_at_worst(tiles: int, workers: int) -> None:
    took = seconds(of(workers, Workload(tiles, 0, 0)), "features to train and test")
    ideal = tiles / (RATES.featurise * workers * 4)
    assert ideal * 0.999 <= took <= ideal + LEAST / RATES.featurise + 1e-9


@given(st.integers(1, 5_000), st.integers(1, 30))
def test_the_tasks_are_those_that_the_jobs_cut(tiles: int, workers: int) -> None:
    [tasks] = slice_counts([tiles], 4 * workers)
    limit = next(one.limit for one in of(workers, Workload(0, 0, tiles)).stages if one.name == MAP_FEATURES)
    assert limit == f"{tasks} tasks on {4 * workers} cores: {math.ceil(tasks / (4 * workers))} wave(s)"


def test_storage_limits_a_cluster_that_is_fast_enough() -> None:
    fast = Rates(featurise=1000.0, fit=0, predict=0, listing=1e9, start=0, source="a test")
    found = forecast(Workload(512_000, 0, 0), 1000, 4, fast)
    stage = next(one for one in found.stages if one.name == "features to train and test")
    assert stage.seconds == pytest.approx(512_000 / REQUESTS_A_SECOND)
    assert "requests" in stage.limit
    assert found.usd is None


def test_images_that_take_longer_than_the_cluster_are_waited_for() -> None:
    few, many = of(4), of(4, Workload(2_000_000, 0, 0))
    assert seconds(few, "copy the rest of the images") == 0
    assert seconds(many, "copy the rest of the images") == pytest.approx(2_000_000 / 600 - 1200)


def test_the_cheapest_that_ends_in_time_is_as_a_search_of_all_finds_it() -> None:
    limit = of(12).seconds
    found = cheapest(range(1, 81), of, limit)
    slow = [of(workers) for workers in range(1, 81) if of(workers).seconds <= limit]
    assert found is not None
    assert found.usd == min(one.usd for one in slow if one.usd is not None)


def test_none_ends_in_less_than_making_a_cluster_takes() -> None:
    assert cheapest(range(1, 41), of, 60.0) is None
