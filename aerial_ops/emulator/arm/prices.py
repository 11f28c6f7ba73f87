"""The retail price list: a dated sample, served as Azure's public price endpoint serves the real one."""

import csv
import uuid
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from aerial_ops.emulator.arm.messages import Answer, Call, Router
from aerial_ops.emulator.arm.odata import parse_filter

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.service import Arm

FILE = "prices.csv"
PAGE = 100
routes = Router()


@cache
def price_list() -> list[dict[str, Any]]:
    """Every item of the sample."""
    text = files("aerial_ops.emulator.arm").joinpath("data", FILE).read_text()
    return [_item(row) for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))]


@cache
def node_price(size: str, location: str) -> float:
    """USD per hour of one HDInsight node; a size that the list lacks costs nothing."""
    for item in price_list():
        kind = (item["serviceName"], item["type"], item["armRegionName"], item["armSkuName"].lower())
        if kind == ("HDInsight", "Consumption", location, size.lower()):
            return float(item["retailPrice"])
    return 0.0


@routes.on("GET", "/api/retail/prices", public=True)
def prices(arm: "Arm", call: Call) -> Answer:
    """A page of the items that fit $filter; values are compared exactly, as the real endpoint does."""
    test = parse_filter(call.query["$filter"]) if call.query.get("$filter") else None
    # Filters call priceType what answers call type.
    items = [item for item in price_list() if test is None or test({**item, "priceType": item["type"]})]
    start = int(call.query.get("$skip", 0))
    shown = items[start : start + PAGE]
    following = None
    if start + PAGE < len(items):
        query = {**{name: value for name, value in call.query.items() if name != "$skip"}, "$skip": start + PAGE}
        following = f"{call.base}{call.path}?{urlencode(query)}"
    head = {"BillingCurrency": "USD", "CustomerEntityId": "Default", "CustomerEntityType": "Retail"}
    return Answer(200, {**head, "Items": shown, "NextPageLink": following, "Count": len(shown)})


def _item(row: dict[str, str]) -> dict[str, Any]:
    price, name = float(row["retailPrice"]), "|".join(row.values())
    item: dict[str, Any] = {
        "currencyCode": "USD",
        "tierMinimumUnits": 0.0,
        "retailPrice": price,
        "unitPrice": price,
        "armRegionName": row["armRegionName"],
        "location": row["location"],
        "effectiveStartDate": f"{row['effectiveStartDate']}T00:00:00Z",
        "meterId": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{row['armRegionName']}|{row['productName']}|{row['meterName']}")),
        "meterName": row["meterName"],
        "productId": f"DZH{uuid.uuid5(uuid.NAMESPACE_OID, row['productName']).hex[:9].upper()}",
        "skuId": f"DZH{uuid.uuid5(uuid.NAMESPACE_OID, name).hex[:9].upper()}/0001",
        "productName": row["productName"],
        "skuName": row["skuName"],
        "serviceName": row["serviceName"],
        "serviceId": f"DZH{uuid.uuid5(uuid.NAMESPACE_OID, row['serviceName']).hex[:9].upper()}",
        "serviceFamily": row["serviceFamily"],
        "unitOfMeasure": row["unitOfMeasure"],
        "type": row["type"],
        "isPrimaryMeterRegion": True,
        "armSkuName": row["armSkuName"],
    }
    if row["reservationTerm"]:
        item["reservationTerm"] = row["reservationTerm"]
    return item
