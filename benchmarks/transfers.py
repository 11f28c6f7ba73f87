"""One transfer of a folder into a container by a program of its own, as a user starts it: what the sync benchmark times."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.processors import processor_seconds

if TYPE_CHECKING:
    from aerial_ops.storage.blobs import BlobStore

SDK_THREADS = 8
KEY = "BENCHMARK_ACCOUNT_KEY"
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Taken:
    """Seconds from a program's start to its end and of its work alone, if it tells; processor seconds of it and of Azurite."""

    wall: float
    work: float
    client: float
    azurite: float


def timed(command: list[str], environment: Mapping[str, str]) -> Taken:
    """Run the program; Azurite is a child of this one. Raises CalledProcessError when it fails."""
    with processor_seconds() as served:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout is not None
        with process.stdout:
            said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.stderr.write(said)
        raise subprocess.CalledProcessError(process.returncode, command[0])
    last = said.splitlines()[-1]
    work = float(json.loads(last)["seconds"]) if last.startswith("{") else wall
    return Taken(wall, work, used.ru_utime + used.ru_stime, served["node"])


def command(way: str, **given: Any) -> list[str]:
    """This module as a program: `way` is "sync" or "sdk"; `given` are its settings. The account's key is in the variable KEY."""
    return [sys.executable, "-m", "benchmarks.transfers", json.dumps({"way": way, **given})]


def with_sync(store: "BlobStore", given: Mapping[str, Any]) -> float:
    """Seconds of our sync."""
    from aerial_ops.storage.sync import open_source, sync

    source = open_source(given["folder"], (given["container"],))
    return sync(source, store, home=Path(given["home"]), threads=given["threads"]).seconds


def with_sdk(store: "BlobStore", given: Mapping[str, Any]) -> float:
    """Seconds of the blob SDK's `upload_blob` for every file in SDK_THREADS threads, with the MD5 made beforehand and kept."""
    import hashlib

    from azure.storage.blob import ContentSettings

    folder = Path(given["folder"])
    began = time.perf_counter()
    client = store.container(given["container"])

    def send(path: Path) -> None:
        data = path.read_bytes()
        content = ContentSettings(content_md5=bytearray(hashlib.md5(data, usedforsecurity=False).digest()))
        client.upload_blob(path.relative_to(folder).as_posix(), data, overwrite=True, content_settings=content)

    with ThreadPoolExecutor(SDK_THREADS) as pool:
        for _ in pool.map(send, sorted(folder.rglob("*.png"))):
            pass
    return time.perf_counter() - began


def main() -> None:
    """The program: one transfer, its seconds as JSON on stdout."""
    from pydantic import SecretStr

    from aerial_ops.clouds.base import StorageEndpoint
    from aerial_ops.clouds.loopback import loopback_transport
    from aerial_ops.storage.blobs import BlobStore

    given = json.loads(sys.argv[1])
    endpoint = StorageEndpoint(given["account"], given["url"], SecretStr(os.environ[KEY]))
    ways: dict[str, Callable[[BlobStore, Mapping[str, Any]], float]] = {"sync": with_sync, "sdk": with_sdk}
    print(json.dumps({"seconds": ways[given["way"]](BlobStore(endpoint, loopback_transport(None)), given)}))


if __name__ == "__main__" and len(sys.argv) > 1:
    main()
