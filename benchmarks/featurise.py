"""Images a second of the Spark job's featurise stage beside raw ONNX Runtime in as many one-thread processes.

All measurements work on the same PNG tiles, interleaved in one run, warm, by median:
  raw          decoded tiles in memory -> ONNX Runtime, batches of 16; nothing else (the limit)
  raw+decode   PNG bytes in memory -> decoded -> ONNX Runtime, batches of 16, one thread
  spark        the job's own stage: read files, decode, ONNX Runtime, rows through Spark, kept in its cache
  azurite      the same from blobs; the server, a Node program, shares the processors with the job
  synapseml    the same from files by the engine synapseml, on fewer tiles; left out without its jars (make synapseml)

usage: python -m benchmarks.featurise [--tiles 512] [--synapseml-tiles 256] [--processes 2] [--repeats 5]
                                      [--network FILE] [--json]
"""

import argparse
import hashlib
import json
import logging
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.azurite_store import azurite
from benchmarks.local_spark import session
from benchmarks.naip_tiles import SIDE, cut_tiles, feature_length, prepared_network
from benchmarks.processors import processor_seconds
from benchmarks.spark_stage import SparkStage, SynapseStage, put_values, synapseml_jars
from spark_jobs.slices import BATCH

WARM_ROUNDS = 2
TITLES = {
    "raw": "raw ONNX Runtime",
    "raw_decode": "raw with PNG decoding",
    "spark": "Spark stage, files",
    "azurite": "Spark stage, Azurite",
    "synapseml": "Spark stage, SynapseML",
}


class Way(NamedTuple):
    """One way to turn so many tiles into features; `seconds` does it once."""

    seconds: Callable[[], float]
    tiles: int


def raw_process(pipe: Connection, network_file: str, network: Any, files: list[str]) -> None:
    """One process of the raw measurements: answers each request with the seconds its share took."""
    import numpy as np

    from spark_jobs.decode import decode
    from spark_jobs.network import Session

    session = Session(network_file, network)
    contents = [Path(file).read_bytes() for file in files]
    tiles = [decode(content, SIDE) for content in contents]
    starts = range(0, len(files), BATCH)
    session.run(np.stack(tiles[:BATCH]))
    pipe.send("ready")
    while (mode := pipe.recv()) != "stop":
        started = time.perf_counter()
        for start in starts:
            batch = tiles[start : start + BATCH]
            if mode == "raw+decode":
                batch = [decode(content, SIDE) for content in contents[start : start + BATCH]]
            session.run(np.stack(batch))
        pipe.send(time.perf_counter() - started)


