"""Read the weights out of a file that torch.save wrote before 1.6, without torch.

The file is a row of pickles (magic number, protocol, system information, the state dictionary, the storages' keys), then each
storage: its element count as a little-endian int64, and its raw values. A tensor is a view into a storage with an offset, a size
and a *stride*: weights that came from TensorFlow are transposed views, and reading them as contiguous gives a network that runs
and knows nothing.
"""

import collections
import pickle
import struct
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from aerial_ops.errors import BackboneError

MAGIC = 0x1950A86A20F9469CFC6C
_DTYPES: dict[str, type[np.generic]] = {"FloatStorage": np.float32, "DoubleStorage": np.float64, "LongStorage": np.int64}

Weights = dict[str, NDArray[Any]]


class _View(NamedTuple):
    """A tensor as the file describes it: a strided view into the storage `key`."""

    dtype: type[np.generic]
    key: str
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]


def read(path: Path) -> Weights:
    """Every tensor of the file by its name. Raises BackboneError when it is not such a file or is cut short."""
    try:
        with path.open("rb") as file:
            return _read(file)
    except (pickle.UnpicklingError, EOFError, struct.error, ValueError, TypeError, AttributeError, KeyError) as error:
        raise BackboneError(
            f"The weights file {path.name} cannot be read: {error}.", suggestion="Install its package again."
        ) from error


def _read(file: BinaryIO) -> Weights:
    magic, _protocol, _system = (_Unpickler(file).load() for _ in range(3))
    if magic != MAGIC:
        raise ValueError("it does not start as a torch file does")
    views: dict[str, _View] = _Unpickler(file).load()
    dtype_of = {view.key: view.dtype for view in views.values()}
    storages = {key: _storage(file, dtype_of[key]) for key in _Unpickler(file).load()}
    return {name: _array(view, storages[view.key]) for name, view in views.items()}


def _storage(file: BinaryIO, dtype: type[np.generic]) -> NDArray[Any]:
    (count,) = struct.unpack("<q", file.read(8))
    raw = file.read(count * np.dtype(dtype).itemsize)
    if len(raw) < count * np.dtype(dtype).itemsize:
        raise EOFError("it ends early")
    return np.frombuffer(raw, dtype, count)


def _array(view: _View, storage: NDArray[Any]) -> NDArray[Any]:
    last = view.offset + sum((n - 1) * step for n, step in zip(view.size, view.stride, strict=True))
    if last >= len(storage):
        raise ValueError("a tensor reaches beyond its storage")
    steps = [step * storage.itemsize for step in view.stride]
    return np.lib.stride_tricks.as_strided(storage[view.offset :], view.size, steps).copy()


class _Unpickler(pickle.Unpickler):
    """Builds nothing but ordered dictionaries and views: a weights file has no business with any other class."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuilt
        if module == "torch" and name in _DTYPES:
            return _DTYPES[name]
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a weights file")

    def persistent_load(self, pid: Any) -> Any:
        _kind, dtype, key, *_rest = pid
        return dtype, key


def _rebuilt(
    storage: tuple[type[np.generic], str], offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: Any
) -> _View:
    return _View(storage[0], storage[1], offset, tuple(size), tuple(stride))
