"""Trees and shrubs: domes on a jittered lattice, lit from the sun's side, with their shadows."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

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
        return np.asarray(
            np.clip((east * np.float32(self.dx) + south * np.float32(self.dy)) * np.float32(0.6 / length), -0.75, 1), np.float32
        )


def crowns(window: Window, spacing: int, seed: int, density: Field | float, low: float, high: float) -> tuple[Field, Field]:
    """Height (metres, 0 where there is no crown) and a random number for each crown.

    Crowns stand on a lattice of `spacing` (an even number of pixels), moved at random; each is there with the
    probability `density` and has a radius of `low` to `high` spacings (at most 0.7).
    """
    side, block = window.side, 2 * spacing
    best = np.zeros((side, side), np.int32)
    local = np.arange(block, dtype=np.float32) + np.float32(0.5 - spacing)
    for a in (0, 1):
        for b in (0, 1):
            # A cell's block reaches half a spacing beyond the cell on each side; blocks of one parity tile the plane.
            i0 = ((window.x + spacing // 2) // spacing - a) // 2 * 2 + a
            j0 = ((window.y + spacing // 2) // spacing - b) // 2 * 2 + b
            count = (side + block - 1) // block + 1
            i = i0 + 2 * np.arange(count)[None, :]
            j = j0 + 2 * np.arange(count)[:, None]
            radius = np.float32(spacing) * (low + np.float32(high - low) * hashed(i, j, seed))
            there = hashed(i, j, seed + 1) < _at(density, window, i * spacing + spacing // 2, j * spacing + spacing // 2)
            jx = (hashed(i, j, seed + 2) - np.float32(0.5)) * np.float32(0.6 * spacing)
            jy = (hashed(i, j, seed + 3) - np.float32(0.5)) * np.float32(0.6 * spacing)
            power = np.where(there, radius * radius, np.float32(-1e6))[:, :, None] - (local - jx[:, :, None]) ** 2
            away = local[None, :, None] - np.repeat(jy, block, axis=1)[:, None, :]
            dome = power.reshape(count, 1, count * block) - away * away
            # Positive floats keep their order as integers, so the crown's own number can ride in the low bits.
            number = np.repeat((hashed(i, j, seed + 4) * 256).astype(np.int32), block, axis=1)[:, None, :]
            packed = ((dome.view(np.int32) & ~255) | number).reshape(count * block, count * block)
            top, left = window.y - (j0 * spacing - spacing // 2), window.x - (i0 * spacing - spacing // 2)
            np.maximum(best, packed[top : top + side, left : left + side], out=best)
    return np.sqrt((best & ~255).view(np.float32)), (best & 255).astype(np.float32) * np.float32(1 / 256)


def _at(density: Field | float, window: Window, x: npt.NDArray[np.int64], y: npt.NDArray[np.int64]) -> Field | float:
    """The density at the crowns' centres (at the window's edge where they lie outside)."""
    if isinstance(density, float):
        return density
    inside = np.clip(y - window.y, 0, window.side - 1), np.clip(x - window.x, 0, window.side - 1)
    return np.asarray(density[inside], np.float32)
