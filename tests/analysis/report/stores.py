"""Stores with more in them than `synthetic.fill` puts there: older labels, a second scoring, two years."""

import csv
import io

import numpy as np

from tests.analysis import synthetic
from tests.memory_store import MemoryStore

COUNTY, PREDICTIONS = "middlesexma2016", "predictions"
Rows = list[dict[str, str]]


def read(store: MemoryStore, container: str, name: str) -> Rows:
    return list(csv.DictReader(io.StringIO(store.read(container, name).decode())))


def write(store: MemoryStore, container: str, name: str, rows: Rows) -> None:
    store.write(container, name, synthetic.table(tuple(rows[0]), [tuple(row.values()) for row in rows]))


def changed(rows: Rows, every: int, was: str, now: str) -> Rows:
    """The predictions with every so-many-th tile of one class called another."""
    seen, out = 0, []
    for row in rows:
        seen += row["pred_label"] == was
        hit = row["pred_label"] == was and seen % every == 0
        out.append({**row, "pred_label": now if hit else row["pred_label"]})
    return out


def with_older_labels(store: MemoryStore, built: int = 6) -> set[str]:
    """Older labels as rf1 sees the county, but every so-many-th Developed tile was Forest; those tiles."""
    rows = read(store, PREDICTIONS, "rf1_predictions_o16n.csv")
    older = changed(rows, built, "Developed", "Forest")
    write(store, COUNTY, "older_labels.csv", [{"filename": row["filepath"], "label": row["pred_label"]} for row in older])
    new = {row["filepath"] for row, was in zip(rows, older, strict=True) if was["pred_label"] != row["pred_label"]}
    for i, name in enumerate(sorted(new)):
        store.write(COUNTY, name, synthetic.picture("Developed", i % 8))
    return new


def with_second_scoring(store: MemoryStore, every: int = 5) -> int:
    """The county scored with lr1 too, which calls every so-many-th Cultivated tile Herbaceous; how many those are."""
    rows = read(store, PREDICTIONS, "rf1_predictions_o16n.csv")
    places = store.blobs[COUNTY, "tile_summaries.csv"]
    synthetic.score(store, "lr1", 24)
    store.blobs[COUNTY, "tile_summaries.csv"] = places
    other = changed(rows, every, "Cultivated", "Herbaceous")
    columns = {"filepath": [r["filepath"] for r in other], "pred_label": [r["pred_label"] for r in other]}
    synthetic.write_predictions(store, "lr1_predictions_o16n", columns, np.random.default_rng(5))
    return sum(row != one for row, one in zip(rows, other, strict=True))


def with_two_years(store: MemoryStore, every: int = 4) -> int:
    """rf1's county in 2009 and 2018; every so-many-th tile that is Developed in 2018 was Forest in 2009. How many those are."""
    places, rows = read(store, COUNTY, "tile_summaries.csv"), read(store, PREDICTIONS, "rf1_predictions_o16n.csv")
    then = changed(rows, every, "Developed", "Forest")
    years = (("2009", then), ("2018", rows))
    write(store, COUNTY, "tile_summaries.csv", [{**p, "filename": f"{y}/{p['filename']}"} for y, _ in years for p in places])
    scored = [(f"{year}/{row['filepath']}", row["pred_label"]) for year, kept in years for row in kept]
    columns = {"filepath": [path for path, _ in scored], "pred_label": [label for _, label in scored]}
    synthetic.write_predictions(store, "rf1_predictions_o16n", columns, np.random.default_rng(6))
    for path, label in scored[:: len(scored) // 400]:
        store.write(COUNTY, path, synthetic.picture(label, 3))
    return sum(row != one for row, one in zip(rows, then, strict=True))
