"""The maps on the page: which tiles, in which layers and views, beside which legends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.county import County
from aerial_ops.analysis.report.county_map import Told, View, drawable, land_views, map_data, percentages, sure_view
from aerial_ops.analysis.report.legends import Columns, Legend, legend
from aerial_ops.analysis.report.sources import ReportData

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


def report_map(data: ReportData) -> MapBlock | None:
    """The county as classified and smoothed; None without one, or when its tiles lie too far apart."""
    county = data.county
    if county is None or not drawable(county):
        return None
    arrays: dict[str, npt.NDArray[Any]] = {"raw": county.raw, "smoothed": county.smoothed}
    views = land_views(county.classes, IN_LAYERS)
    if data.mapped.certainty is not None:
        arrays["sure"] = percentages(data.mapped.certainty)
        views.append(sure_view({"raw": "sure", "smoothed": "sure"}))
    told = [Told("raw", sure="sure" if data.mapped.certainty is not None else ""), Told("smoothed", "Smoothed", quiet=True)]
    return block("county", county, arrays, views, told, (Pane(),), LAYERS, COLUMNS)


def block(
    id: str,
    county: County,
    arrays: Mapping[str, npt.NDArray[Any]],
    views: Sequence[View],
    told: Sequence[Told],
    panes: tuple[Pane, ...],
    layers: tuple[tuple[str, str], ...],
    columns: Columns,
    *,
    amounts: bool = True,
) -> MapBlock:
    """A map of `county` whose legends have the shares in `columns`."""
    legends = tuple(legend(view, arrays, county.area, columns, amounts=amounts) for view in views)
    return MapBlock(id, map_data(county, arrays, views, told), len(county), panes, layers, legends)


def bytes_of(labels: npt.NDArray[np.integer]) -> npt.NDArray[np.uint8]:
    """Labels as bytes; what is unknown (-1) becomes the byte that stands for nothing."""
    return np.where(labels < 0, 255, labels).astype(np.uint8)
