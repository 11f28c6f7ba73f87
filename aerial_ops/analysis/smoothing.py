"""The plurality vote that takes single odd tiles out of a map."""

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.neighbours import neighbours

CENTRE_WEIGHT = 2
UNKNOWN = -1

Ints = npt.NDArray[np.integer]


def smooth(rows: Ints, cols: Ints, before: Ints, classes: int, weight: int = CENTRE_WEIGHT) -> npt.NDArray[np.int16]:
    """Labels after a 3 x 3 vote; all arrays are [TILES], labels `before` run from 0 to `classes` - 1 or are UNKNOWN.

    Each of the eight neighbours has one vote, the tile itself has `weight`; tiles that are missing or UNKNOWN have none. The
    class with the most votes wins. On a tie the tile keeps its own class if that is among the winners, else the first class
    in order wins. All tiles vote with their label `before`. An UNKNOWN tile stays so. Where several tiles share a cell, the
    first one votes for it.
    """
    smoothed: npt.NDArray[np.int16] = np.array(before, dtype=np.int16)
    known = np.flatnonzero(smoothed >= 0)
    labels = smoothed[known]
    tiles = np.arange(len(known))
    votes = np.zeros((len(known), classes), dtype=np.int16)
    votes[tiles, labels] = weight
    for there, beside in neighbours(rows[known], cols[known]):
        votes[there, labels[beside]] += 1
    if len(known):
        keeps = votes[tiles, labels] == votes.max(axis=1)
        smoothed[known] = np.where(keeps, labels, votes.argmax(axis=1))
    return smoothed
