"""Trees and shrubs: domes on a jittered lattice, lit from the sun's side, with their shadows."""

from dataclasses import dataclass

import numpy as np

from aerial_ops.datasets.landscape.noise import Field, Mask, Window, hashed, shifted


@dataclass(frozen=True)
class Sun:
    """Where the light comes from: `dx`, `dy` point from the sun along the ground, as long as the shadow of a 1 m pole."""

    dx: float
    dy: float

    def shadow(self, height: Field) -> Mask:
        """The ground and crowns that lie in the shadow of `height` (metres)."""
        dark = np.zeros(height.shape, np.bool_)
        length = max(float(np.hypot(self.dx, self.dy)), 0.2)
        for step in (2, 4, 6, 9):
            moved = shifted(height, round(self.dx / length * step), round(self.dy / length * step))
            dark |= moved - np.float32(step / length) > height
        return dark

    def light(self, height: Field) -> Field:
        """Brightness of a surface's slope, about -1 (turned away) to 1 (facing the sun)."""
        length = max(float(np.hypot(self.dx, self.dy)), 0.2)
        east = height - shifted(height, 1, 0)
        south = height - shifted(height, 0, 1)
        return np.clip((east * np.float32(self.dx) + south * np.float32(self.dy)) * np.float32(0.6 / length), -1, 1)


def crowns(window: Window, spacing: int, seed: int, density: Field | float, low: float, high: float) -> tuple[Field, Field]:
    """Height (metres, 0 where there is no crown) and a random number for each crown.

    Crowns stand on a lattice of `spacing` (an even number of pixels), moved at random; each is there with the
    probability `density` and has a radius of `low` to `high` spacings (at most 0.7).
    """
    side, block = window.side, 2 * spacing
    best, tint = np.zeros((side, side), np.float32), np.zeros((side, side), np.float32)
    local = np.arange(block, dtype=np.float32) + np.float32(0.5 - spacing)
    for a in (0, 1):
        for b in (0, 1):
            # A cell's block reaches half a spacing beyond the cell on each side; blocks of one parity tile the plane.
            i0 = (window.x + spacing // 2) // spacing // 2 * 2 + a - 2
            j0 = (window.y + spacing // 2) // spacing // 2 * 2 + b - 2
            count = side // block + 4
            i = i0 + 2 * np.arange(count)[None, :]
            j = j0 + 2 * np.arange(count)[:, None]
            radius = np.float32(spacing) * (low + np.float32(high - low) * hashed(i, j, seed))
            there = hashed(i, j, seed + 1) < _at(density, window, (i + 0.5) * spacing, (j + 0.5) * spacing)
            jx = (hashed(i, j, seed + 2) - np.float32(0.5)) * np.float32(0.6 * spacing)
            jy = (hashed(i, j, seed + 3) - np.float32(0.5)) * np.float32(0.6 * spacing)
            power = np.where(there, radius * radius, np.float32(-1e6))
            dx = (local[None, None, :] - jx[:, :, None]) ** 2
            dy = (local[None, None, :] - jy[:, :, None]) ** 2
            dome = (power[:, :, None] - dx)[:, None] - dy.transpose(0, 2, 1)[..., None]
            dome = dome.reshape(count * block, count * block)
            top, left = window.y - (j0 * spacing - spacing // 2), window.x - (i0 * spacing - spacing // 2)
            dome = dome[top : top + side, left : left + side]
            colour = np.broadcast_to(hashed(i, j, seed + 4)[:, None, :, None], (count, block, count, block))
            colour = colour.reshape(count * block, count * block)[top : top + side, left : left + side]
            tint = np.where(dome > best, colour, tint)
            best = np.maximum(dome, best)
    return np.sqrt(best), tint


def _at(density: Field | float, window: Window, x: Field, y: Field) -> Field | float:
    """The density at the crowns' centres (at the window's edge where they lie outside)."""
    if isinstance(density, float):
        return density
    column = np.clip((x - window.x).astype(np.int64), 0, window.side - 1)
    row = np.clip((y - window.y).astype(np.int64), 0, window.side - 1)
    return density[row, column]
