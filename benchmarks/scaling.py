"""How the jobs' featurise stage scales: measured on 1 and 2 cores, estimated up to 40 workers, beside the original's own figure.

Measured is strong scaling: the same tiles on each number of cores, in turns, warm, by median. Every number of cores has a Spark
of its own that is bound to so many processors, threads included. The curve is `aerial-ops estimate`'s (aerial_ops/planning),
with the speed of a core that was measured here.

usage: python -m benchmarks.scaling [--tiles 1024] [--cores 1 2] [--repeats 5] [--picture docs/images/scaling.svg] [--json]
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.featurise import WARM_ROUNDS, SparkStage
from benchmarks.local_spark import session
from benchmarks.naip_tiles import SIDE, cut_tiles, feature_length, prepared_network
from benchmarks.processors import processor_seconds

CONTAINERS = ("tiles", "pretrainedmodels")
CORES_EACH = 4  # of a Standard_D12_V2
WORKERS = range(1, 41)
ORIGINAL_TILES, ORIGINAL_WORKERS, ORIGINAL_SECONDS = 11_760, 40, 65.0  # what Microsoft published in 2017


def stage_process(pipe: Connection, cores: int, folder: Path, network: Any, names: Sequence[str]) -> None:
    """A Spark on so many processors and no more: answers each request with the seconds of a round and of its processors."""
    from spark_jobs.places import Place

    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    spark = session(cores)
    stage = SparkStage(spark, Place(folder.as_uri(), "file"), network, list(names), folder / f"job-{cores}")
    pipe.send("ready")
    while pipe.recv() != "stop":
        began = time.perf_counter()
        with processor_seconds() as used:
            seconds = stage.seconds()
        pipe.send((seconds, sum(used.values()) / (time.perf_counter() - began) / cores))
    spark.stop()


def measure(tiles: int, cores: Sequence[int], repeats: int) -> dict[int, dict[str, Any]]:
    """By number of cores: seconds of each round, and the share of the processors' time that was used."""
    from spark_jobs.network import Network

    with tempfile.TemporaryDirectory(prefix="scaling-") as temporary, ExitStack() as running:
        folder = Path(temporary)
        for container in CONTAINERS:
            (folder / container).mkdir()
        names = cut_tiles(folder / "tiles", tiles)
        data = prepared_network()
        file = folder / "pretrainedmodels" / "network.onnx"
        file.write_bytes(data)
        network = Network("benchmark", hashlib.sha256(data).hexdigest(), SIDE, "features", feature_length(file))
        pipes = {}
        for count in cores:
            pipes[count], there = multiprocessing.Pipe()
            process = multiprocessing.get_context("spawn").Process(
                target=stage_process, args=(there, count, folder, network, names)
            )
            process.start()
            there.close()  # so that a process that fails is noticed
            running.callback(process.join)
            running.callback(pipes[count].send, "stop")
            pipes[count].recv()
        rounds: dict[int, list[tuple[float, float]]] = {count: [] for count in cores}
        for turn in range(1 - WARM_ROUNDS, repeats + 1):
            for count, pipe in pipes.items():
                pipe.send("round")
                taken = pipe.recv()
                rounds[count] += [taken] if turn > 0 else []
            sys.stderr.write(f"round {turn} of {repeats}\n")
    return {count: _of_rounds(len(names), taken) for count, taken in rounds.items()}


def _of_rounds(tiles: int, rounds: Sequence[tuple[float, float]]) -> dict[str, Any]:
    seconds = statistics.median(each[0] for each in rounds)
    return {
        "seconds": round(seconds, 3),
        "images_per_second": round(tiles / seconds, 1),
        "busy": round(statistics.median(each[1] for each in rounds), 3),
        "rounds": [round(each[0], 3) for each in rounds],
    }


