"""Run a network, to check it; the jobs have a runner of their own. With quantise.py the only module that imports onnxruntime."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from aerial_ops.errors import BackboneError

BATCH = 16
_ERRORS_ONLY = 3
_SAME = 1e-4


class Network:
    """A network ready to run on one thread, from its bytes or its file; `name` is how messages call it."""

    def __init__(self, model: bytes | Path, name: str) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = _ERRORS_ONLY
        self.name = name
        try:
            source = model if isinstance(model, bytes) else str(model)
            self._session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its errors have no class in common
            raise BackboneError(f"ONNX Runtime cannot load {name}: {_first_line(error)}") from error
        self.inputs = tuple(value.name for value in self._session.get_inputs())
        self.outputs = tuple(value.name for value in self._session.get_outputs())

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Every output for `inputs`."""
        try:
            return dict(zip(self.outputs, self._session.run(None, dict(inputs)), strict=True))
        except Exception as error:
            raise BackboneError(f"ONNX Runtime cannot run {self.name}: {_first_line(error)}") from error

    def __call__(self, tiles: NDArray[np.uint8], batch: int = BATCH) -> NDArray[np.float32]:
        """The first output of a prepared network, [N, LENGTH], for `tiles`, uint8 [N, SIDE, SIDE, 3]."""
        parts = [self.run({self.inputs[0]: tiles[i : i + batch]})[self.outputs[0]] for i in range(0, len(tiles), batch)]
        return np.concatenate(parts)


def checked_length(model: bytes | Path, name: str, side: int) -> int:
    """The number of values per tile that a prepared network gives, found by running it on tiles of noise.

    Raises BackboneError when it does not run, when a tile's values depend on the tiles beside it, or are not finite numbers.
    """
    network = Network(model, name)
    tiles = np.random.default_rng(0).integers(0, 256, (3, side, side, 3), dtype=np.uint8)
    alone, together = network(tiles, batch=1), network(tiles)
    if together.ndim != 2 or len(together) != len(tiles) or alone.shape != together.shape:
        raise BackboneError(
            f"{name} gives an array of the shape {list(together.shape)} for {len(tiles)} tiles, not a row for each."
        )
    if not np.isfinite(together).all():
        raise BackboneError(f"{name} gives values that are not numbers.")
    if not np.allclose(alone, together, rtol=_SAME, atol=_SAME * max(1.0, float(np.abs(alone).max()))):
        raise BackboneError(
            f"{name} gives a tile other values when other tiles are beside it.",
            suggestion="Export the network for use, not for training, and with a batch dimension that is not fixed.",
        )
    return int(together.shape[1])


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:300]
