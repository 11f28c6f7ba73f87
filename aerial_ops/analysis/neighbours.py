"""Tiles beside each other on the grid: who the neighbours are, and which tiles hang together."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.integer]
Places = npt.NDArray[np.int64]
AROUND = [(row, col) for row in (-1, 0, 1) for col in (-1, 0, 1) if (row, col) != (0, 0)]
SIDES = [(row, col) for row, col in AROUND if row == 0 or col == 0]


def first_in_cells(rows: Ints, cols: Ints) -> Places:
    """The tiles that are the first of their cell."""
    first: Places = np.unique(np.stack([rows, cols]), axis=1, return_index=True)[1]
    return first


def neighbours(rows: Ints, cols: Ints, *, corners: bool = True) -> Iterator[tuple[Places, Places]]:
    """For each direction: the tiles that have a neighbour there, and that neighbour; places in `rows` [TILES].

    There are eight directions, or four without `corners`. Where several tiles share a cell the first one is the neighbour of
    those around; they have the same neighbours.
    """
    if not len(rows):
        return
    width = int(cols.max()) + 3
    keys = (rows.astype(np.int64) + 1) * width + cols + 1
    cells, first = np.unique(keys, return_index=True)
    for row, col in AROUND if corners else SIDES:
        wanted = keys + row * width + col
        at = np.minimum(np.searchsorted(cells, wanted), len(cells) - 1)
        there = np.flatnonzero(cells[at] == wanted)
        yield there, first[at[there]]


def connected(rows: Ints, cols: Ints, *, corners: bool = True) -> Places:
    """The piece that each tile belongs to, [TILES]: tiles that touch, or share a cell, are in one piece.

    Without `corners` tiles that touch only at a corner do not count as touching. Pieces are numbered from 0 in the order of
    their first tiles.
    """
    count = len(rows)
    pairs = list(neighbours(rows, cols, corners=corners))
    _, first, cell = np.unique(np.stack([rows, cols], axis=1), axis=0, return_index=True, return_inverse=True)
    pairs.append((np.arange(count), first[cell.reshape(-1)]))
    one, other = (np.concatenate(side) for side in zip(*pairs, strict=True))
    root = np.arange(count)
    while True:
        # Every piece takes the smallest number beside it, then all its tiles follow to the end of the chain.
        lower, higher = np.minimum(root[one], root[other]), np.maximum(root[one], root[other])
        if (lower == higher).all():
            break
        np.minimum.at(root, higher, lower)
        while (root[root] != root).any():
            root = root[root]
    _, start, piece = np.unique(root, return_index=True, return_inverse=True)
    numbered: Places = np.argsort(np.argsort(start))[piece.reshape(-1)]
    return numbered
