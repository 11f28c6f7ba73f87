"""What changed from one year's map to the next: for each tile of the later map the change, with a name and a colour."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.change import Change, change_clusters, compare_scorings
from aerial_ops.analysis.clusters import Cluster
from aerial_ops.analysis.export.layers import MapLayers
from aerial_ops.analysis.metrics import Metrics
from aerial_ops.analysis.palette import class_colours

UNCHANGED, OTHER = "Unchanged", "Other change"
GREY, DARK = "#d9d9d9", "#666666"
MOST_KINDS = 250


@dataclass(frozen=True, slots=True)
class YearChange:
    """The change between two maps; `layers` is the later one, `places` are what changed, each from one class to another.

    `kinds` names the changes, unchanged land first, then by hectares; `colours` go with them. `kind` [TILES of the later map]
    indexes them; -1 where the earlier map has no tile.
    """

    name: str
    layers: MapLayers
    change: Change
    places: tuple[Cluster, ...]
    kind: npt.NDArray[np.int16]
    kinds: tuple[str, ...]
    colours: tuple[str, ...]


def year_change(name: str, before: MapLayers, after: MapLayers, metrics: Metrics | None) -> YearChange:
    """Compare two maps of the same place. `metrics` are the model's on its test set. Raises DataError as `compare_scorings`."""
    change = compare_scorings(before.county, after.county, tested=(metrics, metrics) if metrics else None)
    count = len(change.classes)
    pairs = change.before * count + change.after
    found = np.flatnonzero(np.bincount(pairs[change.changed], minlength=count**2))
    found = found[np.argsort(-change.hectares.ravel()[found], kind="stable")]
    named, rest = found[:MOST_KINDS], found[MOST_KINDS:]
    number = np.zeros(count**2, dtype=np.int16)
    number[named] = np.arange(1, len(named) + 1)
    number[rest] = len(named) + 1
    kind = np.full(len(after.county), -1, dtype=np.int16)
    kind[change.matches.after] = number[pairs]
    colours = class_colours(change.classes)
    others = ([OTHER], [DARK]) if len(rest) else ([], [])
    return YearChange(
        name=name,
        layers=after,
        change=change,
        places=change_clusters(change, after.county, after.certainty),
        kind=kind,
        kinds=(UNCHANGED, *(f"{change.classes[k // count]} to {change.classes[k % count]}" for k in named), *others[0]),
        colours=(GREY, *(colours[change.classes[k % count]] for k in named), *others[1]),
    )
