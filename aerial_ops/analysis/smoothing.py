"""The plurality vote that takes single odd tiles out of a map."""

import numpy as np
import numpy.typing as npt

CENTRE_WEIGHT = 2
UNKNOWN = -1

Ints = npt.NDArray[np.integer]
AROUND = [(row, col) for row in (-1, 0, 1) for col in (-1, 0, 1) if (row, col) != (0, 0)]


def smooth(rows: Ints, cols: Ints, before: Ints, classes: int, weight: int = CENTRE_WEIGHT) -> npt.NDArray[np.int16]:
    """Labels after a 3 x 3 vote; all arrays are [TILES], labels `before` run from 0 to `classes` - 1 or are UNKNOWN.

    Each of the eight neighbours has one vote, the tile itself has `weight`; tiles that are missing or UNKNOWN have none. The
    class with the most votes wins. On a tie the tile keeps its own class if that is among the winners, else the first class
    in order wins. An UNKNOWN tile stays so. Where several tiles share a cell, the first one votes for it.
    """
    labels: npt.NDArray[np.int16] = np.asarray(before, dtype=np.int16)
    known = np.flatnonzero(labels >= 0)
    if not len(known):
        return labels.copy()
    width = int(cols.max()) + 3
    keys = (rows.astype(np.int64) + 1) * width + cols + 1
    cells, first = np.unique(keys[known], return_index=True)
    voter = labels[known][first]
    votes = np.zeros((len(known), classes), dtype=np.int16)
    votes[np.arange(len(known)), labels[known]] = weight
    for row, col in AROUND:
        wanted = keys[known] + row * width + col
        at = np.minimum(np.searchsorted(cells, wanted), len(cells) - 1)
        there = np.flatnonzero(cells[at] == wanted)
        votes[there, voter[at[there]]] += 1
    own = votes[np.arange(len(known)), labels[known]]
    smoothed = labels.copy()
    smoothed[known] = np.where(own == votes.max(axis=1), labels[known], votes.argmax(axis=1))
    return smoothed
