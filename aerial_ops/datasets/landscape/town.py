"""Built-up land: streets, houses with drives and gardens, and blocks of large roofs with car parks."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aerial_ops.datasets.landscape.crowns import Sun, crowns
from aerial_ops.datasets.landscape.noise import (
    Cells,
    Field,
    Mask,
    Window,
    colour,
    constant,
    hashed,
    mix,
    palette,
    pick,
    place,
    shifted,
    smooth,
)
from aerial_ops.datasets.landscape.vegetation import BROADLEAF, CONIFER, grass, planted

ROOFS = palette(
    (118, 112, 108), (96, 92, 92), (138, 120, 106), (148, 104, 88), (166, 158, 150), (110, 84, 74), (84, 80, 82), (176, 172, 168)
)
FLAT_ROOFS = palette((198, 196, 192), (168, 166, 162), (142, 140, 138), (214, 212, 208), (120, 116, 112))
CARS = palette((226, 226, 226), (48, 48, 52), (150, 152, 156), (138, 48, 44), (58, 76, 118), (206, 206, 210))
ASPHALT, OLD_ASPHALT, CONCRETE = colour(110, 110, 112), colour(146, 144, 142), colour(182, 178, 172)
STREET = 8.0
"""Width of a street, metres."""


@dataclass(frozen=True)
class Blocks:
    """For every pixel: which block it is in, and where in it (metres from the block's street edges)."""

    u: Field
    v: Field
    i: npt.NDArray[np.int32]
    j: npt.NDArray[np.int32]
    width: float
    depth: float
    cells: Cells


def developed(window: Window, sun: Sun, dry: float, seed: int) -> Field:
    """A town's ground, roofs, cars and trees."""
    blocks = _blocks(window, seed)
    street = (blocks.u < STREET) | (blocks.v < STREET)
    busy = place(window, seed + 100, -0.35, 1.0) + (blocks.cells.draw(seed + 101) - np.float32(0.5)) * np.float32(0.5) > 0.55

    gardens = grass(window, seed + 102, dry - 0.15)
    height, roof, drive = _houses(window, blocks, sun, seed)
    if busy.any():
        big_height, big_roof = _halls(blocks, seed)
        height, roof = np.where(busy, big_height, height), mix(roof, big_roof, busy)
    lot = mix(ASPHALT, OLD_ASPHALT, blocks.cells.draw(seed + 103)) * (1 + np.float32(0.04) * smooth(window, 12, seed + 104))
    ground = mix(mix(gardens, mix(OLD_ASPHALT, CONCRETE, blocks.cells.draw(seed + 105)), drive), lot, busy)
    kerb = ~street & ((blocks.u < STREET + 1.5) | (blocks.v < STREET + 1.5))
    ground = mix(ground, CONCRETE, kerb * np.float32(0.6))
    road = mix(ASPHALT, OLD_ASPHALT, place(window, seed + 106, 0, 1))
    ground = mix(ground, road * (1 + np.float32(0.03) * smooth(window, 6, seed + 107)), street)
    ground = _cars(ground, blocks, street, busy & ~street & (height == 0), seed)

    built = height > 0
    scene = mix(ground * (1 - np.float32(0.45) * sun.shadow(height)), roof, built)
    open_ground = ~(built | street | shifted(built, 2, 2) | shifted(built, -2, -2))
    greenness = place(window, seed + 108, 0.1, 0.9)
    density = np.where(open_ground, np.where(busy, np.float32(0.05), greenness), np.float32(0))
    tree, tint = crowns(window, 10, seed + 109, density, 0.3, 0.62)
    return planted(scene, tree, mix(CONIFER, BROADLEAF, tint), sun)


def _blocks(window: Window, seed: int) -> Blocks:
    u, v = window.turned(constant(seed + 110, -0.8, 0.8))
    u = u + 16 * smooth(window, 260, seed + 111)
    v = v + 16 * smooth(window, 260, seed + 112)
    width, depth = constant(seed + 113, 110, 190), constant(seed + 114, 66, 92)
    i, j = np.floor(u / np.float32(width)), np.floor(v / np.float32(depth))
    u, v = u - i * np.float32(width), v - j * np.float32(depth)
    column, row = i.astype(np.int32), j.astype(np.int32)
    return Blocks(u, v, column, row, width, depth, Cells.of(column, row))


def _houses(window: Window, blocks: Blocks, sun: Sun, seed: int) -> tuple[Field, Field, Mask]:
    """Height, roof colour and drives of the detached houses along both long sides of each block."""
    count = max(3, round((blocks.width - STREET) / constant(seed + 120, 19, 34)))
    lot = np.float32((blocks.width - STREET) / count)
    k = np.floor((blocks.u - np.float32(STREET)) / lot)
    far = blocks.v - np.float32(STREET) > np.float32((blocks.depth - STREET) / 2)
    lots = Cells.of(blocks.i * (count + 1) + k.astype(np.int32), blocks.j * 2 + far)
    front = np.where(far, np.float32(blocks.depth) - blocks.v, blocks.v - np.float32(STREET))
    a = blocks.u - np.float32(STREET) - (k + np.float32(0.5)) * lot - (lots.draw(seed + 121) - np.float32(0.5)) * 3
    b = front - 13 - 4 * lots.draw(seed + 122)
    half_a = np.float32(4.6) + np.float32(2.6) * lots.draw(seed + 123)
    half_b = np.float32(3.6) + np.float32(1.8) * lots.draw(seed + 124)
    number = lots.draw(seed + 125)
    there = (k >= 0) & (lots.draw(seed + 126) < place(window, seed + 128, 0.45, 1.15))
    main = (np.abs(a) < half_a) & (np.abs(b) < half_b) & there
    wing_a, wing_b = (
        np.where(number < 0.5, a - half_a * np.float32(0.6), a + half_a * np.float32(0.6)),
        b + half_b * np.float32(0.8),
    )
    wing = (np.abs(wing_a) < 2.8) & (np.abs(wing_b) < 4) & there & (number < 0.8) & ~main
    slope_main = np.where(far, np.float32(-1), np.float32(1)) * np.sign(b)
    cosine = np.float32(0.14 if sun.dy > 0 else -0.14)
    lit = np.where(main, 1 - slope_main * cosine, 1 + np.sign(wing_a) * np.float32(0.08))
    lit = np.where(main & (np.abs(b) < 0.5), np.float32(1.15), lit)
    roof = lots.pick(ROOFS, seed + 127) * lit
    height = np.where(main, 6 - np.abs(b) * np.float32(0.4), np.float32(0)) + np.where(wing, np.float32(4), np.float32(0))
    beside = np.where(number < 0.5, a - half_a - 2, a + half_a + 2)
    drive = (np.abs(beside) < 1.7) & (front < 15) & (front > 0) & there
    return np.asarray(height, np.float32), np.asarray(roof, np.float32), drive


def _halls(blocks: Blocks, seed: int) -> tuple[Field, Field]:
    """Height and colour of the large flat roofs, one to three a block."""
    count = max(1, round(blocks.width / 75))
    lot = np.float32((blocks.width - STREET) / count)
    k = np.floor((blocks.u - np.float32(STREET)) / lot)
    i, j = blocks.i * (count + 1) + k.astype(np.int32), blocks.j
    halls = Cells.of(i, j)
    a = blocks.u - np.float32(STREET) - (k + np.float32(0.5)) * lot
    b = blocks.v - np.float32((blocks.depth + STREET) / 2) - (halls.draw(seed + 130) - np.float32(0.5)) * 26
    half_a = lot * (np.float32(0.22) + np.float32(0.22) * halls.draw(seed + 131))
    half_b = np.float32(blocks.depth) * (np.float32(0.14) + np.float32(0.16) * halls.draw(seed + 132))
    inside = (np.abs(a) < half_a) & (np.abs(b) < half_b) & (k >= 0)
    rim = inside & ((np.abs(a) > half_a - np.float32(1.2)) | (np.abs(b) > half_b - np.float32(1.2)))
    cell_a, cell_b = np.floor(a / 9), np.floor(b / 9)
    vent = (
        (hashed(cell_a.astype(np.int32) + 64 * i, cell_b.astype(np.int32) + 64 * j, seed + 133) < 0.16)
        & (np.abs(a / 9 - cell_a - 0.5) < 0.18)
        & (np.abs(b / 9 - cell_b - 0.5) < 0.18)
    )
    roof = halls.pick(FLAT_ROOFS, seed + 134)
    roof = roof * np.where(rim, np.float32(0.82), np.where(vent, np.float32(0.6), np.float32(1)))
    return np.where(inside, np.float32(7), np.float32(0)), np.asarray(roof, np.float32)


def _cars(ground: Field, blocks: Blocks, street: Mask, parking: Mask, seed: int) -> Field:
    """Cars on the streets, and in rows on the car parks with their painted bays."""
    row = blocks.v / np.float32(8.5)
    bay = blocks.u / np.float32(3.0)
    i, j = np.floor(bay).astype(np.int32) + 97 * blocks.i, np.floor(row).astype(np.int32) + 89 * blocks.j
    in_row = (row - np.floor(row) < 0.56) & (np.floor(row).astype(np.int32) % 2 == 0)
    paint = parking & in_row & (bay - np.floor(bay) < 0.17)
    parked = parking & in_row & (np.abs(bay - np.floor(bay) - np.float32(0.58)) < 0.3) & (hashed(i, j, seed + 140) < 0.55)
    slot = np.where(blocks.v < STREET, blocks.u, blocks.v) / 9
    lane = np.where(blocks.v < STREET, blocks.v, blocks.u)
    number = np.floor(slot)
    n = number.astype(np.int32)
    side = (lane > STREET / 2).astype(np.int32)
    fits = (np.abs(slot - number - np.float32(0.5)) < 0.25) & (
        np.abs(lane - np.where(side == 1, np.float32(6.3), np.float32(1.7))) < 0.95
    )
    driving = street & fits & (hashed(n + 51 * blocks.i, side + 7 * blocks.j, seed + 141) < 0.16)
    which = np.where(driving, hashed(n + 51 * blocks.i, side + 7 * blocks.j, seed + 142), hashed(i, j, seed + 143))
    car = pick(CARS, which)
    return mix(mix(ground, CONCRETE, paint * np.float32(0.6)), car, parked | driving)
