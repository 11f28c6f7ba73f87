from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from aerial_ops.backbones.inference import Network
from aerial_ops.backbones.labels import labels_text, read_labels
from aerial_ops.backbones.prepared import Description
from aerial_ops.backbones.preprocessing import IMAGENET
from aerial_ops.backbones.retrained import import_model
from aerial_ops.backbones.sources import NetworkOptions
from aerial_ops.errors import AerialOpsError, BackboneError, RefusedError, StorageError, UsageError
from aerial_ops.storage.blobs import BlobStore
from aerial_ops.storage.layout import TRAINED
from spark_jobs import tables
from tests.backbones import networks

Save = Callable[..., Path]
CLASSES = ["Barren", "Forest", "Shrub", "Developed"]


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels_to_inds.tsv"
    path.write_text(labels_text(CLASSES))
    return path


def names(store: BlobStore) -> list[str]:
    return [blob.name for blob in store.list(TRAINED)]


def test_it_becomes_a_model_that_scores_tiles(
    account: BlobStore, save: Save, labels: Path, tiles: Callable[[int, int], NDArray[np.uint8]]
) -> None:
    path = save(networks.small())
    description = import_model(account, "mine", path, labels, pretrained_model_type="resnet18", retraining_type="last_only")
    assert names(account) == [f"mine/{file}" for file in ("labels_to_inds.tsv", "model.info", "model.json", "model.onnx")]
    assert account.read(TRAINED, "mine/model.info").decode() == (
        "output_model_name,mine\nmodel_source,onnx\npretrained_model_type,resnet18\n"
        "retraining_type,last_only\nmmlspark_model_type,none\n"
    )
    assert Description.model_validate_json(account.read(TRAINED, "mine/model.json")) == description
    assert (description.name, description.side, description.length) == ("mine", 32, 4)
    network = Network(account.read(TRAINED, "mine/model.onnx"), "mine")
    assert (network.inputs, network.outputs) == (("tiles",), ("scores",))
    some = tiles(3, 32)
    pixels = ((some / 255 - np.array(IMAGENET.mean)) / np.array(IMAGENET.deviation)).transpose(0, 3, 1, 2).astype(np.float32)
    expected = Network(networks.small().SerializeToString(), "raw").run({"image": pixels})["dense"]
    np.testing.assert_allclose(network(some), expected, rtol=1e-4, atol=1e-5)


def test_the_jobs_read_what_was_written(account: BlobStore, save: Save, labels: Path) -> None:
    import_model(account, "mine", save(networks.small()), labels)
    assert tables.read_labels(account.read(TRAINED, "mine/labels_to_inds.tsv"), "labels") == CLASSES
    info = tables.read_model_info(account.read(TRAINED, "mine/model.info"))
    assert tuple(info) == tables.MODEL_INFO and info["model_source"] == "onnx"


def test_a_taken_name_is_refused_before_anything_changes(account: BlobStore, save: Save, labels: Path) -> None:
    path = save(networks.small())
    import_model(account, "mine", path, labels)
    account.write(TRAINED, "mine/model/metadata/part-00000", "of Spark")
    before = {blob.name: blob.etag for blob in account.list(TRAINED)}
    save(networks.small(seed=8))
    with pytest.raises(RefusedError, match="A model named mine exists already"):
        import_model(account, "mine", path, labels)
    assert {blob.name: blob.etag for blob in account.list(TRAINED)} == before
    import_model(account, "mine", path, labels, overwrite=True)
    assert "mine/model/metadata/part-00000" not in names(account) and len(names(account)) == 4


def test_overwriting_leaves_models_with_a_longer_name_alone(account: BlobStore, save: Save, labels: Path) -> None:
    path = save(networks.small())
    import_model(account, "mine-2", path, labels)
    import_model(account, "mine", path, labels)
    import_model(account, "mine", path, labels, overwrite=True)
    assert sum(name.startswith("mine-2/") for name in names(account)) == 4


