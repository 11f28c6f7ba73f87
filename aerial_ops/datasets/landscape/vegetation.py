"""What grows by itself: forest, shrub land, grass."""

import numpy as np

from aerial_ops.datasets.landscape.crowns import Sun, crowns
from aerial_ops.datasets.landscape.noise import Field, Window, colour, constant, fractal, mix, place, smooth

CONIFER, BROADLEAF, BRIGHT = colour(46, 66, 44), colour(72, 96, 56), colour(104, 122, 66)
TURNING = colour(126, 102, 58)
FOREST_FLOOR = colour(52, 50, 40)
LUSH_GRASS, DRY_GRASS, STRAW = colour(112, 132, 76), colour(146, 142, 98), colour(178, 164, 122)
PATH = colour(186, 172, 144)
OLIVE, GREY_GREEN = colour(74, 86, 52), colour(96, 102, 74)


def planted(ground: Field, height: Field, crown: Field, sun: Sun, contrast: float = 0.45) -> Field:
    """Crowns of colour `crown` and their shadows laid over `ground`."""
    lit = 1 + np.float32(contrast) * sun.light(height)
    shade = 1 - np.float32(0.45) * sun.shadow(height)
    return mix(ground, crown * lit, height > 0) * shade


def grass(window: Window, seed: int, dry: float) -> Field:
    """The colour of a grass cover, mottled at several scales."""
    wet = np.clip(place(window, seed, 0.0, 1.0) - np.float32(dry - 0.5) + np.float32(0.35) * fractal(window, 60, seed + 1), 0, 1)
    base = mix(mix(STRAW, DRY_GRASS, np.minimum(wet * 2, 1)), LUSH_GRASS, np.maximum(wet * 2 - 1, 0))
    return base * (1 + np.float32(0.07) * fractal(window, 9, seed + 2, 2) + np.float32(0.05) * smooth(window, 2, seed + 3))


def forest(window: Window, sun: Sun, dry: float, seed: int) -> Field:
    """A closed canopy: crowns of many greens, lit on one side, dark gaps between them."""
    spacing = 2 * int(constant(seed + 10, 4, 8.5))
    density = np.clip(place(window, seed + 11, 0.5, 1.1) + np.float32(0.35) * fractal(window, 70, seed + 12, 2), 0.25, 1)
    height, tint = crowns(window, spacing, seed + 13, density, 0.42, 0.7)
    height = np.where(height > 0, np.maximum(height + np.float32(0.9) * smooth(window, 3, seed + 14), np.float32(0.05)), height)
    kind = np.clip(place(window, seed + 15, -0.25, 1.1) + (tint - np.float32(0.5)) * np.float32(1.2), 0, 1)
    leaves = mix(CONIFER, BROADLEAF, kind) + (BRIGHT - BROADLEAF) * np.maximum(tint * 3 - 2, 0)
    leaves = leaves * (1 + np.float32(0.1) * fractal(window, 160, seed + 19, 2))
    leaves = mix(leaves, TURNING, np.clip((np.float32(dry) - np.float32(0.45)) * kind * tint * 2, 0, 0.7))
    floor = mix(FOREST_FLOOR, grass(window, seed + 16, dry) * np.float32(0.75), np.clip(np.float32(1.0) - density, 0, 1))
    ground = floor * (1 + np.float32(0.08) * smooth(window, 3, seed + 17))
    return planted(ground, height, leaves * (1 + np.float32(0.05) * smooth(window, 2, seed + 18)), sun, 0.5)


def shrub(window: Window, sun: Sun, dry: float, seed: int) -> Field:
    """Shrubs scattered in clumps over dry grass."""
    ground = grass(window, seed + 20, min(dry + 0.3, 1.0))
    bare = np.clip(fractal(window, 40, seed + 21, 2) - np.float32(0.35), 0, 1)
    ground = mix(ground, PATH, bare)
    spacing = 2 * int(constant(seed + 22, 4, 7.5))
    density = np.clip(place(window, seed + 23, 0.12, 0.75) + np.float32(0.45) * fractal(window, 55, seed + 24, 2), 0, 0.95)
    height, tint = crowns(window, spacing, seed + 25, density, 0.17, constant(seed + 26, 0.32, 0.5))
    height = np.minimum(height, np.float32(3.5)) * np.float32(0.9)
    leaves = mix(OLIVE, GREY_GREEN, tint) * (1 + np.float32(0.08) * smooth(window, 2, seed + 27))
    return planted(ground, height, leaves, sun, 0.4)


def herbaceous(window: Window, sun: Sun, dry: float, seed: int) -> Field:
    """Grass: smooth, mottled, crossed by a path here and there, with a rare tree and faint mowing or drainage lines."""
    ground = grass(window, seed + 30, dry)
    wander = smooth(window, 150, seed + 31) + np.float32(0.12) * smooth(window, 30, seed + 32)
    on_path = np.clip(np.float32(1.4) - np.abs(wander - np.float32(0.2)) * 110, 0, 1) * (
        place(window, seed + 33, -1.0, 1.2) > 0.3
    )
    ground = mix(ground, PATH, on_path * np.float32(0.8))
    along, _ = window.turned(constant(seed + 34, 0, 3.14))
    lines = np.sin(along * np.float32(6.283 / constant(seed + 35, 9, 16)) + 2 * smooth(window, 90, seed + 36))
    ground = ground * (1 + np.float32(0.05) * np.clip(place(window, seed + 37, -1.2, 1.2), 0, 1) * lines)
    density = np.clip(place(window, seed + 38, -0.1, 0.16) + np.float32(0.1) * smooth(window, 80, seed + 39), 0, 1)
    height, tint = crowns(window, 12, seed + 40, density, 0.2, 0.5)
    return planted(ground, height, mix(CONIFER, BROADLEAF, tint), sun)
