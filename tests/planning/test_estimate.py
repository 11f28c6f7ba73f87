from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aerial_ops.clouds.azure import AzureCloud
from aerial_ops.errors import UsageError
from aerial_ops.infrastructure.site import Site
from aerial_ops.infrastructure.terraform.progress import CLUSTER
from aerial_ops.planning.estimate import estimate, known_rates
from aerial_ops.planning.forecast import Workload
from aerial_ops.planning.kept import KeptRates
from aerial_ops.planning.rates import MEASURED_BEFORE, Rates
from aerial_ops.settings import Settings

RATES = Rates(featurise=10.0, fit=0.01, predict=0.01, listing=1000.0, start=30.0, source="a calibration")
MISSION = Workload(44_000, 11_000, 67_000)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """An environment that does not exist, on a cloud without prices."""
    site = Site.of(Settings(home=tmp_path))
    site.cloud.open = lambda report: (_ for _ in ()).throw(UsageError("no cloud"))  # type: ignore[method-assign]
    return site


def test_rates_come_from_here_else_from_the_project(site: Site, tmp_path: Path) -> None:
    assert known_rates(site) == MEASURED_BEFORE
    KeptRates(tmp_path, None).write(RATES)
    assert known_rates(site) == RATES
    assert known_rates(site, "resnet18") == MEASURED_BEFORE
    (tmp_path / "rates" / "any.json").write_text('{"featurise": ')
    assert known_rates(site) == MEASURED_BEFORE


def test_without_prices_there_is_a_time_and_the_fewest_workers_are_the_cheapest(site: Site) -> None:
    found = estimate(site, MISSION, within_seconds=3600)
    assert found.chosen.usd is None
    assert found.chosen.seconds <= 3600
    fewer = estimate(site, MISSION, workers=max(1, found.chosen.workers - 1))
    assert found.chosen.workers == 1 or fewer.chosen.seconds > 3600


def test_a_cluster_takes_as_long_as_the_last_ones_here(site: Site, tmp_path: Path) -> None:
    def lifecycle() -> dict[str, tuple[float, str]]:
        stages = {one.name: (one.seconds, one.limit) for one in estimate(site, MISSION, workers=4).chosen.stages}
        return {name: stages[name] for name in ("make the cluster", "remove everything")}

    usual = lifecycle()
    assert [seconds for seconds, _ in usual.values()] == [1200, 300]
    assert all("usually" in limit for _, limit in usual.values())
    for seconds in (870, 900, 990):
        site.times.took(CLUSTER, "create", timedelta(seconds=seconds))
    own = lifecycle()
    assert own["remove everything"] == usual["remove everything"]
    assert own["make the cluster"][0] == pytest.approx(900)
    assert "last times here" in own["make the cluster"][1]
    replace(site, cloud=AzureCloud(site.settings)).times.took(CLUSTER, "delete", timedelta(seconds=60))
    assert lifecycle() == own, "another cloud's times are not this one's"


def test_a_limit_below_the_clusters_own_times_names_what_is_possible(site: Site) -> None:
    with pytest.raises(UsageError, match="No cluster") as caught:
        estimate(site, MISSION, within_seconds=600)
    assert "--within" in caught.value.suggestion


def test_a_size_without_known_cores_is_refused(site: Site) -> None:
    other = replace(site, settings=site.settings.model_copy(update={"worker_size": "Standard_Own"}))
    with pytest.raises(UsageError, match="Standard_Own"):
        estimate(other, MISSION)
