"""A prepared network in 8-bit integers: static quantisation by ONNX Runtime's own tool, calibrated on real tiles."""

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aerial_ops.backbones.inference import Network, checked_length
from aerial_ops.backbones.prepared import Description, Prepared
from aerial_ops.backbones.store import publish, resolve
from aerial_ops.errors import AerialOpsError, BackboneError, DataError
from aerial_ops.reporting import SILENT, Reporter
from aerial_ops.storage.blobs import BlobStore
from aerial_ops.storage.layout import PRETRAINED, TRAIN

SUFFIX = "-int8"
LEAST_TILES = 16
_BATCH = 8
# Clip and Add besides what multiplies: the ranges of ReLU6 and of skip connections are then known to their neighbours.
_QUANTISED = ["Conv", "Gemm", "MatMul", "Add", "Clip", "GlobalAveragePool"]


def quantise(store: BlobStore, backbone: str, tiles: int = 128, report: Reporter = SILENT) -> tuple[Description, float]:
    """Publish NAME-int8, calibrated on `tiles` of the container train; its description, and the cosine of its features to NAME's.

    Raises BackboneError when the network cannot be quantised, DataError when there are too few tiles that can be read.
    """
    description = resolve(store, backbone, report=report)
    pictures = _pictures(store, tiles, description.side, report)
    raw = store.read(PRETRAINED, description.file)
    with tempfile.TemporaryDirectory(prefix="aerial-ops-int8-") as folder:
        made = Path(folder) / f"{description.name}{SUFFIX}.onnx"
        with report.task(f"Quantise {description.name} to 8 bits on {len(pictures)} tiles"):
            _quantise(raw, pictures, made, description.name)
        likeness = _cosine(Network(raw, description.name)(pictures), Network(made, made.name)(pictures))
        prepared = Prepared(
            description.model_copy(
                update={
                    "name": made.stem,
                    "file": made.name,
                    "sha256": hashlib.sha256(made.read_bytes()).hexdigest(),
                    "length": checked_length(made, made.name, description.side),
                    "source": f"{description.name}, quantised to 8 bits",
                    "source_sha256": description.sha256,
                    "notes": [
                        f"calibrated on {len(pictures)} tiles; cosine of its features to {description.name}'s: {likeness:.3f}"
                    ],
                }
            ),
            made,
        )
        return publish(store, prepared), likeness


def _quantise(raw: bytes, tiles: NDArray[np.uint8], target: Path, name: str) -> None:
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Calibration(quantization.CalibrationDataReader):  # type: ignore[misc]
        """The tiles, a few at a time."""

        def __init__(self) -> None:
            self._batches: Iterator[dict[str, Any]] = ({"tiles": tiles[at : at + _BATCH]} for at in range(0, len(tiles), _BATCH))

        def get_next(self) -> dict[str, Any] | None:
            return next(self._batches, None)

    original, ready = target.with_name("original.onnx"), target.with_name("ready.onnx")
    original.write_bytes(raw)
    try:
        quant_pre_process(str(original), str(ready), skip_symbolic_shape=True)
        quantization.quantize_static(
            str(ready),
            str(target),
            Calibration(),
            quant_format=quantization.QuantFormat.QDQ,
            per_channel=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            op_types_to_quantize=_QUANTISED,
        )
    except Exception as error:  # the tool raises whatever its parts meet
        raise BackboneError(f"ONNX Runtime cannot quantise {name}: {(str(error).splitlines() or [''])[0]}") from error


def _pictures(store: BlobStore, count: int, side: int, report: Reporter) -> NDArray[np.uint8]:
    """Evenly chosen tiles of the container train, decoded as the jobs decode them: uint8 [N, SIDE, SIDE, 3]."""
    from spark_jobs.decode import UnreadableError, decode

    try:
        names = sorted(blob.name for blob in store.list(TRAIN))
    except AerialOpsError as error:
        raise DataError("There are no tiles to calibrate on.", suggestion="Copy them first: aerial-ops sync") from error
    chosen = [names[at] for at in np.unique(np.linspace(0, len(names) - 1, min(count, len(names))).astype(int))] if names else []
    pictures = []
    with report.task("Read tiles", len(chosen), "tiles") as task:
        for name in chosen:
            try:
                pictures.append(decode(store.read(TRAIN, name), side))
            except UnreadableError as error:
                report.note(f"{TRAIN}/{name} is left out: {error}.")
            task.advance()
    if len(pictures) < LEAST_TILES:
        raise DataError(
            f"The container {TRAIN} has {len(pictures)} tiles that can be read; {LEAST_TILES} are needed to calibrate.",
            suggestion="Copy more: aerial-ops sync",
        )
    return np.stack(pictures)


def _cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float((one * other).sum() / np.sqrt((one**2).sum() * (other**2).sum()))