def estimated(tiles: int, images_per_second_and_core: float, workers: int, cores_each: int = CORES_EACH) -> dict[str, float]:
    """Seconds that `aerial-ops estimate` expects: of the featurise stage, and of the whole score job with the start of Spark."""
    from aerial_ops.planning.forecast import LIST, MAP_CLASSES, MAP_FEATURES, START, Workload, forecast
    from aerial_ops.planning.rates import MEASURED_BEFORE

    work = Workload(0, 0, tiles, backbones=0, classifiers=0)
    rates = replace(MEASURED_BEFORE, featurise=images_per_second_and_core, source="this benchmark")
    stages = {one.name: one.seconds for one in forecast(work, workers, cores_each, rates).stages}
    job = sum(stages[name] for name in (START, LIST, MAP_FEATURES, MAP_CLASSES))
    return {"stage_seconds": round(stages[MAP_FEATURES], 2), "job_seconds": round(job, 2)}


def with_estimates(tiles: int, measured: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """The figures: measured ones, how far the estimate is from them, the curve, and the original's point.

    A core's speed is that of the most cores at work, as `aerial-ops calibrate` measures it.
    """
    most = max(measured)
    speed = measured[most]["images_per_second"] / most
    for count, one in measured.items():
        expected = estimated(tiles, speed, 1, count)["stage_seconds"]
        one["estimated_seconds"] = expected
        one["estimate_error"] = round(expected / one["seconds"] - 1, 3)
    sizes = [(1, 1), (1, 2), *((workers, CORES_EACH) for workers in WORKERS)]
    curve = [{"cores": workers * each, **estimated(ORIGINAL_TILES, speed, workers, each)} for workers, each in sizes]
    original = {"tiles": ORIGINAL_TILES, "cores": ORIGINAL_WORKERS * CORES_EACH, "seconds": ORIGINAL_SECONDS}
    return {
        "tiles": tiles,
        "images_per_second_and_core": round(speed, 2),
        "measured": measured,
        "curve": curve,
        "original": {**original, "images_per_second": round(ORIGINAL_TILES / ORIGINAL_SECONDS)},
    }


def main() -> None:
    """Options in, figures out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiles", type=int, default=1024, help="how many tiles (at most 1710)")
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 2], help="numbers of cores to measure")
    parser.add_argument("--repeats", type=int, default=5, help="measured rounds")
    parser.add_argument("--picture", type=Path, help="write the plot there, as SVG")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    arguments = parser.parse_args()
    figures = with_estimates(arguments.tiles, measure(arguments.tiles, sorted(arguments.cores), arguments.repeats))
    if arguments.picture:
        from benchmarks.scaling_picture import picture

        arguments.picture.write_text(picture(figures))
    if arguments.json:
        print(json.dumps(figures))
        return
    report(figures)


def report(figures: dict[str, Any]) -> None:
    """The figures for people, and a line of name=value."""
    measured = figures["measured"]
    print(f"{'cores':>6}{'seconds':>10}{'images/s':>10}{'busy':>7}{'estimate, s':>13}")
    for count, one in measured.items():
        print(
            f"{count:6}{one['seconds']:10.2f}{one['images_per_second']:10.1f}{one['busy']:7.2f}{one['estimated_seconds']:13.2f}"
        )
    print(f"\n{ORIGINAL_TILES:,} images, estimated:\n{'workers':>8}{'stage, s':>10}{'images/s':>10}{'job, s':>10}")
    for one in figures["curve"]:
        if one["cores"] // CORES_EACH in (1, 2, 4, 8, 16, 24, 32, 40):
            rate = ORIGINAL_TILES / one["stage_seconds"]
            print(f"{one['cores'] // CORES_EACH:8}{one['stage_seconds']:10.1f}{rate:10.0f}{one['job_seconds']:10.1f}")
    original, last = figures["original"], figures["curve"][-1]
    print(f"The original's, {ORIGINAL_WORKERS} workers: {original['seconds']:.0f} s, {original['images_per_second']} images/s.")
    fewest, most = min(measured), max(measured)
    speedup = measured[fewest]["seconds"] / measured[most]["seconds"]
    pairs = {
        "speedup": round(speedup, 3),
        "efficiency": round(speedup * fewest / most, 3),
        "largest_estimate_error": max((one["estimate_error"] for one in measured.values()), key=abs),
        "images_per_second_and_core": figures["images_per_second_and_core"],
        "stage_seconds_on_40_workers": last["stage_seconds"],
        "times_the_original": round(original["seconds"] / last["stage_seconds"], 1),
    }
    print(" ".join(f"{name}={value}" for name, value in pairs.items()))


if __name__ == "__main__":
    main()
