"""The analysis of a county of 67,077 tiles, and its exports: seconds of processor and wall time a step, and peak memory.

The map, its probabilities and the older labels are made up and read from memory as from storage. Every step is timed once a
round; the figures are medians.

usage: python -m benchmarks.analysis [--repeats 5] [--json]
"""

import argparse
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

ROWS, COLS = 260, 258
T = TypeVar("T")


class Clock:
    """Times named steps."""

    def __init__(self) -> None:
        self.taken: dict[str, tuple[float, float]] = {}

    def __call__(self, name: str, step: Callable[[], T]) -> T:
        """Run `step`."""
        cpu, wall = time.process_time(), time.perf_counter()
        found = step()
        self.taken[name] = (time.process_time() - cpu, time.perf_counter() - wall)
        return found


def made_up() -> tuple[Any, Any]:
    """A store with a tested model and a scored county with older labels, and the model's training."""
    from aerial_ops.storage import layout
    from tests.analysis import synthetic
    from tests.memory_store import MemoryStore

    store = MemoryStore()
    record = synthetic.train(store, "rf1", 0.4, 0)
    synthetic.score(store, "rf1", 5, rows=ROWS, cols=COLS, outline=False)
    older = synthetic.county_labels(ROWS, COLS, seed=4).ravel()
    lines = "".join(f"tile_{i:05d}.png,{layout.CLASSES[label]}\n" for i, label in enumerate(older))
    store.write(layout.COUNTY, layout.OLDER_LABELS, "filename,label\n" + lines)
    return store, record


def analyse(store: Any, record: Any, clock: Clock) -> None:
    """Everything once."""
    from aerial_ops.analysis import calibration, change, development, effect, resampling, shares
    from aerial_ops.analysis.county import county_of
    from aerial_ops.analysis.export import frame, geojson, geotiff, layers, table
    from aerial_ops.analysis.palette import class_colours
    from aerial_ops.analysis.probabilities import read_probabilities
    from aerial_ops.analysis.tables import read_labels, read_places, read_predictions
    from aerial_ops.storage import layout

    base = layout.county_predictions("rf1").removesuffix(".csv")
    places = clock("read places", lambda: read_places(store.read(layout.COUNTY, layout.TILE_SUMMARIES), "places"))
    raw = store.read(layout.PREDICTIONS, f"{base}.csv")
    predictions = clock("read predictions", lambda: read_predictions(raw, "predictions", labelled=False))
    known = clock("read probabilities", lambda: read_probabilities(store.read(layout.PREDICTIONS, f"{base}.parquet"), "p"))
    older = clock("read older labels", lambda: read_labels(store.read(layout.COUNTY, layout.OLDER_LABELS), "older"))
    county = clock("grid, join, smooth", lambda: county_of(places, predictions, layout.CLASSES))
    names, metrics = county.places.names, record.metrics
    labels = [county.classes[i] for i in county.raw]
    sure = clock("certainty", lambda: known.certainty(names, labels))
    developed = known.of(names, "Developed")
    truth = clock("older labels by tile", lambda: county.indices(older))
    clock("effect of smoothing", lambda: effect.smoothing_effect(county, truth))
    clock("calibration", lambda: calibration.calibration(sure, truth == county.raw))
    blocks = resampling.blocks_of_tiles(county.places, names)
    true = [county.classes[i] for i in truth]
    clock("bootstrap by place", lambda: resampling.bootstrap(true, labels, county.classes, blocks))
    land = county.square_metres(county.raw)
    clock("areas, both estimates", lambda: shares.corrected_areas(metrics.classes, metrics.confusion, land))
    found = clock("new development", lambda: development.newly_developed(county, older, developed, metrics=metrics))
    later = replace(county, raw=np.where(truth >= 0, truth, county.raw))
    years = clock("year to year", lambda: change.compare_scorings(later, county, tested=(metrics, metrics)))
    clock("places that changed", lambda: change.change_clusters(years, county, sure))
    layer = layers.MapLayers("rf1", county, sure, older, found, {})
    colours = class_colours(county.classes)
    raster = clock("export: find the raster", lambda: frame.frame_of(county))
    clock("export: CSV", lambda: table.as_csv(layers.tile_columns(layer)))
    clock("export: GeoJSON, tiles", lambda: geojson.tiles_as_geojson(layer, raster))
    clock("export: GeoJSON, merged", lambda: geojson.areas_as_geojson(layer, raster))
    clock("export: GeoTIFF", lambda: geotiff.classes_as_geotiff(raster, county, county.raw, colours, "classes", {}))


def main() -> None:
    """Options in, figures out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5, help="measured rounds")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    arguments = parser.parse_args()
    store, record = made_up()
    rounds = []
    for turn in range(arguments.repeats + 1):
        clock = Clock()
        analyse(store, record, clock)
        rounds += [clock.taken] if turn else []
        sys.stderr.write(f"round {turn} of {arguments.repeats}\n")
    steps = {name: [statistics.median(taken[name][i] for taken in rounds) for i in (0, 1)] for name in rounds[0]}
    analysis = [sum(both[i] for name, both in steps.items() if not name.startswith("export")) for i in (0, 1)]
    export = [sum(both[i] for both in steps.values()) - analysis[i] for i in (0, 1)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = {
        **{"tiles": ROWS * COLS - 3, "analysis_cpu": round(analysis[0], 2), "analysis_seconds": round(analysis[1], 2)},
        **{"export_cpu": round(export[0], 2), "export_seconds": round(export[1], 2), "peak_mb": round(peak)},
    }
    if arguments.json:
        print(json.dumps({**found, "steps": steps}))
        return
    print(f"{'':26}{'processor, s':>14}{'wall, s':>10}")
    for name, (cpu, wall) in steps.items():
        print(f"{name:26}{cpu:14.3f}{wall:10.3f}")
    print(" ".join(f"{name}={value}" for name, value in found.items()))


if __name__ == "__main__":
    main()
