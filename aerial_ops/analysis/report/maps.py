"""The maps on the page: which tiles, in which layers and views, beside which legends."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.county import County
from aerial_ops.analysis.development import Development
from aerial_ops.analysis.joining import positions
from aerial_ops.analysis.metrics import DEVELOPED, group_of
from aerial_ops.analysis.palette import group_colours
from aerial_ops.analysis.report.county_map import NONE, Entry, Told, View, drawable, land_views, map_data, percentages, sure_view
from aerial_ops.analysis.report.legends import Legend, legend
from aerial_ops.analysis.report.picture import as_address, county_picture
from aerial_ops.analysis.report.sources import ReportData

SINCE = (
    Entry("Newly developed", "#c2185b", "#d55e00"),
    Entry("Developed before", "#6b6f76", "#6b6f76"),
    Entry("Developed no more", "#4f8fd0", "#56b4e9"),
    Entry("Never developed", "#e3e1d8", "#e3e1d8"),
)
"""What became of land since the older labels were made."""

LAYERS = (("raw", "As classified"), ("smoothed", "Smoothed"))
COLUMNS = (("raw", "Share"), ("smoothed", "Smoothed"))
IN_LAYERS = {"raw": "raw", "smoothed": "smoothed"}


@dataclass(frozen=True, slots=True)
class Pane:
    """One canvas. With a `layer` or `view` it shows that one always, else what is chosen."""

    title: str = ""
    layer: str = ""
    view: str = ""


@dataclass(frozen=True, slots=True)
class MapBlock:
    """A map with its controls: the script's data, canvases, layers to choose from, a legend for each view."""

    id: str
    data: Mapping[str, Any]
    tiles: int
    panes: tuple[Pane, ...]
    layers: tuple[tuple[str, str], ...]
    legends: tuple[Legend, ...]

    @property
    def ratio(self) -> float:
        """Width of the land by its height."""
        wide, high = self.data["metres"]
        return float(self.data["cols"] * wide / (self.data["rows"] * high))


def land_legends(county: County) -> list[Legend]:
    """How much of the county each group and each class covers, as classified and smoothed."""
    views = land_views(county.classes, IN_LAYERS)
    return [legend(view, {"raw": county.raw, "smoothed": county.smoothed}, county.area, COLUMNS) for view in views]


def report_map(data: ReportData, development: Development | None) -> MapBlock | None:
    """The county as classified and smoothed; None without one, or when its tiles lie too far apart."""
    county = data.county
    if county is None or not drawable(county):
        return None
    arrays: dict[str, npt.NDArray[Any]] = {"raw": county.raw, "smoothed": county.smoothed}
    views = land_views(county.classes, IN_LAYERS)
    if data.mapped.certainty is not None:
        arrays["sure"] = percentages(data.mapped.certainty)
        views.append(sure_view(dict.fromkeys(IN_LAYERS, "sure")))
    if development is not None:
        arrays["new"] = _since(county, development, data.mapped.older)
        views.append(View("new", "Development", dict.fromkeys(IN_LAYERS, "new"), SINCE, range(len(SINCE)), told=True))
    told = [Told("raw", sure="sure" if "sure" in arrays else ""), Told("smoothed", "Smoothed", quiet=True)]
    legends = tuple(legend(view, arrays, county.area, COLUMNS) for view in views)
    return MapBlock("county", map_data(county, county.classes, arrays, views, told), len(county), (Pane(),), LAYERS, legends)


def still(data: ReportData) -> str:
    """The map in three groups as a picture's data: address, for readers without scripts."""
    assert data.county is not None
    colours = {name: group_colours()[group_of(name)] for name in data.county.classes}
    return as_address(county_picture(data.county, data.county.raw, colours))


def _since(county: County, development: Development, older: Mapping[str, str]) -> npt.NDArray[np.uint8]:
    """Where each tile is in `SINCE`; NONE without an older label."""
    was = np.array([*older.values(), ""], dtype=object)[positions(county.places.names, list(older))]
    developed = county.raw == (county.classes.index(DEVELOPED) if DEVELOPED in county.classes else -1)
    found = np.select([was == "", development.tiles, developed, was == DEVELOPED], [NONE, 0, 1, 2], default=3)
    return found.astype(np.uint8)
