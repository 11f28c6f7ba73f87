import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from spark_jobs.errors import BackboneError
from spark_jobs.folders import FolderStore
from spark_jobs.network import Network, Session, checked_file
from tests.spark_jobs.conftest import LENGTH, SIDE, tiny_network


def described(data: bytes, **changes: Any) -> Network:
    parts = {"name": "tiny", "sha256": hashlib.sha256(data).hexdigest(), "side": SIDE, "output": "features", "length": LENGTH}
    return Network(**{**parts, **changes})


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    made = FolderStore(tmp_path / "store")
    made.put("pretrainedmodels", "tiny.onnx", tiny_network())
    return made


def fetched(store: FolderStore, folder: Path, network: Network, file: str = "tiny.onnx") -> Path:
    return checked_file(store, "pretrainedmodels", file, network, folder)


def test_a_checked_network_runs(store: FolderStore, tmp_path: Path) -> None:
    network = described(tiny_network())
    file = fetched(store, tmp_path, network)
    assert file == tmp_path / network.file
    features = Session(str(file), network).run(np.zeros((3, SIDE, SIDE, 3), np.uint8))
    assert (features.dtype, features.shape) == (np.float32, (3, LENGTH))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sha256": "0" * 64}, "is not the file that was ordered"),
        ({"side": 224}, r"takes tiles \['N', 32, 32, 3\], not \[N, 224, 224, 3\]"),
        ({"length": 1280}, "not `features` of length 1280"),
        ({"output": "scores"}, "not `scores` of length 6"),
    ],
)
def test_an_unfit_network_is_refused(store: FolderStore, tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(BackboneError, match=message):
        fetched(store, tmp_path, described(tiny_network(), **changes))


def test_a_missing_or_broken_file_is_refused(store: FolderStore, tmp_path: Path) -> None:
    with pytest.raises(BackboneError, match=r"pretrainedmodels/other\.onnx does not exist"):
        fetched(store, tmp_path, described(b""), "other.onnx")
    store.put("pretrainedmodels", "broken.onnx", b"no network")
    with pytest.raises(BackboneError, match="cannot load the network tiny"):
        fetched(store, tmp_path, described(b"no network"), "broken.onnx")


def test_features_do_not_depend_on_the_batch(tmp_path: Path) -> None:
    """The feature cache relies on it, and so does whoever changes the size of batches: not one bit differs."""
    pixels = np.random.default_rng(0).integers(0, 256, (48, SIDE, SIDE, 3), dtype=np.uint8)
    data = dense_network()
    (tmp_path / "dense.onnx").write_bytes(data)
    session = Session(str(tmp_path / "dense.onnx"), described(data, length=77))
    whole = session.run(pixels)
    for batch in (1, 2, 3, 5, 7, 8, 13, 16, 32):
        parts = [session.run(pixels[start : start + batch]) for start in range(0, len(pixels), batch)]
        assert (np.concatenate(parts) == whole).all(), batch
    order = np.random.default_rng(1).permutation(len(pixels))
    assert (session.run(pixels[order]) == whole[order]).all()


def dense_network() -> bytes:
    """A convolution and two dense layers, of sizes that fit no processor's registers evenly."""
    values = np.random.default_rng(2)
    shapes = {"kernel": (19, 3, 3, 3), "first": (19 * 15 * 15, 301), "second": (301, 77)}
    weights = [numpy_helper.from_array(values.normal(size=shape).astype(np.float32), name) for name, shape in shapes.items()]
    nodes = [
        helper.make_node("Cast", ["tiles"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["floats"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["planes", "kernel"], ["maps"], strides=[2, 2]),
        helper.make_node("Relu", ["maps"], ["positive"]),
        helper.make_node("Flatten", ["positive"], ["flat"]),
        helper.make_node("MatMul", ["flat", "first"], ["middle"]),
        helper.make_node("Gemm", ["middle", "second"], ["features"]),
    ]
    ends = [
        helper.make_tensor_value_info("tiles", TensorProto.UINT8, ["N", SIDE, SIDE, 3]),
        helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", 77]),
    ]
    graph = helper.make_graph(nodes, "dense", ends[:1], ends[1:], weights)
    return bytes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8).SerializeToString())
