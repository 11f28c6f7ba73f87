"""Exports as GeoTIFF: a cell a tile, one band a file, laid out as Cloud Optimised GeoTIFF with overviews where large.

QGIS shows a file of one band with its colour table and the names of its classes; a file of several bands it would take for
a picture. The colours are in the file, the names in the NAME.tif.aux.xml beside it, where GDAL keeps them.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.county import County
from aerial_ops.analysis.export.frame import Frame
from aerial_ops.analysis.neighbours import first_in_cells
from aerial_ops.datasets.raster import rasterio_module
from aerial_ops.errors import DataError

NO_TILE = 0
MOST_CLASSES = 254


def classes_as_geotiff(
    frame: Frame,
    county: County,
    labels: npt.NDArray[np.int16],
    colours: Mapping[str, str],
    what: str,
    tags: Mapping[str, str],
) -> tuple[bytes, bytes]:
    """The file, and the .aux.xml to write beside it. Cells hold 1 for the first name of `colours` (#rrggbb); 0 is no tile.

    `labels` [TILES] are places in `colours`, or -1; of several tiles in one cell the first counts. Raises DataError when there
    are more names than a colour table holds.
    """
    if len(colours) > MOST_CLASSES:
        raise DataError(f"A GeoTIFF with a colour table holds {MOST_CLASSES} classes; the map has {len(colours)}.")
    cells = _laid(frame, county, (labels + 1).astype(np.uint8), np.uint8(NO_TILE))
    table = {i: (*bytes.fromhex(colour[1:]), 255) for i, colour in enumerate(colours.values(), start=1)}
    named = {f"CLASS_{i}": name for i, name in enumerate(colours, start=1)}
    return _written(frame, cells, NO_TILE, what, {**tags, **named}, "MODE", table), _names(["", *colours])


def values_as_geotiff(frame: Frame, county: County, values: npt.NDArray[np.float64], what: str, tags: Mapping[str, str]) -> bytes:
    """The file with a number a tile, float32, nan where there is none; `values` are [TILES]."""
    cells = _laid(frame, county, values.astype(np.float32), np.float32(np.nan))
    return _written(frame, cells, float("nan"), what, tags, "AVERAGE")


def _laid(frame: Frame, county: County, values: npt.NDArray[Any], empty: Any) -> npt.NDArray[Any]:
    """Values [TILES] in the cells [ROWS, COLUMNS] of the frame."""
    cells = np.full((frame.rows, frame.cols), empty)
    first = first_in_cells(county.grid.rows, county.grid.cols)
    cells[county.grid.rows[first], county.grid.cols[first]] = values[first]
    return cells


def _written(
    frame: Frame,
    cells: npt.NDArray[Any],
    nodata: float,
    what: str,
    tags: Mapping[str, str],
    overviews: str,
    colours: Mapping[int, tuple[int, ...]] | None = None,
) -> bytes:
    rasterio = rasterio_module()
    from rasterio.io import MemoryFile

    profile = {
        "driver": "COG",
        "width": frame.cols,
        "height": frame.rows,
        "count": 1,
        "dtype": cells.dtype.name,
        "nodata": nodata,
        "crs": frame.crs,
        "transform": rasterio.Affine(*frame.transform),
        "compress": "DEFLATE",
        "overview_resampling": overviews,
    }
    with MemoryFile() as memory:
        with memory.open(**profile) as file:
            file.write(cells, 1)
            file.set_band_description(1, what)
            file.update_tags(**tags)
            if colours:
                file.write_colormap(1, colours)
        return bytes(memory.getbuffer())


def _names(names: Sequence[str]) -> bytes:
    lines = "\n".join(f"      <Category>{escape(name)}</Category>" for name in names)
    return (
        f'<PAMDataset>\n  <PAMRasterBand band="1">\n    <CategoryNames>\n{lines}\n'
        "    </CategoryNames>\n  </PAMRasterBand>\n</PAMDataset>\n"
    ).encode()
