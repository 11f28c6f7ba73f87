"""Metres and square metres from degrees, on the WGS 84 ellipsoid."""

import numpy as np
import numpy.typing as npt

SEMI_MAJOR_METRES = 6_378_137.0
ECCENTRICITY_SQUARED = 6.694379990141e-3

Floats = npt.NDArray[np.float64]


def metres_per_degree(latitude: Floats) -> tuple[Floats, Floats]:
    """Length of one degree northward and of one degree eastward at `latitude` (degrees), in metres."""
    phi = np.radians(latitude)
    root = np.sqrt(1 - ECCENTRICITY_SQUARED * np.sin(phi) ** 2)
    north = SEMI_MAJOR_METRES * (1 - ECCENTRICITY_SQUARED) / root**3
    east = SEMI_MAJOR_METRES / root * np.cos(phi)
    return np.radians(north), np.radians(east)


def areas(south: Floats, west: Floats, north: Floats, east: Floats) -> Floats:
    """Areas in square metres of small latitude-longitude rectangles, given their corners in degrees."""
    up, across = metres_per_degree((south + north) / 2)
    return (north - south) * up * (east - west) * across
