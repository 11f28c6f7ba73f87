"""Finding scenes in a STAC API: an item search by collection, bounding box and year (the Item Search conformance class)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urljoin

from aerial_ops.datasets.raster import Bounds
from aerial_ops.datasets.stac.remote import RemoteFile
from aerial_ops.datasets.stac.signing import Signer
from aerial_ops.datasets.stac.web import get_json
from aerial_ops.errors import DataError, UsageError

PLANETARY_COMPUTER = "planetary-computer"
PLANETARY_API = "https://planetarycomputer.microsoft.com/api/stac/v1"
PLANETARY_TOKENS = "https://planetarycomputer.microsoft.com/api/sas/v1/token"
PAGE = 100
MOST_SCENES = 5000


@dataclass(frozen=True)
class Catalogue:
    """A STAC API and one of its collections; `tokens` is the service that gives a token for a collection, if one is needed."""

    api: str
    collection: str
    tokens: str | None = None


@dataclass(frozen=True)
class FoundScene:
    """A scene's file, and the day it was taken (YYYYMMDD)."""

    file: RemoteFile
    date: str


def catalogue_of(api: str, collection: str, tokens: str | None = None) -> Catalogue:
    """The Planetary Computer by its name, or any other STAC API by its URL. Raises UsageError."""
    if api == PLANETARY_COMPUTER:
        return Catalogue(PLANETARY_API, collection, tokens or PLANETARY_TOKENS)
    for url in (api, tokens or api):
        if not url.startswith(("https://", "http://")):
            raise UsageError(
                f"{url!r} is not the address of a STAC API.", suggestion=f"Give --stac {PLANETARY_COMPUTER}, or a URL."
            )
    return Catalogue(api, collection, tokens)


def find_scenes(catalogue: Catalogue, bbox: Bounds, years: Sequence[int]) -> list[FoundScene]:
    """The scenes of each year that meet `bbox` (west, south, east, north in degrees), sorted by URL.

    Raises DataError when the service cannot be asked, or has none of a year.
    """
    tokens = f"{catalogue.tokens.rstrip('/')}/{catalogue.collection}" if catalogue.tokens else None
    signer = _signer(tokens) if tokens else None
    scenes = []
    for year in years:
        place = ",".join(f"{side:g}" for side in bbox)
        found = [_scene(item, catalogue, signer) for item in _items(catalogue, bbox, year)]
        if not found:
            raise DataError(
                f"The catalogue {catalogue.api} has no scene of {catalogue.collection} of {year} in {place}.",
                suggestion="Choose another year (NAIP is flown every two or three), or check --bbox: west,south,east,north.",
            )
        scenes += found
    return sorted(set(scenes), key=lambda scene: scene.file.href)


@cache
def _signer(endpoint: str) -> Signer:
    """One for all searches, so that they share a token."""
    return Signer(endpoint)


def _items(catalogue: Catalogue, bbox: Bounds, year: int) -> Iterator[dict[str, Any]]:
    """All items, page by page as the `next` links say."""
    url = f"{catalogue.api.rstrip('/')}/search"
    body: dict[str, Any] = {
        "collections": [catalogue.collection],
        "bbox": list(bbox),
        "datetime": f"{year}-01-01T00:00:00Z/{year}-12-31T23:59:59Z",
        "limit": PAGE,
    }
    request: dict[str, Any] = {"method": "POST", "url": url, "json": body}
    seen = 0
    while request:
        page = get_json(request.pop("method"), request.pop("url"), "The image catalogue", **request)
        for item in page.get("features", []):
            seen += 1
            yield item
        if seen > MOST_SCENES:
            raise DataError(
                f"More than {MOST_SCENES:,} scenes of {year} meet the bounding box.", suggestion="Give a smaller --bbox."
            )
        request = _next(page, url, body)


def _next(page: dict[str, Any], url: str, body: dict[str, Any]) -> dict[str, Any]:
    """The request for the next page; empty after the last. A POST link's body replaces ours, or is merged into it."""
    link = next((link for link in page.get("links", []) if link.get("rel") == "next"), None)
    if link is None or not page.get("features"):
        return {}
    request: dict[str, Any] = {"method": str(link.get("method", "GET")).upper(), "url": urljoin(url, link["href"])}
    if request["method"] == "POST":
        request["json"] = {**(body if link.get("merge") else {}), **link.get("body", {})} or body
    return request


def _scene(item: dict[str, Any], catalogue: Catalogue, signer: Signer | None) -> FoundScene:
    try:
        properties, assets = item["properties"], item["assets"]
        asset = assets.get("image") or next(asset for asset in assets.values() if _is_image(asset))
        taken = properties.get("datetime") or properties["start_datetime"]
        version = str(asset.get("file:checksum") or properties.get("updated") or "")
        return FoundScene(RemoteFile(asset["href"], version, signer), taken[:10].replace("-", ""))
    except (KeyError, TypeError, AttributeError, StopIteration) as error:
        name = item.get("id", "without an id") if isinstance(item, dict) else "that is no object"
        raise DataError(
            f"The catalogue {catalogue.api} tells of an item {name} that has no image or no date.",
            suggestion="Check --collection: it must be one of aerial images in GeoTIFF files.",
        ) from error


def _is_image(asset: dict[str, Any]) -> bool:
    return "geotiff" in str(asset.get("type", "")).lower() and "data" in asset.get("roles", ["data"])
