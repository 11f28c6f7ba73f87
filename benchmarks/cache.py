"""A second experiment on the same images beside the first: train jobs on tiles of the NAIP scenes in Azurite.

In turns: the feature cache is emptied, one model is trained (first), another one is trained on the same images (second). Both in
one warm Spark session; the figures are medians over the whole job, from its order to its result, and over its stages.

usage: python -m benchmarks.cache [--tiles 1710] [--processes 2] [--repeats 5] [--json]
"""

import argparse
import hashlib
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.azurite_store import azurite, store_of
from benchmarks.local_spark import session
from benchmarks.naip_tiles import SIDE, cut_tiles, feature_length, prepared_network

WARM_ROUNDS = 2
CONTAINERS = ("train", "test", "pretrainedmodels", "trainedmodels", "predictions", "features", "runs")
CLASSES = ("dark", "middle", "bright")


class Account:
    """The tiles, labelled by brightness, in an Azurite; every third one is for testing."""

    def __init__(self, folder: Path, server: Any, tiles: int) -> None:
        self.server, self.store = server, store_of(server, CONTAINERS)
        network = prepared_network()
        (folder / "network.onnx").write_bytes(network)
        self.store.write("pretrainedmodels", "network.onnx", network)
        sha256 = hashlib.sha256(network).hexdigest()
        length = feature_length(folder / "network.onnx")
        self._backbone = {"name": "network", "file": "network.onnx", "sha256": sha256, "side": SIDE, "length": length}
        (folder / "tiles").mkdir()
        names = cut_tiles(folder / "tiles", tiles)
        files = sorted((folder / "tiles" / name for name in names), key=_brightness)
        for rank, file in enumerate(files):
            label = CLASSES[rank * len(CLASSES) // len(files)]
            self.store.write("test" if rank % 3 == 0 else "train", f"{label}/{file.name}", file.read_bytes())

    def order(self, run_id: str) -> str:
        """Write the order of a train job; its address."""
        spec = {
            **{"schema_version": 1, "kind": "train", "run_id": run_id, "name": run_id, "backbone": self._backbone},
            "classifier": {"kind": "random-forest", "params": {}, "seed": 0},
            **{"train": {"container": "train"}, "test": {"container": "test"}},
        }
        self.store.write("runs", f"{run_id}/spec.json", json.dumps(spec))
        return f"wasb://runs@{self.server.spark_host}/{run_id}/spec.json"

    def empty_cache(self) -> None:
        """Forget all features."""
        for blob in list(self.store.list("features")):
            self.store.delete("features", blob.name)


def _brightness(file: Path) -> float:
    import numpy as np
    from PIL import Image

    return float(np.asarray(Image.open(file)).mean())


def measure(tiles: int, processes: int, repeats: int) -> dict[str, Any]:
    """Seconds of the first and the second job, and of their stages, by median."""
    from spark_jobs.job import run

    with tempfile.TemporaryDirectory(prefix="cache-") as temporary, azurite(Path(temporary)) as server:
        account = Account(Path(temporary), server, tiles)
        began = time.perf_counter()
        spark = session(processes, account.server.spark_conf())
        startup = time.perf_counter() - began
        times: dict[str, list[dict[str, float]]] = {"first": [], "second": []}
        try:
            for turn in range(1 - WARM_ROUNDS, repeats + 1):
                account.empty_cache()
                for which, taken in times.items():
                    url = account.order(f"{which}{turn + WARM_ROUNDS}")
                    began = time.perf_counter()
                    result = run(url, spark)
                    seconds = time.perf_counter() - began
                    if result["error"] or result["features"]["from_cache" if which == "first" else "computed"]:
                        sys.exit(f"The {which} job did not do what it should: {result}")
                    if turn > 0:
                        taken.append({"job": seconds, **result["timings"]})
                sys.stderr.write(f"round {turn} of {repeats}\n")
        finally:
            spark.stop()
    figures = {which: {stage: _median(taken, stage) for stage in taken[0]} for which, taken in times.items()}
    return {"tiles": tiles, "processes": processes, "repeats": repeats, "startup": round(startup, 2), **figures}


def _median(taken: list[dict[str, float]], stage: str) -> float:
    return round(statistics.median(each[stage] for each in taken), 3)


def main() -> None:
    """Options in, figures out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiles", type=int, default=1710, help="how many tiles (at most 1710)")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 2, help="Spark's cores")
    parser.add_argument("--repeats", type=int, default=5, help="measured rounds")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    arguments = parser.parse_args()
    found = measure(arguments.tiles, arguments.processes, arguments.repeats)
    first, second, startup = found["first"], found["second"], found["startup"]
    found["job_ratio"] = round(first["job"] / second["job"], 2)
    found["featurise_ratio"] = round(first["featurise"] / second["featurise"], 2)
    found["with_startup_ratio"] = round((first["job"] + startup) / (second["job"] + startup), 2)
    if arguments.json:
        print(json.dumps(found))
        return
    print(f"{'seconds':12}{'first':>10}{'second':>10}{'ratio':>8}")
    for stage in first:
        print(f"{stage:12}{first[stage]:10.2f}{second[stage]:10.2f}{first[stage] / max(second[stage], 1e-3):8.1f}")
    pairs = {"first_seconds": first["job"], "second_seconds": second["job"], "startup_seconds": startup}
    ratios = {name: found[name] for name in ("job_ratio", "featurise_ratio", "with_startup_ratio")}
    print(" ".join(f"{name}={value}" for name, value in {**pairs, **ratios}.items()))


if __name__ == "__main__":
    main()
