"""A prepared network: checked and handed out by the driver, one ONNX Runtime session a worker process."""

from __future__ import annotations

import gc
import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Sequence

import numpy as np
from numpy.typing import NDArray

from spark_jobs.errors import BackboneError, NotFoundError
from spark_jobs.memory import give_back_large_blocks
from spark_jobs.spec import Backbone
from spark_jobs.stores import Store
from spark_jobs.tuning import SIZES, BatchSize

INPUT = "tiles"
FETCH = "Fetch it again: aerial-ops models fetch"
_sessions: dict[str, Session] = {}


@dataclass(frozen=True)
class Network:
    """Input `tiles` uint8 [N, side, side, 3]; output `features` or `scores`, float32 [N, length]."""

    name: str
    sha256: str
    side: int
    output: str
    length: int

    @property
    def file(self) -> str:
        """The name under which Spark hands the file out; of the content, so that two networks never meet in one session."""
        return f"{self.sha256[:32]}.onnx"


def features_of(backbone: Backbone) -> Network:
    """The network of a prepared backbone."""
    return Network(backbone.name, backbone.sha256, backbone.side, "features", backbone.length)


class Session:
    """ONNX Runtime on one thread: a Spark task has one core, and more threads only fight over it."""

    def __init__(self, path: str, network: Network) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self.runtime: Any = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise BackboneError(f"ONNX Runtime cannot load the network {network.name}: {str(error).splitlines()[0]}") from None
        self.batch_size = BatchSize()
        self._output = network.output
        self._buffer = np.empty((max(SIZES), network.side, network.side, 3), np.uint8)
        _check_ends(self.runtime, network)

    def run(self, tiles: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Tiles uint8 [N, side, side, 3] to float32 [N, length]."""
        result: NDArray[np.float32] = self.runtime.run([self._output], {INPUT: tiles})[0]
        return result

    def run_batch(self, tiles: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """As `run`, for at most 32 single tiles, put together in a buffer that is kept; the time goes to `batch_size`."""
        together = np.stack(tiles, out=self._buffer[: len(tiles)])
        began = time.perf_counter()
        result = self.run(together)
        self.batch_size.note(len(tiles), time.perf_counter() - began)
        return result


def session_on_worker(network: Network) -> Session:
    """This process's session for the network: made once, kept across tasks, the file's hash checked."""
    if network.sha256 not in _sessions:
        from pyspark import SparkFiles

        path = SparkFiles.get(network.file)
        _check_hash(Path(path).read_bytes(), f"The network {network.name}", network.sha256, FETCH)
        _sessions.clear()
        give_back_large_blocks()
        _sessions[network.sha256] = Session(path, network)
        gc.freeze()  # ONNX Runtime and the session stay: see worker.py
    return _sessions[network.sha256]


def checked_file(store: Store, container: str, name: str, network: Network, folder: Path) -> Path:
    """The network's file in `folder`, fetched and checked: its hash, its input, its output. Raises BackboneError."""
    path = folder / network.file
    path.write_bytes(fetch_network(store, container, name, network.sha256, FETCH))
    Session(str(path), network)
    return path


def fetch_network(store: Store, container: str, name: str, sha256: str, advice: str) -> bytes:
    """A network's file. Raises BackboneError with the advice when it is missing or another one."""
    try:
        data = store.get(container, name)
    except NotFoundError:
        raise BackboneError(f"{container}/{name} does not exist.", advice) from None
    _check_hash(data, f"{container}/{name}", sha256, advice)
    return data


def _check_hash(data: bytes, what: str, sha256: str, advice: str) -> None:
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise BackboneError(f"{what} is not the file that was ordered: SHA-256 {found} instead of {sha256}.", advice)


def _check_ends(runtime: Any, network: Network) -> None:
    advice = "Prepare the network again: aerial-ops models fetch"
    inputs = {end.name: end for end in runtime.get_inputs()}
    outputs = {end.name: end for end in runtime.get_outputs()}
    if list(inputs) != [INPUT] or inputs[INPUT].type != "tensor(uint8)":
        raise BackboneError(f"The network {network.name} must take one input `{INPUT}` of uint8, not {sorted(inputs)}.", advice)
    shape = list(inputs[INPUT].shape)
    if len(shape) != 4 or isinstance(shape[0], int) or shape[1:] != [network.side, network.side, 3]:
        raise BackboneError(
            f"The network {network.name} takes tiles {shape}, not [N, {network.side}, {network.side}, 3].", advice
        )
    if network.output not in outputs or outputs[network.output].shape[-1] != network.length:
        found = {name: end.shape for name, end in outputs.items()}
        raise BackboneError(
            f"The network {network.name} gives {found}, not `{network.output}` of length {network.length}.", advice
        )
