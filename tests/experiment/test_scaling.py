"""When scaling before the scoring saves money, and that it is done then."""

from hypothesis import given
from hypothesis import strategies as st

from aerial_ops.experiment.scaling import STAGES, saves, usd_to_score
from aerial_ops.planning.forecast import Workload, forecast
from aerial_ops.planning.rates import MEASURED_BEFORE

HOURLY = {workers: 1.5 + 0.5 * workers for workers in (1, 4, 40, 80)}


def usd(tiles: int) -> dict[int, float]:
    return {workers: usd_to_score(tiles, workers, 4, MEASURED_BEFORE, hourly) for workers, hourly in HOURLY.items()}


def test_the_stages_of_a_scoring_are_those_of_the_forecast() -> None:
    names = [stage.name for stage in forecast(Workload(1, 1, 1), 1, 4, MEASURED_BEFORE).stages]
    assert [name for name in names if name in STAGES] == list(STAGES)


def test_fewer_workers_are_not_worth_the_scaling_of_a_small_county() -> None:
    assert usd(560)[1] < usd(560)[4]
    assert not saves(4, 1, usd(560), HOURLY)


def test_more_workers_save_when_the_heads_are_paid_for_less_long() -> None:
    assert saves(1, 4, usd(3_000_000), HOURLY)
    assert not saves(4, 1, usd(3_000_000), HOURLY)


@given(st.integers(1, 5_000_000), st.sampled_from(sorted(HOURLY)), st.sampled_from(sorted(HOURLY)))
def test_never_both_ways(tiles: int, now: int, asked: int) -> None:
    assert not (saves(now, asked, usd(tiles), HOURLY) and saves(asked, now, usd(tiles), HOURLY))
