"""Legends of a map: each entry of a view with its colour, its tiles, its land and its shares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.report.county_map import View, land_views

Columns = Sequence[tuple[str, str]]
"""The layers whose shares are shown: (layer, title)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry: tiles and square metres (None without places) in the first layer, the share in each layer."""

    entry: int
    name: str
    standard: str
    safe: str
    tiles: int
    area: float | None
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Legend:
    """The lines of one view; `columns` are the layers that differ in it. `amounts`: tiles and land are shown too."""

    view: str
    title: str
    columns: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    amounts: bool


def legend(
    view: View,
    arrays: Mapping[str, npt.NDArray[Any]],
    area: npt.NDArray[np.float64] | None,
    columns: Columns,
    *,
    amounts: bool = True,
) -> Legend:
    """The legend of `view`. `area` [TILES] weighs the shares; without it every tile counts alike."""
    several = len({view.arrays[layer] for layer, _ in columns}) > 1
    shown = tuple(columns) if several else (columns[0],)
    tables = [_sums(view, arrays[view.arrays[layer]], area) for layer, _ in shown]
    tiles, land = tables[0]
    totals = [max(float(sums.sum()), 1e-12) for _, sums in tables]
    lines = [
        Line(
            entry=i,
            name=entry.name,
            standard=entry.standard,
            safe=entry.safe,
            tiles=int(tiles[i]),
            area=float(land[i]) if area is not None else None,
            shares=tuple(float(sums[i]) / total for (_, sums), total in zip(tables, totals, strict=True)),
        )
        for i, entry in enumerate(view.entries)
    ]
    if view.id == "classes":
        lines.sort(key=lambda line: (-line.shares[0], line.name))
    return Legend(view.id, view.title, shown, tuple(lines), amounts)


def legends_of_counts(counts: Mapping[str, int]) -> list[Legend]:
    """Groups and classes of tiles that have no places."""
    labels = np.repeat(np.arange(len(counts)), list(counts.values()))
    views = land_views(list(counts), {"raw": "raw"})
    return [legend(view, {"raw": labels}, None, [("raw", "Share")]) for view in views]


def _sums(
    view: View, values: npt.NDArray[Any], area: npt.NDArray[np.float64] | None
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Tiles and land by entry; values without an entry count nowhere."""
    known = values < len(view.lookup)
    entries = np.asarray(view.lookup, dtype=np.intp)[values[known].astype(np.intp)]
    drawn = entries < len(view.entries)
    weights = None if area is None else area[known][drawn]
    tiles = np.bincount(entries[drawn], minlength=len(view.entries))
    return tiles, tiles if weights is None else np.bincount(entries[drawn], weights=weights, minlength=len(view.entries))
