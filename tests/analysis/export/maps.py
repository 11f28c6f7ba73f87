"""Layers of small maps, cut in a known reference system."""

import numpy as np

from aerial_ops.analysis.county import County
from aerial_ops.analysis.development import newly_developed
from aerial_ops.analysis.export.layers import MapLayers
from tests.analysis.export.test_frame import county_in

CLASSES = ("Cultivated", "Developed", "Forest")
SOURCE = {"MODEL": "rf1", "RUN": "rf1-score-1"}


def labelled(county: County, seed: int = 2) -> County:
    """The county with random classes, alike in blocks of 4 x 4 tiles."""
    blocks = np.random.default_rng(seed).integers(0, 3, (99, 99)).astype(np.int16)
    labels = blocks[county.grid.rows // 4, county.grid.cols // 4]
    return County(county.places, CLASSES, labels, labels[::-1].copy(), county.area, county.grid, 0, 0, 0)


def layers_in(crs: str = "EPSG:32619", left: float = 300_000.0, top: float = 4_720_000.0, size: float = 224.0) -> MapLayers:
    """A map with everything that can be known of it."""
    county = labelled(county_in(crs, left, top, size))
    certainty = np.linspace(0.3, 1, len(county))
    certainty[5] = np.nan
    older = dict.fromkeys(county.places.names[: len(county) // 2], "Forest")
    return MapLayers("rf1", county, certainty, older, newly_developed(county, older, certainty), SOURCE)
