"""Farmland: parcels with crops in rows, wheel tracks, headlands, tracks and hedges between them."""

import numpy as np

from aerial_ops.datasets.landscape.crowns import Sun, crowns
from aerial_ops.datasets.landscape.noise import (
    Cells,
    Field,
    Window,
    colour,
    constant,
    fractal,
    mix,
    palette,
    place,
    smooth,
)
from aerial_ops.datasets.landscape.vegetation import BROADLEAF, CONIFER, DRY_GRASS, LUSH_GRASS, planted

CROPS = palette(
    (96, 124, 62),  # maize
    (84, 112, 66),  # potatoes
    (130, 142, 78),  # young cereals
    (186, 168, 112),  # ripe cereals
    (152, 128, 102),  # ploughed
    (176, 152, 122),  # dry soil
    (118, 134, 72),  # hay
    (104, 128, 90),  # vegetables
)
RIPE = colour(186, 168, 112)
BETWEEN_ROWS = colour(146, 124, 96)
TRACK = colour(178, 162, 132)


def cultivated(window: Window, sun: Sun, dry: float, seed: int) -> Field:
    """Parcels of different crops, each with its rows."""
    u, v = window.turned(constant(seed + 70, -0.6, 0.6))
    u = u + 5 * smooth(window, 220, seed + 71)
    depth = constant(seed + 72, 110, 240)
    strip = np.floor(v / np.float32(depth))
    number = strip.astype(np.int32)
    strips = Cells.of(np.zeros_like(number), number)
    width = np.float32(constant(seed + 73, 70, 170)) * (np.float32(0.7) + np.float32(0.9) * strips.draw(seed + 74))
    along = u / width + strips.draw(seed + 75)
    parcel = np.floor(along)
    parcels = Cells.of(parcel.astype(np.int32), number)
    edge_u = (np.float32(0.5) - np.abs(along - parcel - np.float32(0.5))) * width
    edge_v = (np.float32(0.5) - np.abs(v / np.float32(depth) - strip - np.float32(0.5))) * np.float32(depth)
    edge = np.minimum(edge_u, edge_v)

    crop = parcels.pick(CROPS, seed + 76)
    crop = mix(crop, RIPE, np.clip((dry - 0.4) * parcels.draw(seed + 77), 0, 0.6))
    vigour = fractal(window, 48, seed + 78, 3)
    crop = crop * (1 + np.float32(0.1) * vigour + np.float32(0.035) * smooth(window, 2, seed + 79))
    surface = _rows(window, seed, np.stack([u, v]), edge_u, parcels, crop)

    border = np.clip(np.float32(3.0) - edge + smooth(window, 12, seed + 90), 0, 1)
    is_track = strips.draw(seed + 91) < 0.4
    verge = mix(mix(DRY_GRASS, LUSH_GRASS, place(window, seed + 92, 0, 1)), TRACK, is_track)
    surface = mix(surface, verge, border)
    hedge = np.where((edge < 5) & (parcels.draw(seed + 93) < 0.35), np.float32(0.6), np.float32(0.004))
    height, tint = crowns(window, 8, seed + 94, hedge, 0.3, 0.65)
    return planted(surface, height, mix(CONIFER, BROADLEAF, tint), sun)


def _rows(window: Window, seed: int, axes: Field, edge_u: Field, parcels: Cells, crop: Field) -> Field:
    """Rows along or across the parcel, headlands at its ends, and a sprayer's wheel tracks."""
    across = parcels.draw(seed + 80) < 0.5
    headland = edge_u < 11
    line = np.where(across ^ headland, axes[0], axes[1]) + np.float32(1.2) * smooth(window, 60, seed + 81)
    period = np.float32(3.4) + np.float32(4.5) * parcels.draw(seed + 82)
    wave = np.sin(line * (np.float32(6.2832) / period))
    # Some parcels show no rows at all (hay, closed crops), some strong ones.
    strength = np.clip(parcels.draw(seed + 83) * np.float32(1.3) - np.float32(0.25), 0, 1) * place(window, seed + 84, 0.2, 1.1)
    surface = mix(crop, BETWEEN_ROWS, np.clip(wave * strength * np.float32(0.5), 0, 1))
    surface = surface * (1 + np.float32(0.09) * strength * wave)
    tram = np.float32(22) + 6 * parcels.draw(seed + 85)
    off = line - np.floor(line / tram) * tram
    wheels = ((off < 1.3) | ((off > 2.6) & (off < 3.9))) & (parcels.draw(seed + 86) < 0.6)
    return mix(surface, BETWEEN_ROWS * np.float32(0.95), wheels * np.float32(0.35))
