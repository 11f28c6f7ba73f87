"""What smoothing does to the accuracy of a map, where the truth is known."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.county import County
from aerial_ops.analysis.metrics import Metrics
from aerial_ops.analysis.pairing import Paired, compare_models
from aerial_ops.analysis.resampling import blocks_of_tiles


@dataclass(frozen=True, slots=True)
class SmoothingEffect:
    """The same tiles before and after the vote. `changed` counts tiles whose class the vote changed, of all tiles of the map.

    `paired` compares them tile by tile: `only_a` tiles were mended, `only_b` tiles were broken, `difference` is the gain in
    accuracy. Its interval is drawn by place, because the vote makes neighbours alike.
    """

    raw: Metrics
    smoothed: Metrics
    paired: Paired
    changed: int


def smoothing_effect(county: County, truth: npt.NDArray[np.int16], *, seed: int = 0) -> SmoothingEffect | None:
    """The effect on the tiles whose `truth` [TILES] is not UNKNOWN (see `County.indices`); None when there is none."""
    known = np.flatnonzero(truth >= 0)
    if not len(known):
        return None
    names = np.array(county.classes, dtype=object)
    true, raw, smoothed = (names[labels[known]].tolist() for labels in (truth, county.raw, county.smoothed))
    blocks = blocks_of_tiles(county.places, [county.places.names[i] for i in known])
    return SmoothingEffect(
        raw=Metrics.from_predictions(true, raw, county.classes),
        smoothed=Metrics.from_predictions(true, smoothed, county.classes),
        paired=compare_models(true, smoothed, raw, blocks, seed=seed),
        changed=int((county.raw != county.smoothed).sum()),
    )
