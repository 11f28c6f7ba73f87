"""A small county: towns and roads, farmland, forests, heath and sand, on a grid of tiles that join into one landscape."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
from PIL import Image

from aerial_ops.datasets.landscape.camera import Camera
from aerial_ops.datasets.landscape.noise import Field, Window, colour, fractal, mix, smooth
from aerial_ops.datasets.landscape.render import MARGIN, scene
from aerial_ops.storage.layout import CLASSES

STEP = 8
"""Pixels between the points at which the land use is laid out."""
RIM = 16
"""Points of that raster beyond the county's edge."""
OLDER_TOWNS = 0.72
"""Radius of the towns in the older survey, as a share of today's."""
STRIP = 6
"""Columns of tiles in one flight strip; strips differ a little in exposure."""
WANDER = 140
"""Pixels that a road may leave its straight line by."""
ROAD_SURFACE, ROAD_EDGE, ROAD_MEDIAN = colour(124, 124, 126), colour(168, 164, 156), colour(112, 120, 88)


@dataclass(frozen=True)
class County:
    """A county of `rows` x `columns` tiles of `side` pixels; the same numbers give the same county."""

    rows: int
    columns: int
    side: int
    seed: int

    def tile(self, row: int, column: int) -> npt.NDArray[np.uint8]:
        """The picture of one tile: uint8 [side, side, 3]."""
        window = Window(column * self.side - MARGIN, row * self.side - MARGIN, self.side + 2 * MARGIN)
        random = np.random.default_rng([self.seed, 2, row, column])
        content = self._with_roads(scene(self._land(window), CLASSES, window, self._camera, self._world), window)
        strip = np.random.default_rng([self.seed, 3, column // STRIP]).normal(1.0, 0.015, 3)
        gain = tuple(float(g * s) for g, s in zip(self._camera.gain, strip, strict=True))
        return replace(self._camera, gain=(gain[0], gain[1], gain[2])).take(content, MARGIN, random)

    def labels(self, *, older: bool = False) -> list[list[str]]:
        """The class that covers most of each tile, by row and column; `older` is an earlier survey with smaller towns."""
        land = np.argmax(self._scores(OLDER_TOWNS if older else 1.0), axis=0)[RIM:, RIM:]
        per_tile = self.side // STEP
        land = land[: self.rows * per_tile, : self.columns * per_tile]
        blocks = (
            land.reshape(self.rows, per_tile, self.columns, per_tile).transpose(0, 2, 1, 3).reshape(self.rows, self.columns, -1)
        )
        counts = np.stack([(blocks == index).sum(axis=-1) for index in range(len(CLASSES))])
        return [[CLASSES[index] for index in row] for row in np.argmax(counts, axis=0)]

    @cached_property
    def _random(self) -> np.random.Generator:
        return np.random.default_rng([self.seed, 4])

    @cached_property
    def _world(self) -> int:
        return int(np.random.default_rng([self.seed, 5]).integers(0, 2**31))

    @cached_property
    def _camera(self) -> Camera:
        drawn = Camera.draw(np.random.default_rng([self.seed, 6]))
        return replace(drawn, gamma=1.0, haze=min(drawn.haze, 0.06))

    @cached_property
    def _towns(self) -> Field:
        """Centres (x, y) and radii in pixels, [N, 3], apart from each other."""
        return self._spots(max(1, round(self.rows * self.columns / 75)), 1.2, 3.0, 7)

    def _spots(self, count: int, low: float, high: float, salt: int) -> Field:
        """`count` places spread over the county with radii of `low` to `high` tiles: x, y, radius in pixels, [N, 3]."""
        random = np.random.default_rng([self.seed, salt])
        size = np.array([self.columns, self.rows]) * self.side
        found = [random.uniform(0.1, 0.9, 2) * size]
        while len(found) < count:
            tries = random.uniform(0.05, 0.95, (12, 2)) * size
            gaps = np.linalg.norm(tries[:, None] - np.array(found)[None], axis=-1).min(axis=1)
            found.append(tries[np.argmax(gaps)])
        radius = random.uniform(low, high, count) * self.side
        return np.column_stack([np.array(found), radius]).astype(np.float32)

    def _scores(self, town_size: float) -> Field:
        """How well each class suits each point of the land-use raster, [6, H, W]; the greatest wins."""
        height, width = self.rows * self.side // STEP + 2 * RIM, self.columns * self.side // STEP + 2 * RIM
        points = Window(-RIM, -RIM, max(height, width))
        x, y = points.axes

        def spots(places: Field, size: float) -> Field:
            reach = [1 - np.hypot(x * STEP - px, y * STEP - py) / np.float32(r * size) for px, py, r in places]
            return np.asarray(np.max(reach, axis=0), np.float32)

        def noise(tiles: float, salt: int, octaves: int = 4) -> Field:
            return fractal(points, tiles * self.side / STEP, self._world + 300 + salt, octaves)

        barren = self._spots(max(1, round(self.rows * self.columns / 110)), 0.7, 1.5, 8)
        scores = {
            "Barren": 0.9 * spots(barren, 1.0) + 0.7 * noise(1.2, 0) + 0.3,
            "Cultivated": 1.0 * noise(3.6, 10) + 0.17,
            "Developed": 0.9 * spots(self._towns, town_size) + 0.8 * noise(1.6, 20) + 0.14,
            "Forest": 1.0 * noise(3.2, 30) + 0.22,
            "Herbaceous": 1.0 * noise(2.4, 40) - 0.04,
            "Shrub": 1.0 * noise(2.4, 50) - 0.04,
        }
        return np.stack([scores[name] for name in CLASSES])[:, :height, :width].astype(np.float32)

    @cached_property
    def _raster(self) -> Field:
        return self._scores(1.0)

    def _land(self, window: Window) -> npt.NDArray[np.int8]:
        """The class of every pixel of `window`, with ragged borders."""
        left, top = window.x // STEP + RIM - 3, window.y // STEP + RIM - 3
        span = window.side // STEP + 8
        part = self._raster[:, top : top + span, left : left + span]
        present = np.unique(np.argmax(part, axis=0))
        if len(present) == 1:
            return np.full((window.side, window.side), present[0], np.int8)
        x0, y0 = window.x / STEP + RIM - left, window.y / STEP + RIM - top
        box = (x0, y0, x0 + window.side / STEP, y0 + window.side / STEP)
        fine = [
            np.asarray(Image.fromarray(part[k]).resize((window.side, window.side), Image.Resampling.BILINEAR, box=box))
            + np.float32(0.05) * fractal(window, 22, self._world + 400 + int(k), 2)
            for k in present
        ]
        return np.asarray(present[np.argmax(fine, axis=0)], np.int8)

    @cached_property
    def _roads(self) -> list[tuple[Field, Field]]:
        """Straight lines that join each town to the nearest of those before it."""
        centres = self._towns[:, :2]
        return [
            (centre, centres[:k][np.argmin(np.linalg.norm(centres[:k] - centre, axis=1))])
            for k, centre in enumerate(centres)
            if k
        ]

    def _with_roads(self, content: Field, window: Window) -> Field:
        near = [road for road in self._roads if _distance(window, *road) < window.side * 0.71 + WANDER]
        if not near:
            return content
        x, y = window.axes
        x = x + 70 * smooth(window, 900, self._world + 500) + 12 * smooth(window, 240, self._world + 501)
        y = y + 70 * smooth(window, 900, self._world + 502) + 12 * smooth(window, 240, self._world + 503)
        for start, end in near:
            line = end - start
            length = float(np.hypot(*line)) or 1.0
            along = ((x - start[0]) * line[0] + (y - start[1]) * line[1]) / np.float32(length)
            across = np.abs((x - start[0]) * line[1] - (y - start[1]) * line[0]) / np.float32(length)
            on = (along > 0) & (along < length) & (across < 12)
            if on.any():
                surface = mix(mix(ROAD_SURFACE, ROAD_EDGE, across > 10), ROAD_MEDIAN, across < 1.2)
                content = mix(content, surface, on)
        return content


def _distance(window: Window, start: Field, end: Field) -> float:
    """From the window's centre to the straight line between two points."""
    centre = np.array([window.x, window.y], np.float32) + np.float32(window.side / 2)
    line = end - start
    share = np.clip(np.dot(centre - start, line) / max(float(np.dot(line, line)), 1.0), 0, 1)
    return float(np.hypot(*(start + share * line - centre)))