class Raw:
    """The raw processes, idle between measurements."""

    def __init__(self, processes: int, network_file: Path, network: Any, files: list[str]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipes, self._processes = [], []
        for index in range(processes):
            here, there = context.Pipe()
            share = files[index * len(files) // processes : (index + 1) * len(files) // processes]
            process = context.Process(target=raw_process, args=(there, str(network_file), network, share), daemon=True)
            process.start()
            self._pipes.append(here)
            self._processes.append(process)
        for pipe in self._pipes:
            pipe.recv()

    def seconds(self, mode: str) -> float:
        """All processes at once; the time of the slowest."""
        for pipe in self._pipes:
            pipe.send(mode)
        return float(max(pipe.recv() for pipe in self._pipes))

    def stop(self) -> None:
        """End the processes."""
        for pipe in self._pipes:
            pipe.send("stop")
        for process in self._processes:
            process.join()


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Run everything; figures are images a second."""
    from spark_jobs.network import Network
    from spark_jobs.places import Place

    with tempfile.TemporaryDirectory(prefix="featurise-") as temporary, ExitStack() as running:
        folder = Path(temporary)
        for container in ("tiles", "pretrainedmodels"):
            (folder / container).mkdir()
        names = cut_tiles(folder / "tiles", arguments.tiles)
        data = prepared_network(arguments.network)
        file = folder / "pretrainedmodels" / "network.onnx"
        file.write_bytes(data)
        network = Network("benchmark", hashlib.sha256(data).hexdigest(), SIDE, "features", feature_length(file))
        server = running.enter_context(azurite(folder))
        upload(server, [*(folder / "tiles").iterdir(), file])
        raw = Raw(arguments.processes, file, network, [str(folder / "tiles" / name) for name in names])
        running.callback(raw.stop)
        spark = session(arguments.processes, server.spark_conf())
        running.callback(spark.stop)
        local = SparkStage(spark, Place(folder.as_uri(), "file"), network, names, folder / "local")
        blobs = SparkStage(spark, Place(f"http://{server.spark_host}", "wasb"), network, names, folder / "blobs")
        ways = {
            "raw": Way(lambda: raw.seconds("raw"), len(names)),
            "raw_decode": Way(lambda: raw.seconds("raw+decode"), len(names)),
            "spark": Way(local.seconds, len(names)),
            "azurite": Way(blobs.seconds, len(names)),
        }
        if synapseml_jars():
            fewer = names[: arguments.synapseml_tiles]
            synapse = SynapseStage(arguments.processes, folder, network, fewer, put_values(folder, data))
            running.callback(synapse.stop)
            ways["synapseml"] = Way(synapse.seconds, len(fewer))
        else:
            sys.stderr.write("SynapseML is left out: its jars are not in the cache. Fetch them: make synapseml\n")
        return interleaved(ways, arguments.repeats)


def upload(server: Any, files: list[Path]) -> None:
    """Put the files into containers named after their folders."""
    from azure.storage.blob import BlobServiceClient

    with BlobServiceClient.from_connection_string(server.connection_string) as service:
        for container in ("tiles", "pretrainedmodels", "trainedmodels", "predictions", "runs"):
            service.create_container(container)
        for file in files:
            service.get_blob_client(file.parent.name, file.name).upload_blob(file.read_bytes())


def interleaved(ways: dict[str, Way], repeats: int) -> dict[str, Any]:
    """Each way in turn, `repeats` times after two rounds that do not count, so that a busy minute hits all of them.

    Medians of images a second, and of milliseconds of processor time for a tile by kind of program.
    """
    rates: dict[str, list[float]] = {name: [] for name in ways}
    costs: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
    for turn in range(1 - WARM_ROUNDS, repeats + 1):
        for name, (seconds, tiles) in ways.items():
            with processor_seconds() as used:
                rate = tiles / seconds()
            if turn > 0:
                rates[name].append(round(rate, 1))
                costs[name].append({kind: spent / tiles * 1000 for kind, spent in used.items()})
        sys.stderr.write(f"round {turn} of {repeats}\n")
    medians = {name: statistics.median(values) for name, values in rates.items()}
    milliseconds = {name: {kind: round(_median(each, kind), 2) for kind in each[0]} for name, each in costs.items()}
    return {"rates": rates, "medians": medians, "processor_ms": milliseconds}


def _median(costs: list[dict[str, float]], kind: str) -> float:
    return statistics.median(each.get(kind, 0.0) for each in costs)


def main() -> None:
    """Options in, figures out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiles", type=int, default=512, help="how many tiles (at most 1710)")
    parser.add_argument("--synapseml-tiles", type=int, default=256, help="how many of them for SynapseML")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 2, help="one-thread processes, for Spark and for raw")
    parser.add_argument("--repeats", type=int, default=5, help="measured rounds")
    parser.add_argument(
        "--network", help="a prepared network (input `tiles`, output `features`); efficientnet-lite0 if not given"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    figures = measure(arguments)
    medians = figures["medians"]
    ratios = {
        "ratio_to_raw": medians["spark"] / medians["raw"],
        "ratio_to_raw_decode": medians["spark"] / medians["raw_decode"],
        "azurite_to_local": medians["azurite"] / medians["spark"],
    }
    if "synapseml" in medians:
        ratios["ratio_to_synapseml"] = medians["spark"] / medians["synapseml"]
    ratios = {name: round(ratio, 3) for name, ratio in ratios.items()}
    figures.update(tiles=arguments.tiles, processes=arguments.processes, repeats=arguments.repeats, **ratios)
    if arguments.json:
        print(json.dumps(figures))
        return
    for name, median in medians.items():
        cost = ", ".join(f"{kind} {ms}" for kind, ms in figures["processor_ms"][name].items() if ms >= 0.01)
        rounds = ", ".join(map(str, figures["rates"][name]))
        print(f"{TITLES[name]:24}{median:8.1f} images/s   (rounds: {rounds}; processor ms a tile: {cost})")
    pairs = {**{f"{name}_images_per_second": median for name, median in medians.items()}, **ratios}
    print(" ".join(f"{name}={value}" for name, value in pairs.items()))


if __name__ == "__main__":
    main()
