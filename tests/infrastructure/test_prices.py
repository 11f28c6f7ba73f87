from datetime import UTC, datetime
from pathlib import Path

import pytest

from aerial_ops.errors import InfrastructureError
from aerial_ops.infrastructure.prices import PriceList, _only
from tests.emulator.arm.cloud import EmulatedCloud


def prices(cloud: EmulatedCloud, folder: Path) -> PriceList:
    return PriceList(f"{cloud.url}/api/retail/prices", folder, cloud.certificates.authority)


def test_the_missions_cluster_costs_about_forty_dollars_an_hour(cloud: EmulatedCloud, tmp_path: Path) -> None:
    price = prices(cloud, tmp_path / "kept").node("Standard_D12_V2", "eastus")
    assert 38 < 42 * price.usd_per_hour < 42
    assert price.listed_on == datetime.now(UTC).date()
    assert price.source == "price list"


def test_a_size_that_is_not_listed_is_refused(cloud: EmulatedCloud, tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError, match="no price for an HDInsight node Standard_X1 in eastus"):
        prices(cloud, tmp_path).node("Standard_X1", "eastus")


def test_two_prices_are_refused_rather_than_guessed() -> None:
    item = {"type": "Consumption", "unitOfMeasure": "1 Hour", "retailPrice": 1.0, "meterName": "D12 v2"}
    assert _only([item, item], "s", "l") == 1.0
    assert _only([item, {**item, "retailPrice": 0.1, "meterName": "D12 v2 Spot"}], "s", "l") == 1.0
    with pytest.raises(InfrastructureError, match=r"2 prices \(1, 2 USD\)"):
        _only([item, {**item, "retailPrice": 2.0}], "s", "l")


def test_without_the_list_an_earlier_price_is_used_and_said(cloud: EmulatedCloud, tmp_path: Path) -> None:
    known = prices(cloud, tmp_path).node("Standard_D12_V2", "eastus")
    away = PriceList("https://127.0.0.1:1/api/retail/prices", tmp_path)
    kept = away.node("Standard_D12_V2", "eastus")
    assert (kept.usd_per_hour, kept.source) == (known.usd_per_hour, "kept price")
    with pytest.raises(InfrastructureError, match="cannot be reached"):
        away.node("Standard_D13_V2", "eastus")
