"""Retail prices of HDInsight nodes, from Azure's public price list."""

import json
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from aerial_ops.errors import InfrastructureError

SERVICE = "HDInsight"
MOST_PAGES = 20


@dataclass(frozen=True)
class NodePrice:
    """One node for one hour in USD. `listed_on` is when the list was read; `source` says whether it was read now or is kept."""

    size: str
    location: str
    usd_per_hour: float
    listed_on: date
    source: str


class PriceList:
    """The price list at `url`, with what was read before kept in `folder` for when it cannot be reached."""

    def __init__(self, url: str, folder: Path, trust: Path | None = None) -> None:
        self._url, self._folder = url, folder
        self._verify: ssl.SSLContext | bool = ssl.create_default_context(cafile=str(trust)) if trust else True
        self._trust_env = trust is None

    def node(self, size: str, location: str) -> NodePrice:
        """The price of one node of `size` in `location`. Raises InfrastructureError when the list has none or several."""
        import httpx

        kept = self._folder / f"{location}-{size}.json"
        try:
            items = self._items(size, location)
        except httpx.HTTPError as error:
            return _kept(kept, size, location, error)
        price = _only(items, size, location)
        today = datetime.now(UTC).date()
        self._folder.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps({"usd_per_hour": price, "listed_on": today.isoformat()}))
        return NodePrice(size, location, price, today, "price list")

    def _items(self, size: str, location: str) -> list[dict[str, Any]]:
        import httpx

        wanted = {"serviceName": SERVICE, "armRegionName": location, "priceType": "Consumption"}
        items: list[dict[str, Any]] = []
        params: dict[str, str] | None
        url, params = self._url, {"$filter": " and ".join(f"{key} eq '{value}'" for key, value in wanted.items())}
        with httpx.Client(verify=self._verify, timeout=30, trust_env=self._trust_env) as client:
            for _ in range(MOST_PAGES):
                page = client.get(url, params=params)
                page.raise_for_status()
                found = page.json()
                items += found["Items"]
                if not found.get("NextPageLink"):
                    break
                url, params = found["NextPageLink"], None
        return [item for item in items if str(item.get("armSkuName", "")).lower() == size.lower()]


def _only(items: Iterable[dict[str, Any]], size: str, location: str) -> float:
    plain = [item for item in items if item["type"] == "Consumption" and item["unitOfMeasure"] == "1 Hour" and not _special(item)]
    prices = {float(item["retailPrice"]) for item in plain}
    if len(prices) == 1:
        return prices.pop()
    what = "no price" if not prices else f"{len(prices)} prices ({', '.join(f'{price:g}' for price in sorted(prices))} USD)"
    raise InfrastructureError(
        f"The price list has {what} for an HDInsight node {size} in {location}.",
        suggestion="Check the size and the region, or go on without a price check: --no-price",
    )


def _special(item: dict[str, Any]) -> bool:
    words = f"{item.get('meterName', '')} {item.get('productName', '')} {item.get('skuName', '')}".lower()
    return any(word in words for word in ("spot", "low priority", "devtest", "dev/test", "windows", "reserv"))


def _kept(path: Path, size: str, location: str, cause: Exception) -> NodePrice:
    try:
        known = json.loads(path.read_text())
        return NodePrice(size, location, float(known["usd_per_hour"]), date.fromisoformat(known["listed_on"]), "kept price")
    except (OSError, ValueError, KeyError):
        raise InfrastructureError(
            f"Azure's price list cannot be reached ({cause}), and no earlier price of {size} in {location} is kept.",
            suggestion="Try again, or go on without a price check: --no-price",
        ) from cause
