"""Tiles from a folder into Azurite: `aerial-ops sync`, the blob SDK with 8 threads and azcopy, in turns in one run.

Each is a program of its own and fills an empty container, MD5s included. The sync and azcopy then do it again with nothing to do.
Figures are medians over the rounds. Without azcopy (--azcopy, else fetched once with npm) the rest is measured.

usage: python -m benchmarks.sync [--files 10000] [--rounds 5] [--threads 32] [--azcopy PROGRAM] [--json]
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aerial_ops.storage.sync import THREADS
from benchmarks import azcopy, transfers
from benchmarks.azurite_store import azurite, store_of
from pytest_azurite.server import AzuriteServer

WARM_FILES = 500
SETTLE_SECONDS = 7.0  # Azurite writes its whole index down within five seconds of a change, for half a second
SAS_HOURS = 12
Figures = dict[str, list[transfers.Taken]]


def make_tiles(folder: Path, count: int) -> None:
    """`count` files in six folders, as large as 224 x 224 tiles of NAIP scenes are as PNG: 33 kB on average, 6 to 50."""
    sizes = random.Random(0)
    for number in range(count):
        path = folder / f"Class{number % 6}" / f"tile_{number:06}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(int(min(max(sizes.gauss(33_400, 7_600), 6_500), 50_500))))


class Bench:
    """An Azurite, the tiles, and the ways to get them there."""

    def __init__(self, root: Path, server: AzuriteServer, threads: int, program: Path | None) -> None:
        self.root, self._server, self._threads, self._azcopy = root, server, threads, program
        self._url = f"http://{server.spark_host}"
        self._store = store_of(server, ())
        self._home = 0

    def round(self, tiles: Path, number: int) -> Figures:
        """Every way once, each round beginning with another; the containers are removed afterwards."""
        ways: list[Callable[[Path], Figures]] = [self._sync, self._sdk, *([self._copier] if self._azcopy else [])]
        taken: Figures = {}
        for turn in range(len(ways)):
            taken |= ways[(turn + number) % len(ways)](tiles)
        return taken

    def _sync(self, tiles: Path) -> Figures:
        self._home += 1
        home = self.root / f"home{self._home}"
        run = transfers.command("sync", **self._there(tiles, "train"), threads=self._threads, home=str(home))
        taken = {"sync": [transfers.timed(run, self._environment())]}
        time.sleep(SETTLE_SECONDS)
        taken["again"] = [transfers.timed(run, self._environment())]
        self._store.service.delete_container("train")
        return taken

    def _sdk(self, tiles: Path) -> Figures:
        self._store.ensure_containers(["sdk"])
        taken = {"sdk": [transfers.timed(transfers.command("sdk", **self._there(tiles, "sdk")), self._environment())]}
        self._store.service.delete_container("sdk")
        return taken

    def _copier(self, tiles: Path) -> Figures:
        from azure.storage.blob import ContainerSasPermissions, generate_container_sas

        assert self._azcopy is not None
        self._store.ensure_containers(["azcopy"])
        allowed = ContainerSasPermissions(read=True, add=True, create=True, write=True, delete=True, list=True)
        until = datetime.now(UTC) + timedelta(hours=SAS_HOURS)
        account = self._server.account
        sas = generate_container_sas(account, "azcopy", account_key=self._server.key, permission=allowed, expiry=until)
        url = f"{self._server.url}/azcopy?{sas}"
        environment = azcopy.environment(self.root / "azcopy")
        taken = {"azcopy": [transfers.timed(azcopy.command(self._azcopy, "copy", tiles, url), environment)]}
        time.sleep(SETTLE_SECONDS)
        taken["azcopy_sync"] = [transfers.timed(azcopy.command(self._azcopy, "sync", tiles, url), environment)]
        self._store.service.delete_container("azcopy")
        return taken

    def _there(self, tiles: Path, container: str) -> dict[str, str]:
        return {"folder": str(tiles), "container": container, "account": self._server.account, "url": self._url}

    def _environment(self) -> dict[str, str]:
        return {**os.environ, transfers.KEY: self._server.key}


def measure(count: int, rounds: int, threads: int, program: Path | None) -> Figures:
    """What each way has taken, round by round. A small round that does not count comes first: Azurite's code gets compiled."""
    taken: Figures = {}
    with tempfile.TemporaryDirectory(prefix="aerial-ops-bench-") as temporary:
        root = Path(temporary)
        with azurite(root) as server:
            bench = Bench(root, server, threads, program)
            for name, number in (("warm", min(count, WARM_FILES)), ("tiles", count)):
                make_tiles(root / name, number)
            bench.round(root / "warm", 0)
            for number in range(rounds):
                for way, figures in bench.round(root / "tiles", number).items():
                    taken.setdefault(way, []).extend(figures)
                sys.stderr.write(f"round {number + 1} of {rounds}\n")
    return taken


def summary(taken: Figures, count: int) -> dict[str, float]:
    """Medians and ratios. `again_ratio` is the sync's own work; with `command_` the start of Python is part of both runs."""

    def median(way: str, figure: str = "wall") -> float:
        return float(statistics.median(getattr(each, figure) for each in taken[way]))

    figures = {f"{way}_seconds": round(median(way), 3) for way in taken}
    figures["files_per_second"] = round(count / median("sync"), 1)
    figures["ratio_to_sdk"] = round(median("sdk") / median("sync"), 2)
    figures["again_work_seconds"] = round(median("again", "work"), 3)
    figures["again_ratio"] = round(median("sync", "work") / median("again", "work"), 2)
    figures["command_again_ratio"] = round(median("sync") / median("again"), 2)
    if "azcopy" in taken:
        figures["ratio_to_azcopy"] = round(median("azcopy") / median("sync"), 2)
        figures["again_to_azcopy_sync"] = round(median("azcopy_sync") / median("again"), 2)
    for way in taken:
        for figure in ("client", "azurite"):
            figures[f"{way}_{figure}_ms"] = round(median(way, figure) * 1000 / count, 3)
    return figures


def main() -> None:
    """Options in, figures out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000, help="how many tiles")
    parser.add_argument("--rounds", type=int, default=5, help="measured rounds")
    parser.add_argument("--threads", type=int, default=THREADS, help="of the sync")
    parser.add_argument("--azcopy", help="an azcopy program, instead of the one that npm fetches")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    given = parser.parse_args()
    try:
        program = azcopy.find_azcopy(given.azcopy)
    except azcopy.NoAzcopyError as error:
        sys.stderr.write(f"azcopy is left out: {error}\n")
        program = None
    figures = {"files": given.files, **summary(measure(given.files, given.rounds, given.threads, program), given.files)}
    if given.json:
        print(json.dumps(figures))
        return
    print(f"{'':12}{'seconds':>9}{'files/s':>9}{'client, ms a file':>20}{'Azurite, ms a file':>20}")
    for way in [name.removesuffix("_client_ms") for name in figures if name.endswith("_client_ms")]:
        seconds = figures[f"{way}_seconds"]
        print(
            f"{way:12}{seconds:9.2f}{given.files / seconds:9.0f}"
            f"{figures[f'{way}_client_ms']:20.3f}{figures[f'{way}_azurite_ms']:20.3f}"
        )
    print(" ".join(f"{name}={value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
