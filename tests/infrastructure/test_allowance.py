"""How many workers fit."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from aerial_ops.errors import RefusedError
from aerial_ops.infrastructure.allowance import affordable_workers
from aerial_ops.infrastructure.changes import scale
from aerial_ops.infrastructure.cost import Rate
from aerial_ops.infrastructure.down import down
from aerial_ops.infrastructure.prices import NodePrice
from aerial_ops.infrastructure.up import UpOrder, plan_up, up
from tests.infrastructure.town import Town


def price(usd: float) -> NodePrice:
    return NodePrice("size", "eastus", usd, date(2026, 1, 1), "price list")


@pytest.mark.parametrize(("usd", "workers"), [(10.0, 3), (9.99, 2), (12.0, 4), (4.0, 0), (1.0, 0)])
def test_a_budget_allows_so_many_workers(usd: float, workers: int) -> None:
    rate = Rate((("head", 2, price(1.0)), ("worker", 40, price(1.0)), ("ZooKeeper", 3, price(0.0))))
    assert affordable_workers(rate, usd, timedelta(hours=2)) == workers
    assert rate.with_workers(workers).usd(timedelta(hours=2)) <= usd or workers == 0


@pytest.mark.slow
def test_as_many_workers_as_quota_and_budget_allow(make_town: Callable[..., Town]) -> None:
    town = make_town(cores=24)
    site = town.site(workers=40)
    assert plan_up(town.site(workers=3), UpOrder(workers="auto")).described.workers == 3  # no more than asked for
    made = up(site, UpOrder(workers="auto"))
    assert made.described.workers == 4
    assert made.rate is not None and made.rate.as_dict()["nodes"][1]["count"] == 4
    assert site.environment.description() == made.described
    town.control.post("cores", json={"eastus": 100}).raise_for_status()
    within = plan_up(site, UpOrder(workers="auto", max_cost=20.0, ttl=timedelta(hours=2)))
    assert within.described.workers == 8
    assert within.rate is not None and within.rate.usd(timedelta(hours=2)) <= 20.0
    assert within.rate.with_workers(9).usd(timedelta(hours=2)) > 20.0
    assert plan_up(site, UpOrder(workers="auto")).described.workers == 23
    assert plan_up(site, UpOrder()).described.workers == 4  # as it is
    with pytest.raises(RefusedError) as caught:
        scale(site, 24)
    assert "23 workers fit: aerial-ops scale 23" in caught.value.suggestion
    down(site)


@pytest.mark.slow
def test_what_does_not_fit_at_all_is_refused(make_town: Callable[..., Town]) -> None:
    town = make_town(cores=10)
    with pytest.raises(RefusedError, match="1 workers and 2 heads need 12 cores") as caught:
        up(town.site(), UpOrder(workers="auto"))
    assert "fit" not in caught.value.suggestion
    with pytest.raises(RefusedError, match="are allowed"):
        up(make_town().site(), UpOrder(workers="auto", max_cost=1.0))
    assert town.names() == []
