"""Files a second from a folder into Azurite: the sync beside the blob SDK's own upload with 8 threads, in one run."""

import argparse
import json
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pydantic import SecretStr

from aerial_ops.clouds.base import StorageEndpoint
from aerial_ops.clouds.loopback import loopback_transport
from aerial_ops.storage.blobs import BlobStore
from aerial_ops.storage.sync import THREADS, open_source, sync
from pytest_azurite.server import AzuriteServer

SDK_THREADS = 8


def make_files(folder: Path, count: int, size: int) -> None:
    """`count` files of random bytes in six folders, as image containers have them."""
    for number in range(count):
        path = folder / f"Class{number % 6}" / f"tile_{number:06}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(size))


def with_sdk(store: BlobStore, folder: Path, container: str) -> float:
    """Seconds for `upload_blob` of every file in 8 threads."""
    store.ensure_containers([container])
    client, files = store.container(container), sorted(path for path in folder.rglob("*.png"))

    def send(path: Path) -> None:
        client.upload_blob(path.relative_to(folder).as_posix(), path.read_bytes(), overwrite=True)

    began = time.perf_counter()
    with ThreadPoolExecutor(SDK_THREADS) as pool:
        list(pool.map(send, files))
    return time.perf_counter() - began


def measure(count: int, size: int, threads: int, rounds: int) -> dict[str, float]:
    """The best of `rounds` for each way, in turns, so that both see the same machine."""
    with tempfile.TemporaryDirectory(prefix="aerial-ops-bench-") as temporary:
        root = Path(temporary)
        make_files(root / "train", count, size)
        server = AzuriteServer(root / "azurite")
        server.start()
        try:
            endpoint = StorageEndpoint(server.account, f"http://{server.spark_host}", SecretStr(server.key))
            store = BlobStore(endpoint, loopback_transport(None))
            source = open_source(str(root / "train"))
            first, again, sdk = [], [], []
            for number in range(rounds):
                if number:
                    store.service.delete_container("train")
                first.append(sync(source, store, home=root / f"home{number}", threads=threads).seconds)
                again.append(sync(source, store, home=root / f"home{number}", threads=threads).seconds)
                sdk.append(with_sdk(store, root / "train", f"sdk{number}"))
        finally:
            server.stop()
    return {
        "files": count,
        "bytes_each": size,
        "threads": threads,
        "files_per_second": round(count / min(first), 1),
        "megabytes_per_second": round(count * size / min(first) / 1e6, 1),
        "sdk_files_per_second": round(count / min(sdk), 1),
        "ratio_to_sdk": round(min(sdk) / min(first), 2),
        "again_seconds": round(min(again), 2),
    }


def main() -> None:
    """Parse the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--size", type=int, default=60_000, help="bytes of each file (a 224 x 224 PNG has 60 to 100 kB)")
    parser.add_argument("--threads", type=int, default=THREADS)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figures = measure(given.files, given.size, given.threads, given.rounds)
    print(json.dumps(figures) if given.json else " ".join(f"{name}={value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
