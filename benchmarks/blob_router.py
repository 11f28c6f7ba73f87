"""What the router of blob endpoints costs: the same transfers straight to an Azurite and through the router, in turns.

Usage: python benchmarks/blob_router.py [ROUNDS]
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from azure.storage.blob import ContainerClient

from aerial_ops.clouds.loopback import loopback_transport
from aerial_ops.emulator.arm import lifecycle
from aerial_ops.emulator.arm.addresses import FOLDER
from aerial_ops.emulator.arm.machines import Machines
from aerial_ops.emulator.azurite import new_key

LARGE, SMALL, COUNT, THREADS = 32 << 20, 40_000, 200, 8
ACCOUNT = "benchmark"


def measure(container: ContainerClient) -> dict[str, float]:
    """MB/s of one large blob, blobs/s of many small ones."""
    large, small = os.urandom(LARGE), os.urandom(SMALL)
    found: dict[str, float] = {}

    def timed(name: str, amount: float, work: Callable[[], object]) -> None:
        start = time.perf_counter()
        work()
        found[name] = amount / (time.perf_counter() - start)

    timed("upload of 32 MB, MB/s", LARGE / 1e6, lambda: container.upload_blob("large", large, overwrite=True))
    timed("download of 32 MB, MB/s", LARGE / 1e6, lambda: container.download_blob("large").readall())
    with ThreadPoolExecutor(THREADS) as pool:
        put = lambda number: container.upload_blob(f"small{number}", small, overwrite=True)  # noqa: E731
        get = lambda number: container.download_blob(f"small{number}").readall()  # noqa: E731
        timed("uploads of 40 kB, 8 threads, blobs/s", COUNT, lambda: list(pool.map(put, range(COUNT))))
        timed("downloads of 40 kB, 8 threads, blobs/s", COUNT, lambda: list(pool.map(get, range(COUNT))))
    return found


def main(rounds: int) -> None:
    """Print the medians side by side."""
    results: dict[str, list[dict[str, float]]] = {"straight": [], "router": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        connection = lifecycle.start(folder)
        try:
            machines, keys = Machines(folder / FOLDER, folder, connection.storage_port), (new_key(), new_key())
            machines.start_storage(ACCOUNT, keys)
            machines.create_container(ACCOUNT, keys[0], "bench", {})
            own = json.loads((folder / FOLDER / "routes.json").read_text())[ACCOUNT]
            transport = loopback_transport(Path(connection.ca_file))
            credential = {"account_name": ACCOUNT, "account_key": keys[0]}
            for number in range(rounds):
                ways = [("straight", own), ("router", connection.storage_port)]
                for way, port in ways if number % 2 else reversed(ways):
                    url = f"https://{ACCOUNT}.blob.localhost:{port}"
                    client = ContainerClient(url, "bench", credential=credential, transport=transport)
                    results[way].append(measure(client))
        finally:
            lifecycle.stop(folder)
    print("| | straight | router | router / straight |\n|---|---|---|---|")
    for what in results["straight"][0]:
        straight, router = (statistics.median(run[what] for run in results[way]) for way in ("straight", "router"))
        print(f"| {what} | {straight:.0f} | {router:.0f} | {router / straight:.2f} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
