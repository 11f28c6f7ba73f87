"""Images a second of the Spark job's featurise stage beside raw ONNX Runtime in as many one-thread processes.

All three measurements work on the same PNG tiles, interleaved in one run, warm, by median:
  raw          decoded tiles in memory -> ONNX Runtime, batches of 16; nothing else (the limit)
  raw+decode   PNG bytes in memory -> Pillow -> ONNX Runtime, batches of 16, one thread
  spark        the job's own stage: read files, decode, ONNX Runtime, rows through Spark, kept in its cache

usage: python -m benchmarks.featurise [--tiles 512] [--processes 2] [--repeats 5] [--network FILE] [--json]
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
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from spark_jobs.slices import BATCH

NAIP = Path(__file__).resolve().parents[2] / "shared" / "naip"
WINDOW, SIDE = 48, 224
WARM_ROUNDS = 2
# The second compiler of the JVM takes a core for seconds and has little to gain: the JVM only passes rows on.
JAVA_OPTIONS = "-XX:TieredStopAtLevel=1"


def cut_tiles(folder: Path, count: int) -> list[str]:
    """Write `count` tiles of the NAIP scenes, as the project's image sets are made: 48 x 48 pixels resized to 224, PNG."""
    import rasterio
    from PIL import Image

    names: list[str] = []
    for scene in sorted(NAIP.glob("m_*.tif")):
        with rasterio.open(scene) as source:
            pixels = source.read([1, 2, 3]).transpose(1, 2, 0)
        for top in range(0, pixels.shape[0] - WINDOW + 1, WINDOW):
            for left in range(0, pixels.shape[1] - WINDOW + 1, WINDOW):
                if len(names) == count:
                    return names
                tile = Image.fromarray(pixels[top : top + WINDOW, left : left + WINDOW])
                names.append(f"{len(names):05d}.png")
                tile.resize((SIDE, SIDE), Image.Resampling.BICUBIC).save(folder / names[-1])
    if not names:
        sys.exit(f"There are no NAIP scenes in {NAIP}.")
    return names


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


class SparkStage:
    """The job's featurise stage on Spark in local mode, over a folder."""

    def __init__(self, processes: int, folder: Path, network: Any, names: list[str]) -> None:
        from pyspark.sql import SparkSession

        from spark_jobs.context import Job
        from spark_jobs.places import Place
        from spark_jobs.progress import Progress
        from spark_jobs.spec import ImageSet, Spec
        from spark_jobs.tiles import Tile

        os.environ["PYSPARK_PYTHON"] = sys.executable
        local = "127.0.0.1"
        builder = SparkSession.builder.master(f"local[{processes}]").config("spark.ui.enabled", "false")
        builder = builder.config("spark.ui.showConsoleProgress", "false").config("spark.log.level", "ERROR")
        builder = builder.config("spark.driver.extraJavaOptions", JAVA_OPTIONS)
        self._spark = builder.config("spark.driver.bindAddress", local).config("spark.driver.host", local).getOrCreate()
        self._network = network
        self._sets = {"tiles": [Tile(name, "") for name in names]}
        place = Place(folder.as_uri(), "file")
        spec = Spec("score", "benchmark", "benchmark", None, None, {"tiles": ImageSet("tiles")})
        work = folder / "work"
        work.mkdir()
        self._job = Job.open(self._spark, place, spec, None, work)
        self._job.progress = Progress(self._job.store, "benchmark/progress.json")
        self._job.hand_out(network, "pretrainedmodels", "network.onnx")

    def seconds(self) -> float:
        """The stage, from the list of tiles to features in Spark's cache."""
        self._job.counts = {"tiles": {"sampled": len(self._sets["tiles"])}}
        started = time.perf_counter()
        self._job.featurise(self._sets, [], self._network)
        taken = time.perf_counter() - started
        self._job.close()
        return taken

    def stop(self) -> None:
        """End Spark."""
        self._spark.stop()


def prepared_network(given: str | None) -> bytes:
    """The default network, prepared as the jobs want it, or the given file."""
    if given:
        return Path(given).read_bytes()
    from aerial_ops.backbones.catalogue import CATALOGUE
    from aerial_ops.backbones.sources import prepare_entry

    return prepare_entry(CATALOGUE["efficientnet-lite0"]).model


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Run everything; figures are images a second."""
    from spark_jobs.network import Network

    with tempfile.TemporaryDirectory(prefix="featurise-") as temporary:
        folder = Path(temporary)
        (folder / "tiles").mkdir()
        (folder / "pretrainedmodels").mkdir()
        names = cut_tiles(folder / "tiles", arguments.tiles)
        data = prepared_network(arguments.network)
        file = folder / "pretrainedmodels" / "network.onnx"
        file.write_bytes(data)
        network = Network("benchmark", hashlib.sha256(data).hexdigest(), SIDE, "features", feature_length(file))
        raw = Raw(arguments.processes, file, network, [str(folder / "tiles" / name) for name in names])
        spark = SparkStage(arguments.processes, folder, network, names)
        try:
            ways: dict[str, Callable[[], float]] = {
                "raw": lambda: raw.seconds("raw"),
                "raw_decode": lambda: raw.seconds("raw+decode"),
                "spark": spark.seconds,
            }
            return interleaved(ways, len(names), arguments.repeats)
        finally:
            spark.stop()
            raw.stop()


def interleaved(ways: dict[str, Callable[[], float]], tiles: int, repeats: int) -> dict[str, Any]:
    """Each way in turn, `repeats` times after two rounds that do not count, so that a busy minute hits all of them."""
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(1 - WARM_ROUNDS, repeats + 1):
        for name, run in ways.items():
            rate = tiles / run()
            if turn > 0:
                rates[name].append(round(rate, 1))
        sys.stderr.write(f"round {turn} of {repeats}\n")
    medians = {name: statistics.median(values) for name, values in rates.items()}
    return {"rates": rates, "medians": medians}


def feature_length(file: Path) -> int:
    """The length of the network's output `features`."""
    import onnxruntime

    outputs = {end.name: end.shape for end in onnxruntime.InferenceSession(str(file)).get_outputs()}
    return int(outputs["features"][-1])


def main() -> None:
    """Options in, figures out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiles", type=int, default=512, help="how many tiles (at most 1710)")
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
    figures.update(
        tiles=arguments.tiles,
        processes=arguments.processes,
        repeats=arguments.repeats,
        ratio_to_raw=round(medians["spark"] / medians["raw"], 3),
        ratio_to_raw_decode=round(medians["spark"] / medians["raw_decode"], 3),
    )
    if arguments.json:
        print(json.dumps(figures))
        return
    for name, title in (("raw", "raw ONNX Runtime"), ("raw_decode", "raw with PNG decoding"), ("spark", "Spark stage")):
        print(f"{title:24}{medians[name]:8.1f} images/s   (rounds: {', '.join(map(str, figures['rates'][name]))})")
    pairs = {
        "raw_images_per_second": medians["raw"],
        "raw_decode_images_per_second": medians["raw_decode"],
        "spark_images_per_second": medians["spark"],
        "ratio_to_raw_decode": figures["ratio_to_raw_decode"],
        "ratio_to_raw": figures["ratio_to_raw"],
    }
    print(" ".join(f"{name}={value}" for name, value in pairs.items()))


if __name__ == "__main__":
    main()
