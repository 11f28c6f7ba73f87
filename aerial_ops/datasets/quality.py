"""Whether a tile's pixels are fit: enough of them there, and not under cloud."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aerial_ops.errors import UsageError

BRIGHT = 200
"""A cloudy pixel is at least so bright (0 to 255) in each of red, green and blue,"""
GREY = 30
"""and its three values differ by at most so much."""
MISSING, CLOUD = "without data", "under cloud"


@dataclass(frozen=True)
class Limits:
    """The most that a tile may lack: shares of its pixels. `cloud` None does not look for clouds."""

    missing: float = 0.01
    cloud: float | None = None

    def __post_init__(self) -> None:
        for name, share in (("without data", self.missing), ("under cloud", self.cloud)):
            if share is not None and not 0 <= share <= 1:
                raise UsageError(f"The share of pixels {name} is {share:g}; it is from 0 to 1.")

    def reason_against(self, missing: float, cloud: float) -> str:
        """Why a tile is dropped; empty when it is kept."""
        if missing > self.missing or missing == 1:
            return MISSING
        return CLOUD if self.cloud is not None and cloud > self.cloud else ""


def cloud_share(pixels: npt.NDArray[np.uint8], there: npt.NDArray[np.bool_]) -> float:
    """The share of bright, colourless pixels among those that are `there`; pixels [3, H, W], there [H, W].

    Snow, white roofs, sand and concrete are bright and colourless too: a high share says that a tile is worth no more
    than a cloud, a low one says nothing.
    """
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    cloudy = (low >= BRIGHT) & (high - low <= GREY) & there
    return float(cloudy.sum() / max(int(there.sum()), 1))
