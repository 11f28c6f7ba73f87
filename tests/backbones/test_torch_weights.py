import collections
import io
import os
import pickle
import struct
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aerial_ops.backbones import torch_weights
from aerial_ops.errors import BackboneError


class _Storage:
    def __init__(self, key: str, values: np.ndarray) -> None:
        self.key, self.values = key, values


class _Tensor:
    def __init__(self, storage: _Storage, offset: int, size: tuple[int, ...], stride: tuple[int, ...]) -> None:
        self.parts = (storage, offset, size, stride, False, collections.OrderedDict())

    def __reduce__(self) -> Any:
        return sys.modules["torch._utils"]._rebuild_tensor_v2, self.parts  # type: ignore[attr-defined]


class _Pickler(pickle.Pickler):
    def persistent_id(self, value: Any) -> Any:
        if not isinstance(value, _Storage):
            return None
        kind = {"f": "FloatStorage", "i": "LongStorage"}[value.values.dtype.kind]
        return ("storage", getattr(sys.modules["torch"], kind), value.key, "cpu", len(value.values), None)


@pytest.fixture
def torch_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """As much of torch as pickle needs to write references to it."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    for name in ("FloatStorage", "LongStorage"):
        setattr(torch, name, type(name, (), {"__module__": "torch"}))

    def _rebuild_tensor_v2(*_: Any) -> None: ...

    _rebuild_tensor_v2.__module__, _rebuild_tensor_v2.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = _rebuild_tensor_v2  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)


def saved(path: Path, tensors: dict[str, _Tensor]) -> Path:
    file = io.BytesIO()
    for head in (torch_weights.MAGIC, 1001, {"little_endian": True}):
        pickle.dump(head, file, protocol=2)
    _Pickler(file, protocol=2).dump(collections.OrderedDict(tensors))
    storages = {tensor.parts[0].key: tensor.parts[0].values for tensor in tensors.values()}
    pickle.dump(list(storages), file, protocol=2)
    for values in storages.values():
        file.write(struct.pack("<q", len(values)) + values.tobytes())
    path.write_bytes(file.getvalue())
    return path


def test_strided_views_are_read_as_views(torch_names: None, tmp_path: Path) -> None:
    shared = _Storage("0", np.arange(20, dtype=np.float32))
    steps = _Storage("1", np.array([7], np.int64))
    path = saved(
        tmp_path / "w.pth",
        {
            "transposed": _Tensor(shared, 2, (3, 4), (1, 3)),
            "plain": _Tensor(shared, 0, (2, 2), (2, 1)),
            "steps": _Tensor(steps, 0, (), ()),
        },
    )
    weights = torch_weights.read(path)
    np.testing.assert_array_equal(weights["transposed"], np.arange(2, 14, dtype=np.float32).reshape(4, 3).T)
    np.testing.assert_array_equal(weights["plain"], [[0, 1], [2, 3]])
    assert weights["steps"].dtype == np.int64 and weights["steps"].shape == () and weights["steps"] == 7


def test_a_file_cut_short_is_told(torch_names: None, tmp_path: Path) -> None:
    whole = saved(tmp_path / "w.pth", {"a": _Tensor(_Storage("0", np.arange(20, dtype=np.float32)), 0, (20,), (1,))}).read_bytes()
    for size in (0, 10, len(whole) // 2, len(whole) - 1):
        (tmp_path / "cut.pth").write_bytes(whole[:size])
        with pytest.raises(BackboneError, match=r"cut\.pth cannot be read"):
            torch_weights.read(tmp_path / "cut.pth")


def test_a_view_beyond_its_storage_is_refused(torch_names: None, tmp_path: Path) -> None:
    path = saved(tmp_path / "w.pth", {"a": _Tensor(_Storage("0", np.arange(4, dtype=np.float32)), 1, (4,), (1,))})
    with pytest.raises(BackboneError, match="beyond its storage"):
        torch_weights.read(path)


class _Intruder:
    def __reduce__(self) -> Any:
        return os.mkdir, ("intruded",)


def test_nothing_but_weights_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "evil.pth").write_bytes(pickle.dumps(_Intruder()))
    with pytest.raises(BackboneError, match="has no place in a weights file"):
        torch_weights.read(tmp_path / "evil.pth")
    assert not (tmp_path / "intruded").exists()


def test_another_pickle_is_not_a_weights_file(tmp_path: Path) -> None:
    (tmp_path / "other.pth").write_bytes(b"".join(pickle.dumps(value) for value in (1, 2, 3)))
    with pytest.raises(BackboneError, match="does not start as a torch file does"):
        torch_weights.read(tmp_path / "other.pth")
