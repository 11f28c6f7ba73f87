"""Reading the CSV tables in storage: where tiles lie, what was predicted, what was set aside."""

import csv
import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aerial_ops.errors import DataError

CORNERS = ("llcrnrlat", "llcrnrlon", "urcrnrlat", "urcrnrlon")


@dataclass(frozen=True, slots=True)
class Places:
    """Tiles and their corners in degrees; `names` and the four arrays [TILES] go together. `unusable` counts rows left out."""

    names: list[str]
    south: npt.NDArray[np.float64]
    west: npt.NDArray[np.float64]
    north: npt.NDArray[np.float64]
    east: npt.NDArray[np.float64]
    unusable: int = 0

    @property
    def centres(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Latitude and longitude of the tiles' centres in degrees; `east`, and so a centre, may lie beyond 180."""
        return (self.south + self.north) / 2, (self.west + self.east) / 2


@dataclass(frozen=True, slots=True)
class Predictions:
    """Predicted labels by blob name; `labels` holds the true ones, or is empty for tiles without."""

    paths: list[str]
    predicted: list[str]
    labels: list[str]


@dataclass(frozen=True, slots=True)
class Rejected:
    """An image that could not be used, and why."""

    path: str
    reason: str


def read_places(raw: bytes, where: str) -> Places:
    """The tiles of a tile_summaries.csv. Rows whose corners are not numbers or enclose nothing, and repeated names, are left out.

    Raises DataError when the table itself is not readable.
    """
    table = _read(raw, where, ("filename", *CORNERS))
    names = table["filename"]
    corners = np.stack([_numbers(table[name]) for name in CORNERS])
    south, west, north, east = corners
    east = np.where(west - east > 180, east + 360, east)
    usable = np.isfinite(corners).all(axis=0) & (north > south) & (east > west) & (np.abs(corners[[0, 2]]) <= 90).all(axis=0)
    at: dict[str, int] = {}
    for i, name in enumerate(names):
        at.setdefault(name, i)
    keep = np.zeros(len(names), dtype=np.bool_)
    keep[list(at.values())] = True
    keep &= usable
    kept = [name for name, wanted in zip(names, keep.tolist(), strict=True) if wanted]
    return Places(kept, south[keep], west[keep], north[keep], east[keep], unusable=len(names) - len(kept))


def read_predictions(raw: bytes, where: str, *, labelled: bool) -> Predictions:
    """The predictions of a test set (`labelled`) or of a county. Raises DataError when the table is not readable."""
    columns = ("filepath", "label", "pred_label") if labelled else ("filepath", "pred_label")
    table = _read(raw, where, columns)
    return Predictions([blob_name(path) for path in table["filepath"]], table["pred_label"], table.get("label", []))


def read_rejected(raw: bytes, where: str) -> list[Rejected]:
    """The images that were set aside, with their reasons. Raises DataError when the table is not readable."""
    table = _read(raw, where, ("filepath", "reason"))
    return [Rejected(blob_name(path), reason) for path, reason in zip(table["filepath"], table["reason"], strict=True)]


def read_labels(raw: bytes, where: str) -> dict[str, str]:
    """Labels by tile name, of a table with the columns filename and label (older_labels.csv); rows without a label are left out.

    Raises DataError when the table is not readable.
    """
    table = _read(raw, where, ("filename", "label"))
    return {blob_name(name): label for name, label in zip(table["filename"], table["label"], strict=True) if label}


def blob_name(path: str) -> str:
    """The name inside its container of a tile given as a name, or as an address such as wasbs://CONTAINER@HOST/NAME."""
    _, scheme, rest = path.partition("://")
    return (rest.partition("/")[2] if scheme else path).lstrip("/")


def _read(raw: bytes, where: str, columns: tuple[str, ...]) -> dict[str, list[str]]:
    try:
        rows = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True)
        header = [name.strip() for name in next(rows, [])]
        missing = [name for name in columns if name not in header]
        if missing:
            raise DataError(f"The table {where} has no column {', '.join(missing)}; it has: {', '.join(header) or 'nothing'}.")
        body = [row for row in rows if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"The table {where} is not readable as CSV in UTF-8: {error}.") from error
    ragged = next((number for number, row in enumerate(body, start=2) if len(row) != len(header)), None)
    if ragged:
        raise DataError(f"The table {where} has a row with too many or too few cells, near line {ragged}.")
    at = {name: header.index(name) for name in columns}
    return {name: [row[i] for row in body] for name, i in at.items()}


def _numbers(cells: list[str]) -> npt.NDArray[np.float64]:
    """The cells as numbers; nan for what is none."""
    try:
        return np.array(cells, dtype=np.float64)
    except ValueError:
        return np.array([_number(cell) for cell in cells])


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")
