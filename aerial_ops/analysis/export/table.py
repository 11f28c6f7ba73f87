"""Exports as CSV, for spreadsheets, and for QGIS as delimited text (columns longitude and latitude)."""

import csv
import io
from collections.abc import Mapping

from aerial_ops.analysis.export.layers import Column


def as_csv(columns: Mapping[str, Column]) -> bytes:
    """A header and a line a row, in UTF-8; an empty cell where there is no value."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return out.getvalue().encode()
