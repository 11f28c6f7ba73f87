"""Finding the rows of one table in another, by the name of a tile."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

ABSENT = -1


def positions(names: Sequence[str], paths: Sequence[str]) -> npt.NDArray[np.int64]:
    """Where in `paths` each of `names` is, [NAMES]; ABSENT when it is not. Of equal paths the last one counts.

    A tile is found by its blob name, or by its file name when `names` hold no folders.
    """
    flat = not any("/" in name for name in names)
    at = {path.rpartition("/")[2] if flat else path: i for i, path in enumerate(paths)}
    return np.fromiter((at.get(name, ABSENT) for name in names), dtype=np.int64, count=len(names))
