"""Random fields over world coordinates, from hashes of lattice points: any window of a field is the same wherever it is cut."""

from dataclasses import dataclass
from functools import cached_property
from math import ceil, cos, floor, sin

import numpy as np
import numpy.typing as npt
from PIL import Image

Field = npt.NDArray[np.float32]
"""Float32 [SIDE, SIDE], or [3, SIDE, SIDE] for a colour (red, green, blue, 0 to 255)."""
Mask = npt.NDArray[np.bool_]


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
    with np.errstate(over="ignore"):
        h = ix.astype(np.uint32) * np.uint32(0x9E3779B1) ^ iy.astype(np.uint32) * np.uint32(0x85EBCA77)
        h = (h ^ np.uint32(seed * 0xC2B2AE3D & 0xFFFFFFFF)) * np.uint32(0x2C1B3C6D)
        h ^= h >> np.uint32(15)
        h *= np.uint32(0x297A2D39)
        h ^= h >> np.uint32(13)
        h *= np.uint32(0x7FEB352D)
        h ^= h >> np.uint32(16)
    return (h >> np.uint32(8)).astype(np.float32) * np.float32(2**-24)


def constant(seed: int, low: float, high: float) -> float:
    """One number in [low, high) for a whole world."""
    zero = np.zeros(1, np.uint32)
    return low + (high - low) * float(hashed(zero, zero + np.uint32(77), seed)[0])


def smooth(window: Window, spacing: float, seed: int) -> Field:
    """A smooth field of about -1 to 1: random values `spacing` pixels apart, joined by cubic convolution."""
    i, j = floor(window.x / spacing) - 3, floor(window.y / spacing) - 3
    count = ceil(window.side / spacing) + 7
    lattice = hashed(np.arange(i, i + count)[None, :], np.arange(j, j + count)[:, None], seed) * 2 - 1
    left, top, span = window.x / spacing - i + 0.5, window.y / spacing - j + 0.5, window.side / spacing
    image = Image.fromarray(np.asarray(lattice, np.float32))
    box = (left, top, left + span, top + span)
    return np.asarray(image.resize((window.side, window.side), Image.Resampling.BICUBIC, box=box), np.float32)


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


def mix(a: Field, b: Field, share: Field | float) -> Field:
    """`a` where share is 0, `b` where it is 1."""
    return np.asarray(a + (b - a) * share, np.float32)


def colour(red: float, green: float, blue: float) -> Field:
    """A colour that broadcasts over a field: [3, 1, 1]."""
    return np.array([red, green, blue], np.float32)[:, None, None]


def shifted(field: npt.NDArray[np.generic], dx: int, dy: int) -> npt.NDArray[np.generic]:
    """`field` moved by whole pixels; what leaves on one side comes back on the other (windows have a margin for that)."""
    return np.roll(field, (dy, dx), axis=(-2, -1))