@pytest.mark.parametrize("broken_at", ["model.onnx", "model.json", "labels_to_inds.tsv", "model.info"])
def test_a_break_half_way_leaves_no_model(
    account: BlobStore, save: Save, labels: Path, monkeypatch: pytest.MonkeyPatch, broken_at: str
) -> None:
    path, write = save(networks.small()), account.write
    import_model(account, "mine", path, labels)

    def breaks(container: str, name: str, data: bytes | str, **options: str) -> None:
        if name.endswith(broken_at):
            raise StorageError("the connection is gone")
        write(container, name, data)

    with monkeypatch.context() as patch:
        patch.setattr(account, "write", breaks)
        with pytest.raises(StorageError):
            import_model(account, "mine", path, labels, overwrite=True)
    assert not account.exists(TRAINED, "mine/model.info")
    import_model(account, "mine", path, labels)
    assert len(names(account)) == 4


def test_what_is_wrong_is_told_and_nothing_written(account: BlobStore, save: Save, labels: Path, tmp_path: Path) -> None:
    good, three = save(networks.small()), save(networks.small(classes=3), "three.onnx")
    (tmp_path / "text.onnx").write_text("not a network")
    account.ensure_containers([TRAINED])
    for error, told, act in (
        (UsageError, "is not a model name", lambda: import_model(account, "my model", good, labels)),
        (
            BackboneError,
            "gives 3 scores per tile, but labels_to_inds.tsv names 4",
            lambda: import_model(account, "m", three, labels),
        ),
        (BackboneError, "is not an ONNX network", lambda: import_model(account, "m", tmp_path / "text.onnx", labels)),
        (UsageError, "There is no file", lambda: import_model(account, "m", tmp_path / "none.onnx", labels)),
        (UsageError, "There is no file", lambda: import_model(account, "m", good, tmp_path / "none.tsv")),
        (UsageError, "cannot be a retraining_type", lambda: import_model(account, "m", good, labels, retraining_type="a,b")),
        (BackboneError, "no tensor named", lambda: import_model(account, "m", good, labels, options=NetworkOptions("x"))),
    ):
        with pytest.raises(error) as caught:
            act()
        assert isinstance(caught.value, AerialOpsError) and told in caught.value.message
    assert names(account) == []


@pytest.mark.parametrize(
    "text",
    [
        "Forest\t0\nBarren\t1\n",
        "label\tindex\nForest\t0\nBarren\t1\n",
        "Barren\t1\r\nForest\t0\r\n\r\n",
        "\ufeffForest\t0\nBarren\t1",
    ],
)
def test_labels_are_read_in_the_order_of_their_indices(tmp_path: Path, text: str) -> None:
    (tmp_path / "labels.tsv").write_bytes(text.encode())
    assert read_labels(tmp_path / "labels.tsv") == ["Forest", "Barren"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", r"gives the indices \[\]"),
        (b"Forest\t0\n", r"gives the indices \[0\]"),
        (b"Forest\t0\nBarren\t2\n", r"gives the indices \[0, 2\]"),
        (b"Forest\t1\nBarren\t2\n", r"gives the indices \[1, 2\]"),
        (b"Forest\t0\nBarren\t0\n", "line 2: the label or the index appears twice"),
        (b"Forest\t0\nForest\t1\n", "line 2: the label or the index appears twice"),
        (b"Forest\t0\nBarren,1\n", "line 2, is not a label and its index"),
        (b"Forest\t0\nBarren\t-1\n", "line 2, is not a label and its index"),
        (b"Forest\t0\n\t1\n", "line 2, is not a label and its index"),
        (b"\xff\xfe\x00", "is not a text file in UTF-8"),
    ],
)
def test_wrong_labels_are_told(tmp_path: Path, data: bytes, told: str) -> None:
    (tmp_path / "labels.tsv").write_bytes(data)
    with pytest.raises(UsageError, match=told):
        read_labels(tmp_path / "labels.tsv")
