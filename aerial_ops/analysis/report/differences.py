"""Two maps of the same place beside each other, and where they differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.change import Change, change_clusters
from aerial_ops.analysis.county import County
from aerial_ops.analysis.report import heat
from aerial_ops.analysis.report.county_map import NONE, Entry, Told, View, drawable, land_views, map_data, percentages
from aerial_ops.analysis.report.legends import legend
from aerial_ops.analysis.report.maps import MapBlock, Pane
from aerial_ops.analysis.report.places import Place, places
from aerial_ops.analysis.report.reading import Mapped
from aerial_ops.analysis.report.results import Results

COLOURS = ("#d55e00", "#0072b2", "#cc79a7", "#009e73", "#e6b800", "#56b4e9", "#3d1f5c")
"""Of the differences with the most land; after Okabe and Ito (2008), to be told apart by everybody."""
SAME, OTHER = "#e3e1d8", "#a9adb3"
SHOWN = 12


@dataclass(frozen=True, slots=True)
class Differences:
    """Two maps, called by their `titles`. `matrix` holds the cells of [BEFORE, AFTER] hectares: (hectares, style).

    `places` are the largest ones that differ, of `count` in all. `block` is None when the map cannot be drawn.
    """

    titles: tuple[str, str]
    change: Change
    classes: tuple[str, ...]
    matrix: tuple[tuple[tuple[float, str], ...], ...]
    places: tuple[Place, ...]
    count: int
    block: MapBlock | None


def differences(results: Results, titles: tuple[str, str], change: Change, before: Mapped, after: Mapped) -> Differences:
    """What the page shows of `change` between the maps of `before` and `after`, which both have a county."""
    county, earlier = _county(after), _county(before)
    names = [list(county.places.names)]
    if before.year != after.year:
        was = list(county.places.names)
        for then, now in zip(change.matches.before, change.matches.after, strict=True):
            was[now] = earlier.places.names[then]
        names.insert(0, was)
    land = change.hectares
    kept = [i for i in range(len(change.classes)) if land[i].any() or land[:, i].any()]
    rows = land.sum(axis=1)
    cells = tuple(
        tuple(
            (float(land[i, j]), f"{heat.RIGHT if i == j else heat.WRONG}-{heat.level(land[i, j] / rows[i] if rows[i] else 0)}")
            for j in kept
        )
        for i in kept
    )
    found = sorted(change_clusters(change, county, after.certainty), key=lambda one: (-one.hectares, one.rank))
    return Differences(
        titles=titles,
        change=change,
        classes=tuple(change.classes[i] for i in kept),
        matrix=cells,
        places=places(results, found[:SHOWN], names),
        count=len(found),
        block=_block(titles, change, before, after) if drawable(county) else None,
    )


def _block(titles: tuple[str, str], change: Change, before: Mapped, after: Mapped) -> MapBlock:
    county, matches = _county(after), change.matches
    at = {"a": matches.after, "b": np.arange(len(county))}
    now = np.array([change.classes.index(name) for name in county.classes])[county.raw]
    arrays: dict[str, npt.NDArray[Any]] = {
        "a": _laid(len(county), at["a"], change.before),
        "b": _laid(len(county), at["b"], now),
    }
    for layer, mapped, tiles in (("a", before, matches.before), ("b", after, at["b"])):
        if mapped.certainty is not None:
            arrays[f"sure_{layer}"] = _laid(len(county), at[layer], percentages(mapped.certainty[tiles]))
    entries, kind = _kinds(change)
    arrays["difference"] = _laid(len(county), matches.after, kind)
    layers = {"a": "a", "b": "b"}
    differing = View("difference", "Differences", dict.fromkeys(layers, "difference"), entries, range(len(entries)))
    views = [*reversed(land_views(change.classes, layers)), differing]  # change is among classes first of all
    told = [
        Told(layer, title, f"sure_{layer}" if f"sure_{layer}" in arrays else "")
        for layer, title in zip("ab", titles, strict=True)
    ]
    columns = tuple(zip("ab", titles, strict=True))
    panes = (Pane(titles[0], "a"), Pane(titles[1], "b"), Pane("Where they differ", "b", "difference"))
    legends = tuple(
        legend(view, arrays, county.area, (("b", "Share"),) if view is differing else columns, amounts=view is differing)
        for view in views
    )
    return MapBlock("differing", map_data(county, change.classes, arrays, views, told), len(county), panes, (), legends)


def _kinds(change: Change) -> tuple[Sequence[Entry], npt.NDArray[np.integer]]:
    """A legend of the differences with the most land, and each pair's place in it."""
    land = change.hectares.copy()
    np.fill_diagonal(land, 0)
    order = [int(at) for at in np.argsort(-land, axis=None, kind="stable") if land.flat[at] > 0]
    count = len(change.classes)
    named = [
        Entry(f"{change.classes[at // count]} → {change.classes[at % count]}", colour, colour)
        for at, colour in zip(order, COLOURS, strict=False)
    ]
    others = [Entry("Other differences", OTHER, OTHER)] if len(order) > len(named) else []
    place = np.full(count * count, len(named) + 1)
    place[order[: len(named)]] = np.arange(1, len(named) + 1)
    place[np.arange(count) * (count + 1)] = 0
    return [Entry("The same", SAME, SAME), *named, *others], place[change.before * count + change.after]


def _laid(tiles: int, at: npt.NDArray[np.integer], values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """`values` of the tiles `at`; NONE for the others."""
    found = np.full(tiles, NONE, dtype=np.uint8)
    found[at] = values
    return found


def _county(mapped: Mapped) -> County:
    assert mapped.county is not None
    return mapped.county
