"""Bare ground: dunes, rock, quarries and worked soil."""

import numpy as np

from aerial_ops.datasets.landscape.crowns import Sun, crowns
from aerial_ops.datasets.landscape.noise import Field, Window, colour, constant, fractal, mix, place, smooth
from aerial_ops.datasets.landscape.vegetation import GREY_GREEN, OLIVE, planted

SAND, PALE_SAND = colour(204, 186, 152), colour(226, 214, 186)
ROCK, DARK_ROCK = colour(164, 156, 146), colour(116, 110, 104)
SOIL = colour(158, 130, 104)
TRACK = colour(196, 184, 162)


def barren(window: Window, sun: Sun, seed: int) -> Field:
    """Sand in dunes, rock in cracks and ledges, or dug soil, changing from one to another; a few plants."""
    kind = place(window, seed + 50, -0.3, 1.3) + np.float32(0.15) * smooth(window, 110, seed + 51)
    rocky = np.clip((kind - np.float32(0.35)) * 5, 0, 1)
    dug = np.clip((kind - np.float32(0.75)) * 5, 0, 1)
    # Only what is to be seen is drawn.
    surface = _rock(window, sun, seed) if rocky.any() else _dunes(window, sun, seed)
    if rocky.any() and not rocky.all():
        surface = mix(_dunes(window, sun, seed), surface, rocky)
    if dug.any():
        surface = mix(surface, _dug(window, sun, seed), dug)
    density = np.clip(place(window, seed + 52, -0.12, 0.16) + np.float32(0.12) * fractal(window, 60, seed + 53, 2), 0, 1)
    height, tint = crowns(window, 10, seed + 54, density, 0.12, 0.34)
    return planted(surface, np.minimum(height, np.float32(2.5)), mix(OLIVE, GREY_GREEN, tint), sun, 0.3)


def _dunes(window: Window, sun: Sun, seed: int) -> Field:
    along, _ = window.turned(constant(seed + 55, 0, 3.14))
    warp = 26 * smooth(window, 90, seed + 56) + 7 * smooth(window, 28, seed + 57)
    wave = (along + warp) / np.float32(constant(seed + 58, 18, 36))
    ridge = np.abs(wave - np.floor(wave) - np.float32(0.5)) * 2
    height = ridge * ridge * 9 + 3 * fractal(window, 30, seed + 59, 2)
    sand = mix(SAND, PALE_SAND, np.clip(ridge + np.float32(0.4) * fractal(window, 70, seed + 60, 2), 0, 1))
    return sand * (1 + np.float32(0.24) * sun.light(height) + np.float32(0.03) * smooth(window, 2, seed + 61))


def _rock(window: Window, sun: Sun, seed: int) -> Field:
    warp = fractal(window, 46, seed + 62, 4, 0.6)
    cracks = np.clip(np.abs(warp) * 7, 0, 1)
    stone = mix(DARK_ROCK, ROCK, np.clip(np.float32(0.6) + fractal(window, 80, seed + 63, 3), 0, 1)) * (
        np.float32(0.7) + np.float32(0.3) * cracks
    )
    return stone * (1 + np.float32(0.35) * sun.light(warp * 12) + np.float32(0.06) * smooth(window, 2, seed + 64))


def _dug(window: Window, sun: Sun, seed: int) -> Field:
    relief = fractal(window, 150, seed + 65, 4) * 2.2
    step = np.floor(relief) + np.clip((relief - np.floor(relief)) * 9 - 8, 0, 1)
    gravel = fractal(window, 7, seed + 70, 2)
    soil = mix(SOIL, SAND, np.clip(np.float32(0.5) + np.float32(0.6) * fractal(window, 50, seed + 66, 3), 0, 1))
    soil = soil * (1 + np.float32(0.35) * sun.light(step * 9 + gravel) + np.float32(0.05) * smooth(window, 2, seed + 67))
    wheel = np.abs(smooth(window, 130, seed + 68) + np.float32(0.1) * smooth(window, 24, seed + 69))
    return mix(soil, TRACK, np.clip(np.float32(1.5) - wheel * 70, 0, 1) * np.float32(0.8))
