"""A county as a picture, a cell a tile: for notebooks, and for readers of the page without scripts."""

import base64
import io
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from PIL import Image

from aerial_ops.analysis.county import County

WIDTH = 640


def county_picture(
    county: County, labels: npt.NDArray[np.integer], colours: Mapping[str, str], width: int = WIDTH
) -> Image.Image:
    """The tiles in the `colours` (#rrggbb) of their classes; cells without a tile are transparent.

    `labels` [TILES] index the county's classes. The picture is about `width` pixels wide, a whole number of them a tile, and
    as high as the land.
    """
    rows, cols = county.grid.shape
    palette = [tuple(int(colours[name][at : at + 2], 16) for at in (1, 3, 5)) for name in county.classes]
    cells = np.zeros((rows, cols, 4), dtype=np.uint8)
    # Where tiles share a cell the first one is seen, as on the map.
    at = slice(None, None, -1)
    cells[county.grid.rows[at], county.grid.cols[at], :3] = np.array(palette, dtype=np.uint8)[labels[at]]
    cells[county.grid.rows, county.grid.cols, 3] = 255
    across = max(1, width // cols)
    high = max(1, round(across * county.grid.cell_height / county.grid.cell_width))
    return Image.fromarray(cells).resize((cols * across, rows * high), Image.Resampling.NEAREST)


def as_address(picture: Image.Image) -> str:
    """The picture as a PNG in a data: address."""
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
