"""The formats of an export."""

from enum import StrEnum


class Format(StrEnum):
    """What other programs read."""

    CSV = "csv"
    GEOJSON = "geojson"
    GEOTIFF = "geotiff"
