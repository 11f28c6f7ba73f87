"""One labelled tile: mostly land of its class, seen by some camera in some season, often with a neighbour intruding."""

import numpy as np
import numpy.typing as npt

from aerial_ops.datasets.landscape.camera import Camera
from aerial_ops.datasets.landscape.noise import Field, Window, constant, fractal
from aerial_ops.datasets.landscape.render import MARGIN, scene
from aerial_ops.storage.layout import CLASSES

PURE = 0.4
"""Share of tiles that hold nothing but their class."""
INTRUDING = (0.08, 0.45)
"""Least and greatest share of a tile that the neighbouring class takes in the others."""

USED = ("Cultivated", "Developed")
PLACE = 640
"""Tiles lie around points this far apart: each has a world of its own, and few places share their interpolation weights."""


def labelled_tile(seed: int, split: int, name: str, number: int, side: int) -> npt.NDArray[np.uint8]:
    """Tile `number` of class `name`: uint8 [side, side, 3]. The same arguments give the same picture."""
    own = CLASSES.index(name)
    random = np.random.default_rng([seed, split, own, number])
    camera = Camera.draw(random)
    x, y = (int(place) * PLACE - side // 2 for place in random.integers(0, 8, 2))
    window = Window(x, y, side + 2 * MARGIN)
    world = int(random.integers(0, 2**31))
    land = np.full((window.side, window.side), own, np.int8)
    if random.random() > PURE:
        land[_corner(window, world, float(random.uniform(*INTRUDING)))] = _neighbour(own, random)
    return camera.take(scene(land, CLASSES, window, camera, world), MARGIN, random)


def _neighbour(own: int, random: np.random.Generator) -> int:
    """Another class; wild land lies twice as often beside other wild land as beside a given class of used land."""
    weights = np.array([2.0 if name not in USED and CLASSES[own] not in USED else 1.0 for name in CLASSES])
    weights[own] = 0
    return int(random.choice(len(CLASSES), p=weights / weights.sum()))


def _corner(window: Window, seed: int, share: float) -> npt.NDArray[np.bool_]:
    """A ragged part of the window, `share` of its area, that comes in from one side."""
    along, _ = window.turned(constant(seed + 200, 0, 6.283))
    slope: Field = (along - along.mean()) / np.float32(window.side) + np.float32(0.28) * fractal(window, 120, seed + 201, 4)
    return np.asarray(slope < np.quantile(slope, share), np.bool_)
