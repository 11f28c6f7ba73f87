"""A network in 8 bits beside the same in floats, on the NAIP set (experiments/naip.toml): its speed and its accuracy.

The 8-bit network is what `aerial-ops models quantise` makes, calibrated on tiles of the training set.
  speed      the same session code on the same decoded tiles in one-thread processes, in turns, warm, by median
  accuracy   train jobs, as `aerial-ops train` orders them, with either network: the share of the test tiles that a logistic
             regression and random forests (the mean over some seeds) have right

usage: python -m benchmarks.quantise [--tiles 512] [--processes 2] [--repeats 5] [--seeds 5] [--json]
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.azurite_store import azurite, store_of
from benchmarks.featurise import Raw, Way, interleaved
from benchmarks.local_spark import session
from benchmarks.naip_tiles import build_naip

BACKBONE = "efficientnet-lite0"
SETS = ("train", "test")
ALLOWED = 1.0  # points of accuracy


class Account:
    """The NAIP set in an Azurite, with both networks."""

    def __init__(self, server: Any, images: Path) -> None:
        from aerial_ops.backbones.quantise import quantise
        from aerial_ops.backbones.store import resolve
        from aerial_ops.storage.layout import CONTAINERS

        self.server, self.store = server, store_of(server, CONTAINERS)
        for file in (file for name in SETS for file in sorted((images / name).rglob("*.png"))):
            name, _, path = file.relative_to(images).as_posix().partition("/")
            self.store.write(name, path, file.read_bytes())
        floats = resolve(self.store, BACKBONE)
        ints, self.cosine = quantise(self.store, BACKBONE)
        self.networks = {"fp32": floats, "int8": ints}

    def accuracy(self, spark: Any, network: str, classifier: Any, seed: int) -> float:
        """Of a model that a train job makes: the share of the test tiles that it has right, in percent."""
        from aerial_ops.jobs.orders import train_order
        from spark_jobs.job import run

        name = f"{network}-{classifier}-{seed}"
        order = train_order(self.store, name, backbone=self.networks[network].name, classifier=classifier)
        order = order.model_copy(update={"classifier": order.classifier.model_copy(update={"seed": seed})})
        self.store.write("runs", f"{order.run_id}/spec.json", order.model_dump_json())
        result = run(f"wasb://runs@{self.server.spark_host}/{order.run_id}/spec.json", spark)
        if result["error"]:
            sys.exit(f"The job {order.run_id} failed: {result['error']}")
        return 100 * float(result["metrics"]["accuracy"])


def measure(tiles: int, processes: int, repeats: int, seeds: int) -> dict[str, Any]:
    """Images a second and accuracies of both networks."""
    with tempfile.TemporaryDirectory(prefix="quantise-") as temporary, ExitStack() as running:
        folder = Path(temporary)
        build_naip(folder / "images")
        account = Account(running.enter_context(azurite(folder)), folder / "images")
        files = [str(file) for file in sorted((folder / "images" / "train").rglob("*.png"))[:tiles]]
        figures = speed(account, folder, files, processes, repeats)
        spark = session(processes, account.server.spark_conf())
        running.callback(spark.stop)
        figures["cosine"] = round(account.cosine, 3)
        figures["accuracy"] = {
            network: {kind: round(share, 2) for kind, share in accuracies(account, spark, network, seeds)}
            for network in account.networks
        }
    return figures


def speed(account: Account, folder: Path, files: list[str], processes: int, repeats: int) -> dict[str, Any]:
    """Both networks in turns."""
    from spark_jobs.network import Network

    with ExitStack() as running:
        ways = {}
        for name, about in account.networks.items():
            file = folder / about.file
            file.write_bytes(account.store.read("pretrainedmodels", about.file))
            raw = Raw(processes, file, Network(name, about.sha256, about.side, "features", about.length), files)
            running.callback(raw.stop)
            ways[name] = Way(lambda raw=raw: raw.seconds("raw"), len(files))  # type: ignore[misc]
        return interleaved(ways, repeats)


def accuracies(account: Account, spark: Any, network: str, seeds: int) -> Iterator[tuple[str, float]]:
    """By classifier; the features of all but the first job come from the feature cache."""
    yield "logistic-regression", account.accuracy(spark, network, "logistic-regression", 0)
    forests = [account.accuracy(spark, network, "random-forest", seed) for seed in range(seeds)]
    yield "random-forest", statistics.mean(forests)


def main() -> None:
    """Options in, figures out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiles", type=int, default=512, help="how many tiles the speed is measured on")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 2, help="one-thread processes, and Spark's cores")
    parser.add_argument("--repeats", type=int, default=5, help="measured rounds of the speed")
    parser.add_argument("--seeds", type=int, default=5, help="random forests for each network")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    arguments = parser.parse_args()
    found = measure(arguments.tiles, arguments.processes, arguments.repeats, arguments.seeds)
    medians, accuracy = found["medians"], found["accuracy"]
    losses = {kind: round(share - accuracy["int8"][kind], 2) for kind, share in accuracy["fp32"].items()}
    found.update(speed_up=round(medians["int8"] / medians["fp32"], 3), loss_points=losses)
    if arguments.json:
        print(json.dumps(found))
        return
    for name, median in medians.items():
        cost = found["processor_ms"][name].get("python", 0.0)
        shares = ", ".join(f"{kind} {share:.1f} % right" for kind, share in accuracy[name].items())
        print(f"{name:6}{median:8.1f} images/s (processor ms a tile: {cost}; rounds: {found['rates'][name]})   {shares}")
    print(f"Cosine of the features: {found['cosine']}. The loss of accuracy may be {ALLOWED:g} points.")
    pairs = {f"{name}_images_per_second": round(median, 1) for name, median in medians.items()}
    pairs |= {"speed_up": found["speed_up"], **{f"loss_{kind.replace('-', '_')}": loss for kind, loss in losses.items()}}
    print(" ".join(f"{name}={value}" for name, value in pairs.items()))


if __name__ == "__main__":
    main()
