"""The summary page of an image set: counts, what was left out and why, where the tiles lie, and what they look like."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.palette import class_colours
from aerial_ops.datasets.choosing import rank
from aerial_ops.datasets.pictures import map_picture, thumbnails
from aerial_ops.datasets.planning import Plan
from aerial_ops.datasets.request import BuildRequest
from aerial_ops.datasets.result import BuildResult
from aerial_ops.datasets.split import BUFFER
from aerial_ops.datasets.tables import CutTile
from aerial_ops.datasets.writer import write_whole
from aerial_ops.storage.layout import COUNTY, TEST, TRAIN

PAGE = "summary.html"
SHEET = 12
"""Tiles of a class on its contact sheet."""
IN_TRAINING, IN_TEST, IN_BUFFER, DROPPED, UNLABELLED = 1, 2, 3, 4, 5
PLACES = {
    IN_TRAINING: ("training", "#0072b2"),
    IN_TEST: ("test", "#e69f00"),
    IN_BUFFER: ("in the buffer between them", "#9a9a9a"),
    DROPPED: ("labelled, but dropped in every year", "#d55e00"),
    UNLABELLED: ("without a label", "#e4e0d8"),
}
"""What a place of the map is, and its colour (Okabe and Ito 2008)."""


@dataclass(frozen=True)
class _Map:
    """A picture, its legend (name, colour, places) and what it shows."""

    title: str
    picture: str
    legend: list[tuple[str, str, int]]


def write_page(out: Path, request: BuildRequest, plan: Plan, lines: Sequence[CutTile], result: BuildResult) -> None:
    """Write summary.html into `out`: one file that loads nothing."""
    from jinja2 import Environment, PackageLoader

    environment = Environment(loader=PackageLoader(__package__), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    page = environment.get_template(PAGE).render(
        result=result,
        rules=request.rules(),
        rules_json=json.dumps(request.rules(), indent=2),
        scenes=_scenes(plan, lines),
        labels=request.labels.name if request.labels else "",
        classes=sorted({*result.train, *result.test}),
        maps=_maps(plan, lines),
        sheets=_sheets(out, lines, request.seed),
    )
    write_whole(out / PAGE, page.encode())


def _scenes(plan: Plan, lines: Sequence[CutTile]) -> list[tuple[str, str, str, int]]:
    """File, date, part and tiles of each scene that gave any."""
    rows = []
    for part, layers, of_county in (("sets", plan.layers, False), ("county", plan.county, True)):
        used = Counter(name for line in lines if (line.tile.container == COUNTY) == of_county for name in line.outcome.scenes)
        for scene in (scene for layer in layers for scene in layer.scenes):
            rows.append((scene.raster.file.name, scene.raster.date, part, used[scene.name]))
    return rows


def _maps(plan: Plan, lines: Sequence[CutTile]) -> list[_Map]:
    if plan.labels is None or plan.labelled is None or plan.split is None:
        return []
    covered = np.any([plan.grid.main_scenes(layer) >= 0 for layer in plan.layers], axis=0)
    places = np.where(covered, np.where(plan.labelled >= 0, DROPPED, UNLABELLED), 0).astype(np.int8)
    places[plan.split.sets == BUFFER] = IN_BUFFER
    for line in lines:
        if line.tile.container in (TRAIN, TEST):
            places[line.tile.row, line.tile.column] = IN_TRAINING if line.tile.container == TRAIN else IN_TEST
    names = plan.labels.classes.names
    colours = {index: (name, colour) for index, (name, colour) in enumerate(class_colours(names).items())}
    return [
        _map("Where the sets lie", places, PLACES),
        _map("What the labels say covers most of each tile", np.where(covered, plan.labels.most, -1).astype(np.int8), colours),
    ]


def _map(title: str, values: npt.NDArray[np.int8], kinds: dict[int, tuple[str, str]]) -> _Map:
    legend = [(name, colour, int((values == value).sum())) for value, (name, colour) in kinds.items()]
    picture = map_picture(values, {value: colour for value, (_, colour) in kinds.items()})
    return _Map(title, picture, [entry for entry in legend if entry[2]])


def _sheets(out: Path, lines: Sequence[CutTile], seed: int) -> list[dict[str, Any]]:
    """For each class and for the county, a few tiles as a seed chooses them."""
    groups = {name: [line for line in lines if line.label == name and line.tile.container != COUNTY] for name in _labels(lines)}
    groups["The county"] = [line for line in lines if line.tile.container == COUNTY]
    sheets = []
    for name, of_group in groups.items():
        chosen = sorted(of_group, key=lambda line: (rank(seed, line.tile.path), line.tile.path))[:SHEET]
        pictures = thumbnails([out / line.tile.container / line.tile.path for line in chosen])
        if chosen:
            titles = [f"{line.tile.container}/{line.tile.path}" for line in chosen]
            sheets.append({"name": name, "total": len(of_group), "tiles": list(zip(titles, pictures, strict=True))})
    return sheets


def _labels(lines: Iterable[CutTile]) -> list[str]:
    return sorted({line.label for line in lines if line.tile.container != COUNTY})
