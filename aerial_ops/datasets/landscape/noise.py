"""Random fields over world coordinates, from hashes of lattice points: any window of a field is the same wherever it is cut."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import cos, sin
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Field = npt.NDArray[np.float32]
"""Float32 [SIDE, SIDE], or [3, SIDE, SIDE] for a colour (red, green, blue, 0 to 255)."""
Mask = npt.NDArray[np.bool_]
Pixels = TypeVar("Pixels", bound=npt.NDArray[np.generic])

BLOCK = 32
"""Rows of an interpolation that are computed at a time."""


@dataclass(frozen=True)
class Window:
    """A square of the world: its upper-left corner and its side, in pixels (1 m); x runs east, y runs south."""

    x: int
    y: int
    side: int

    @cached_property
    def axes(self) -> tuple[Field, Field]:
        """Pixel centres: x as [1, SIDE] and y as [SIDE, 1]."""
        steps = np.arange(self.side, dtype=np.float32) + np.float32(0.5)
        return (steps + np.float32(self.x))[None, :], (steps + np.float32(self.y))[:, None]

    def turned(self, angle: float) -> tuple[Field, Field]:
        """Pixel centres in axes turned by `angle` radians."""
        x, y = self.axes
        c, s = np.float32(cos(angle)), np.float32(sin(angle))
        return x * c + y * s, y * c - x * s


def hashed(ix: npt.NDArray[np.integer], iy: npt.NDArray[np.integer], seed: int) -> Field:
    """A uniform number in [0, 1) for each pair of integers (which are broadcast)."""
    h = ix.astype(np.uint32) * np.uint32(0x9E3779B1) ^ iy.astype(np.uint32) * np.uint32(0x85EBCA77)
    h ^= np.uint32(seed * 0xC2B2AE3D & 0xFFFFFFFF)
    h *= np.uint32(0x2C1B3C6D)
    for multiplier in (0x297A2D39, 0x7FEB352D):
        h ^= h >> np.uint32(15)
        h *= np.uint32(multiplier)
    h ^= h >> np.uint32(16)
    return (h >> np.uint32(8)).astype(np.float32) * np.float32(2**-24)


@dataclass(frozen=True)
class Cells:
    """Cells that a window is divided into (parcels, blocks, lots): random numbers and colours by the cell a pixel lies in."""

    columns: npt.NDArray[np.integer]
    rows: npt.NDArray[np.integer]
    index: npt.NDArray[np.intp]

    @classmethod
    def of(cls, i: npt.NDArray[np.int32], j: npt.NDArray[np.int32]) -> "Cells":
        """The cells with numbers `i` and `j` at each pixel."""
        first, top = int(i.min()), int(j.min())
        columns, rows = np.arange(first, int(i.max()) + 1), np.arange(top, int(j.max()) + 1)
        return cls(columns[None, :], rows[:, None], ((j - top) * len(columns) + (i - first)).astype(np.intp))

    def draw(self, seed: int) -> Field:
        """A uniform number in [0, 1) for each cell, as `hashed` gives it."""
        return np.asarray(np.take(hashed(self.columns, self.rows, seed), self.index), np.float32)

    def pick(self, colours: Field, seed: int) -> Field:
        """A colour of the palette for each cell: [3, SIDE, SIDE]."""
        which = (hashed(self.columns, self.rows, seed) * colours.shape[1]).astype(np.intp).ravel()
        return np.asarray(np.take(colours[:, which], self.index, axis=1), np.float32)


def constant(seed: int, low: float, high: float) -> float:
    """One number in [low, high) for a whole world."""
    zero = np.zeros(1, np.uint32)
    return low + (high - low) * float(hashed(zero, zero + np.uint32(77), seed)[0])


def smooth(window: Window, spacing: float, seed: int) -> Field:
    """A smooth field of about -1 to 1: random values `spacing` pixels apart, joined by cubic convolution."""
    across, down = Taps.of(window.x, spacing, window.side), Taps.of(window.y, spacing, window.side)
    lattice = hashed(across.points[None, :], down.points[:, None], seed) * 2 - 1
    return down.apply(across.apply(lattice.T).T)


@dataclass(frozen=True)
class Taps:
    """Cubic convolution (a = -0.5) along one axis, as blocks of a banded matrix: first point, end point, weights.

    Blocks this small stay in one thread, so that processes side by side do not get into each other's way.
    """

    points: npt.NDArray[np.int64]
    blocks: tuple[tuple[int, int, Field], ...]

    def apply(self, values: Field) -> Field:
        """Pixels from lattice values: [POINTS, N] to [SIDE, N]."""
        return np.concatenate([weights @ values[first:end] for first, end, weights in self.blocks])

    @classmethod
    @lru_cache(maxsize=2048)
    def of(cls, start: int, spacing: float, side: int) -> "Taps":
        """The taps of pixels `start` to `start + side`."""
        position = (start + np.arange(side) + 0.5) / spacing
        base = np.floor(position).astype(np.int64)
        t = position - base
        first = int(base[0]) - 1
        near = ((1.5 * t - 2.5) * t * t + 1, ((-1.5 * t + 2) * t + 0.5) * t)
        far = (((-0.5 * t + 1) * t - 0.5) * t, (0.5 * t - 0.5) * t * t)
        weights = np.zeros((side, int(base[-1]) - first + 3), np.float32)
        row = np.arange(side)
        for offset, weight in ((-1, far[0]), (0, near[0]), (1, near[1]), (2, far[1])):
            weights[row, base - first + offset] = weight
        blocks = []
        for top in range(0, side, BLOCK):
            low, end = int(base[top]) - 1 - first, int(base[min(top + BLOCK, side) - 1]) + 3 - first
            blocks.append((low, end, np.ascontiguousarray(weights[top : top + BLOCK, low:end])))
        return cls(np.arange(first, first + weights.shape[1]), tuple(blocks))


def fractal(window: Window, spacing: float, seed: int, octaves: int = 3, gain: float = 0.5) -> Field:
    """Smooth fields at halved spacings added up, of about -1 to 1."""
    total, weight, height = np.zeros((window.side, window.side), np.float32), 0.0, 1.0
    for octave in range(octaves):
        total += np.float32(height) * smooth(window, spacing / 2**octave, seed + 101 * octave)
        weight += height
        height *= gain
    return total / np.float32(weight * 0.8)


def place(window: Window, seed: int, low: float, high: float) -> Field:
    """A quantity that changes slowly from place to place, in about [low, high]."""
    return np.clip(smooth(window, 640, seed) * np.float32(0.6) + np.float32(0.5), 0, 1) * np.float32(high - low) + np.float32(low)


def mix(a: Field, b: Field, share: "Field | Mask | float") -> Field:
    """`a` where share is 0 (or False), `b` where it is 1 (or True)."""
    weight = np.float32(share) if isinstance(share, float) else share.astype(np.float32, copy=False)
    step = b - a
    if step.shape[1:] == (1, 1):
        step = step * weight
    else:
        step *= weight
    step += a
    return step


def colour(red: float, green: float, blue: float) -> Field:
    """A colour that broadcasts over a field: [3, 1, 1]."""
    return np.array([red, green, blue], np.float32)[:, None, None]


def palette(*colours: tuple[int, int, int]) -> Field:
    """Colours to `pick` from: [3, COLOURS]."""
    return np.ascontiguousarray(np.array(colours, np.float32).T)


def pick(colours: Field, number: Field) -> Field:
    """For each pixel the colour that its number in [0, 1) stands for: [3, SIDE, SIDE]."""
    return np.asarray(np.take(colours, (number * colours.shape[1]).astype(np.intp), axis=1), np.float32)


def shifted(field: Pixels, dx: int, dy: int) -> Pixels:
    """`field` moved by whole pixels; what leaves on one side comes back on the other (windows have a margin for that)."""
    moved: Any = np.roll(field, (dy, dx), axis=(-2, -1))
    return moved  # type: ignore[no-any-return]
