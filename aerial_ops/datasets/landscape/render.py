"""A window of the landscape as a picture: each class's texture where its mask says so."""

import numpy as np
import numpy.typing as npt

from aerial_ops.datasets.landscape.barren import barren
from aerial_ops.datasets.landscape.camera import Camera
from aerial_ops.datasets.landscape.fields import cultivated
from aerial_ops.datasets.landscape.noise import Field, Window, mix
from aerial_ops.datasets.landscape.town import developed
from aerial_ops.datasets.landscape.vegetation import forest, herbaceous, shrub

MARGIN = 16
"""Pixels around a tile that are drawn and cut off: crowns and shadows reach in from there."""


def texture(name: str, window: Window, camera: Camera, seed: int) -> Field:
    """The texture of class `name` all over `window`: float32 [3, SIDE, SIDE], 0 to 255."""
    if name == "Barren":
        return barren(window, camera.sun, seed)
    draw = {"Cultivated": cultivated, "Developed": developed, "Forest": forest, "Herbaceous": herbaceous, "Shrub": shrub}[name]
    return draw(window, camera.sun, camera.dry, seed)


def scene(land: npt.NDArray[np.int8], names: tuple[str, ...], window: Window, camera: Camera, seed: int) -> Field:
    """The picture's content where `land` [SIDE, SIDE] holds indices into `names`."""
    present = np.unique(land)
    drawn = texture(names[present[0]], window, camera, seed)
    for index in present[1:]:
        drawn = mix(drawn, texture(names[index], window, camera, seed), land == index)
    return drawn
