import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spark_jobs.errors import BackboneError
from spark_jobs.folders import FolderStore
from spark_jobs.network import Network, Session, distribute
from tests.spark_jobs.conftest import LENGTH, SIDE, tiny_network


class Context:
    """A SparkContext as far as `distribute` knows it."""

    def __init__(self) -> None:
        self.files: list[str] = []

    def addFile(self, path: str) -> None:
        self.files.append(path)


def described(data: bytes, **changes: Any) -> Network:
    parts = {"name": "tiny", "sha256": hashlib.sha256(data).hexdigest(), "side": SIDE, "output": "features", "length": LENGTH}
    return Network(**{**parts, **changes})


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    made = FolderStore(tmp_path / "store")
    made.put("pretrainedmodels", "tiny.onnx", tiny_network())
    return made


def hand_out(store: FolderStore, folder: Path, network: Network, file: str = "tiny.onnx") -> Context:
    context = Context()
    distribute(context, store, "pretrainedmodels", file, network, folder)
    return context


def test_a_checked_network_is_handed_out_and_runs(store: FolderStore, tmp_path: Path) -> None:
    network = described(tiny_network())
    context = hand_out(store, tmp_path, network)
    assert context.files == [str(tmp_path / network.file)]
    features = Session(context.files[0], network).run(np.zeros((3, SIDE, SIDE, 3), np.uint8))
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
        hand_out(store, tmp_path, described(tiny_network(), **changes))


def test_a_missing_or_broken_file_is_refused(store: FolderStore, tmp_path: Path) -> None:
    with pytest.raises(BackboneError, match=r"pretrainedmodels/other\.onnx does not exist"):
        hand_out(store, tmp_path, described(b""), "other.onnx")
    store.put("pretrainedmodels", "broken.onnx", b"no network")
    with pytest.raises(BackboneError, match="cannot load the network tiny"):
        hand_out(store, tmp_path, described(b"no network"), "broken.onnx")
