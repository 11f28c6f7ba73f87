from collections.abc import Callable
from pathlib import Path

import pytest

from aerial_ops.backbones.catalogue import CATALOGUE, ZooFile
from aerial_ops.backbones.labels import labels_text
from aerial_ops.backbones.listing import listing
from aerial_ops.backbones.retrained import import_model
from aerial_ops.backbones.store import resolve
from aerial_ops.backbones.verification import require_sound, verify
from aerial_ops.errors import BackboneError
from aerial_ops.storage.blobs import BlobStore
from aerial_ops.storage.layout import PRETRAINED, TRAINED
from tests.backbones import networks

Save = Callable[..., Path]


@pytest.fixture
def filled(account: BlobStore, save: Save, tmp_path: Path) -> BlobStore:
    """An account with a network of the user's own, `mynet`, and a retrained one, `mine`."""
    path = save(networks.small())
    resolve(account, str(path))
    (tmp_path / "labels.tsv").write_text(labels_text(["a", "b", "c", "d"]))
    import_model(account, "mine", path, tmp_path / "labels.tsv", pretrained_model_type="resnet18")
    return account


def problems(store: BlobStore, *names: str) -> dict[str, str]:
    return {check.name: check.problem for check in verify(store, names)}


def test_what_is_whole_is_sound(filled: BlobStore) -> None:
    checks = verify(filled)
    require_sound(checks)
    assert [(check.kind, check.name, check.ok) for check in checks] == [("backbone", "mynet", True), ("model", "mine", True)]
    assert verify(filled, ["mine"]) == checks[1:]


def test_an_empty_account_has_nothing_to_check(account: BlobStore) -> None:
    assert verify(account) == []
    with pytest.raises(BackboneError, match="holds no network named resnet18"):
        verify(account, ["resnet18"])


def test_another_content_is_noticed(filled: BlobStore, save: Save) -> None:
    filled.write(PRETRAINED, "mynet.onnx", filled.read(PRETRAINED, "mynet.onnx")[:-1])
    filled.write(TRAINED, "mine/model.onnx", filled.read(PRETRAINED, "mynet.onnx"))
    told = "its SHA-256 is not the one that its description names"
    assert problems(filled) == {"mynet": told, "mine": told}
    with pytest.raises(BackboneError, match="backbone mynet: its SHA-256") as caught:
        require_sound(verify(filled))
    assert [check["ok"] for check in caught.value.data["checks"]] == [False, False]


def test_what_is_missing_or_wrong_is_told(filled: BlobStore) -> None:
    model, description = filled.read(PRETRAINED, "mynet.onnx"), filled.read(PRETRAINED, "mynet.json").decode()
    filled.write(PRETRAINED, "mynet.json", description.replace('"length": 5', '"length": 6'))
    assert problems(filled, "mynet") == {"mynet": "it gives 5 values per tile, not 6"}
    filled.write(PRETRAINED, "mynet.json", description.replace('"side": 32', '"side": 33'))
    assert "ONNX Runtime cannot run mynet" in problems(filled, "mynet")["mynet"]
    filled.write(PRETRAINED, "mynet.json", "{}")
    assert "mynet.json is not a description" in problems(filled, "mynet")["mynet"]
    filled.write(PRETRAINED, "mynet.json", description)
    filled.delete(PRETRAINED, "mynet.onnx")
    assert "pretrainedmodels/mynet.onnx: it does not exist" in problems(filled, "mynet")["mynet"]
    filled.write(PRETRAINED, "mynet.onnx", model)
    assert problems(filled, "mynet") == {"mynet": ""}


def test_a_raw_zoo_file_is_checked_by_the_pin(account: BlobStore, small_zoo: dict[str, bytes]) -> None:
    source = CATALOGUE["resnet18"].source
    assert isinstance(source, ZooFile)
    account.ensure_containers([PRETRAINED])
    account.write(PRETRAINED, source.file, small_zoo["resnet18"])
    assert problems(account) == {"resnet18": ""}
    account.write(PRETRAINED, source.file, small_zoo["alexnet"])
    assert "is not the zoo's file" in problems(account)["resnet18"]


def test_the_list_tells_what_there_is(filled: BlobStore, small_zoo: dict[str, bytes]) -> None:
    source = CATALOGUE["resnet18"].source
    assert isinstance(source, ZooFile)
    filled.write(PRETRAINED, source.file, small_zoo["resnet18"])
    resolve(filled, "efficientnet-lite0")
    found = listing(filled)
    assert {backbone.name: backbone.state for backbone in found.backbones} == {
        "efficientnet-lite0": "prepared",
        "resnet18": "raw file",
        "alexnet": "not prepared",
        "mynet": "prepared",
    }
    assert found.models == [
        {
            "name": "mine",
            "output_model_name": "mine",
            "model_source": "onnx",
            "pretrained_model_type": "resnet18",
            "retraining_type": "unknown",
            "mmlspark_model_type": "none",
        }
    ]


def test_the_list_tells_what_is_not_whole(filled: BlobStore) -> None:
    other = resolve(filled, "efficientnet-lite0").model_copy(update={"source_sha256": "other"})
    filled.write(PRETRAINED, "efficientnet-lite0.json", other.as_json())
    filled.delete(PRETRAINED, "mynet.onnx")
    filled.delete(TRAINED, "mine/model.info")
    found = listing(filled)
    states = {backbone.name: backbone.state for backbone in found.backbones}
    assert states["efficientnet-lite0"] == "prepared from another source" and states["mynet"] == "incomplete"
    assert found.models == []


def test_the_list_of_an_empty_account_is_the_catalogue(account: BlobStore) -> None:
    found = listing(account).as_dict()
    assert [(b["name"], b["state"]) for b in found["backbones"]] == [(name, "not prepared") for name in CATALOGUE]
    assert found["models"] == []
