"""Outlines on the globe: of single tiles, and of tiles merged into areas, as RFC 7946 (GeoJSON) wants them.

Rings are closed; outer ones run counterclockwise, holes clockwise; what crosses the date line is cut in two there. A polygon
is a list of rings, the outer one first; a ring is an array [POINTS, 2] of longitudes and latitudes in degrees.
"""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.county import County
from aerial_ops.analysis.export.frame import Frame, sides
from aerial_ops.analysis.neighbours import first_in_cells
from aerial_ops.datasets.projection import WGS84, transform
from aerial_ops.datasets.raster import rasterio_module

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.integer]
Polygon = list[Floats]


def tile_outlines(county: County, frame: Frame | None) -> Floats:
    """Rings of the tiles, [TILES, 5, 2]; longitudes go on beyond 180 or -180 across the date line.

    A tile's two known corners are opposite ones of a rectangle in the system of the `frame`; without a frame, or where rows
    are not straight in it, in degrees.
    """
    west, south, east, north = sides(county)
    count = len(west)
    if frame is None or not frame.straight:
        longitude, latitude = np.stack([west, east, east, west]), np.stack([south, south, north, north])
    else:
        x, y = transform(WGS84, frame.crs, np.concatenate([west, east]), np.concatenate([south, north]))
        (x0, x1), (y0, y1) = np.split(x, 2), np.split(y, 2)
        at = transform(frame.crs, WGS84, np.concatenate([x0, x1, x1, x0]), np.concatenate([y0, y0, y1, y1]))
        longitude, latitude = (side.reshape(4, count) for side in at)
        longitude = west + (longitude - west + 180) % 360 - 180
    rings = np.stack([longitude, latitude], axis=-1).transpose(1, 0, 2)
    return np.concatenate([rings, rings[:, :1]], axis=1)


def area_outlines(frame: Frame, rows: Ints, cols: Ints, areas: Ints) -> dict[int, list[Polygon]]:
    """The polygons of each area, a number from 0 a tile in `areas` [TILES]; the tiles of `rows` and `cols` are cells of `frame`.

    Of several tiles in one cell the first counts. Every corner of a cell on an edge is a point, so that an edge that is
    straight in the frame's system stays so within millimetres. Areas must not cross the date line.
    """
    rasterio_module()
    from rasterio.features import shapes

    top, left = (int(at.min()) for at in (rows, cols))
    board = np.full((int(rows.max()) - top + 1, int(cols.max()) - left + 1), -1, dtype=np.int32)
    first = first_in_cells(rows, cols)
    board[rows[first] - top, cols[first] - left] = areas[first]
    corner = np.array([left, top])
    found = [
        (int(number), [np.array(ring, dtype=np.float64) + corner for ring in shape["coordinates"]])
        for shape, number in shapes(board, mask=board >= 0, connectivity=4)
    ]
    rings = [_every_corner(ring) for _, polygon in found for ring in polygon]
    ends = np.cumsum([len(ring) for ring in rings])
    corners = np.concatenate(rings)
    on_globe = np.split(np.stack(frame.degrees(corners[:, 0], corners[:, 1]), axis=1), ends[:-1])
    given: dict[int, list[Polygon]] = {}
    start = 0
    for number, polygon in found:
        mine = on_globe[start : start + len(polygon)]
        start += len(polygon)
        given.setdefault(number, []).append([_turned(ring, left=i == 0) for i, ring in enumerate(mine)])
    return given


def cut(ring: Floats) -> list[Floats]:
    """A convex ring whose longitudes go beyond 180 or -180, cut at the date line, as rings within -180 to 180."""
    parts = [ring - (shift, 0) for shift in (-360.0, 0.0, 360.0)]
    cuts = [_half(_half(part, -180.0, above=True), 180.0, above=False) for part in parts]
    return [part for part in cuts if len(part) > 3 and np.ptp(part[:, 0]) > 0]


def _half(ring: Floats, edge: float, *, above: bool) -> Floats:
    """The part of a convex closed ring on one side of a meridian."""
    inside = ring[:, 0] >= edge if above else ring[:, 0] <= edge
    if inside.all():
        return ring
    points: list[Floats] = []
    for (one, is_in), (other, next_in) in pairwise(zip(ring, inside, strict=True)):
        if is_in:
            points.append(one)
        if is_in != next_in:
            share = (edge - one[0]) / (other[0] - one[0])
            points.append(np.array([edge, one[1] + share * (other[1] - one[1])]))
    return np.array([*points, points[0]]) if points else np.zeros((0, 2))


def _every_corner(ring: Floats) -> Floats:
    """A closed ring along the cells' edges, with a point at each corner of a cell."""
    steps = np.diff(ring, axis=0)
    lengths = np.abs(steps).sum(axis=1).astype(int)
    along = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    points = np.repeat(ring[:-1], lengths, axis=0) + np.repeat(np.sign(steps), lengths, axis=0) * along[:, None]
    return np.concatenate([points, points[:1]])


def _turned(ring: Floats, *, left: bool) -> Floats:
    """The ring counterclockwise (`left`) or clockwise."""
    x, y = (ring - ring[0]).T
    counterclockwise = (x[:-1] * y[1:] - x[1:] * y[:-1]).sum() > 0
    return ring if counterclockwise == left else ring[::-1]
