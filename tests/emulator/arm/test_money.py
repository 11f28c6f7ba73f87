import math

import pytest

from tests.emulator.arm.cloud import CLUSTER_API, EmulatedCloud

D12, A2 = 0.949, 0.122


def test_the_missions_cluster_costs_about_forty_dollars_an_hour(cloud: EmulatedCloud) -> None:
    items = cloud.http.get(
        "/api/retail/prices",
        params={"$filter": "serviceName eq 'HDInsight' and armRegionName eq 'eastus' and armSkuName eq 'Standard_D12_v2'"},
    ).json()["Items"]
    assert sorted(item["type"] for item in items) == ["Consumption", "DevTestConsumption"]
    price = next(item["retailPrice"] for item in items if item["type"] == "Consumption")
    assert 42 * price == pytest.approx(40, abs=0.5)


def test_the_list_is_ambiguous_pages_and_minds_the_case(cloud: EmulatedCloud) -> None:
    url, seen = f"{cloud.url}/api/retail/prices", []
    pages = 0
    while url:
        page = cloud.http.get(url, headers={"Authorization": ""}).json()
        assert page["Count"] == len(page["Items"]) <= 100
        seen += page["Items"]
        url, pages = page["NextPageLink"], pages + 1
    assert pages > 1 and len({item["skuId"] for item in seen}) == len(seen)
    query = {"$filter": "armSkuName eq 'Standard_D12_v2' and armRegionName eq 'eastus'"}
    found = cloud.http.get("/api/retail/prices", params=query).json()["Items"]
    assert {item["serviceName"] for item in found} >= {
        "HDInsight",
        "Virtual Machines",
        "Cloud Services",
        "Azure Machine Learning",
    }
    assert {item["type"] for item in found} == {"Consumption", "DevTestConsumption", "Reservation"}
    assert any("Spot" in item["meterName"] for item in found) and any("Low Priority" in item["skuName"] for item in found)
    assert all("reservationTerm" in item for item in found if item["type"] == "Reservation")
    query = {"$filter": "armSkuName eq 'standard_d12_v2'"}
    assert cloud.http.get("/api/retail/prices", params=query).json()["Items"] == []
    query = {"$filter": "contains(meterName, 'Spot') and (armRegionName eq 'eastus' or armRegionName eq 'westus')"}
    assert len(cloud.http.get("/api/retail/prices", params=query).json()["Items"]) == 2


def bill(cloud: EmulatedCloud) -> dict[str, float]:
    (found,) = cloud.control.get("meter").json()["clusters"]
    return dict(found)


def test_the_meter_runs_from_creation_to_deletion_also_in_error(cloud: EmulatedCloud) -> None:
    cloud.fault("create-fails")
    cloud.make_cluster(workers=2)
    cloud.jump(3600 - 0.9)
    rate = 4 * D12 + 3 * A2
    assert bill(cloud)["hourlyUSD"] == pytest.approx(rate)
    assert bill(cloud)["costUSD"] == pytest.approx(rate, rel=0.02)
    cloud.finished(cloud.call("DELETE", cloud.cluster_path(), CLUSTER_API))
    ended = bill(cloud)
    cloud.jump(3600)
    assert bill(cloud) == ended
    assert ended["hourlyUSD"] == 0
    assert ended["minutes"] == math.ceil((ended["ended"] - ended["created"]) / 60)


def test_the_meter_follows_the_size(cloud: EmulatedCloud) -> None:
    cloud.make_cluster(workers=2)
    cloud.jump(3600)
    resize = cloud.cluster_path() + "/roles/workernode/resize"
    cloud.finished(cloud.call("POST", resize, CLUSTER_API, {"targetInstanceCount": 10}))
    cloud.jump(7200)
    expected = (4 * D12 + 3 * A2) + 2 * (12 * D12 + 3 * A2)
    assert bill(cloud)["costUSD"] == pytest.approx(expected, rel=0.01)


def test_a_cluster_made_again_has_a_bill_of_its_own(cloud: EmulatedCloud) -> None:
    cloud.make_cluster()
    for path in (cloud.cluster_path(), cloud.path()):
        cloud.finished(cloud.call("DELETE", path, CLUSTER_API if "clusters" in path else "2023-07-01"))
    cloud.make_cluster()
    assert len(cloud.control.get("meter").json()["clusters"]) == 2


def test_a_budget_knows_what_was_spent(cloud: EmulatedCloud) -> None:
    cloud.make_cluster()
    cloud.jump(36000)
    path = cloud.path("/providers/Microsoft.Consumption/budgets/limit")
    body = {"amount": 100, "category": "Cost", "timeGrain": "Monthly", "timePeriod": {"startDate": "2026-11-01T00:00:00Z"}}
    made = cloud.call("PUT", path, "2019-10-01", {"properties": body})
    assert made.status_code == 201
    assert made.json()["properties"]["currentSpend"]["amount"] == pytest.approx(10 * (4 * D12 + 3 * A2), rel=0.01)
    body["timePeriod"] = {"startDate": "2026-11-05T00:00:00Z"}
    assert cloud.call("PUT", path, "2019-10-01", {"properties": body}).status_code == 400
