import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from aerial_ops.backbones import catalogue
from aerial_ops.backbones.catalogue import CATALOGUE, ZooFile
from aerial_ops.backbones.fetching import fetch_all
from aerial_ops.backbones.prepared import Description
from aerial_ops.backbones.sources import UNTOLD, prepare_file
from aerial_ops.backbones.store import fetch, publish, published, resolve
from aerial_ops.errors import BackboneError, RefusedError, StorageError, UsageError
from aerial_ops.reporting import SILENT
from aerial_ops.storage.blobs import BlobStore
from aerial_ops.storage.layout import PRETRAINED
from tests.backbones import networks
from tests.backbones.file_server import FileServer, serving

Save = Callable[..., Path]
DEFAULT = "efficientnet-lite0"


def names(store: BlobStore) -> list[str]:
    return [blob.name for blob in store.list(PRETRAINED)]


def etags(store: BlobStore) -> dict[str, str]:
    return {blob.name: blob.etag for blob in store.list(PRETRAINED)}


def source(name: str) -> ZooFile:
    found = CATALOGUE[name].source
    assert isinstance(found, ZooFile)
    return found


def test_the_default_is_made_published_and_then_taken_as_it_is(account: BlobStore) -> None:
    first = resolve(account, DEFAULT)
    assert names(account) == [f"{DEFAULT}.json", f"{DEFAULT}.onnx"]
    assert hashlib.sha256(account.read(PRETRAINED, first.file)).hexdigest() == first.sha256
    assert Description.model_validate_json(account.read(PRETRAINED, f"{DEFAULT}.json")) == first
    before = etags(account)
    assert resolve(account, DEFAULT) == first and fetch(account, DEFAULT) == first
    assert etags(account) == before


def test_what_the_account_holds_is_used_even_when_it_was_made_otherwise(account: BlobStore) -> None:
    ours = resolve(account, DEFAULT)
    older = ours.model_copy(update={"sha256": "0" * 64, "source_sha256": "older"})
    account.write(PRETRAINED, f"{DEFAULT}.json", older.as_json())
    assert resolve(account, DEFAULT) == older
    assert fetch(account, DEFAULT) == ours == published(account, DEFAULT)


@pytest.mark.parametrize("damage", ["model gone", "description gone", "description broken", "model broken"])
def test_what_is_not_whole_is_published_again(account: BlobStore, damage: str) -> None:
    whole = resolve(account, DEFAULT)
    blob = whole.file if damage.startswith("model") else f"{DEFAULT}.json"
    if damage.endswith("gone"):
        account.delete(PRETRAINED, blob)
    else:
        account.write(PRETRAINED, blob, b"{}")
    again = fetch(account, DEFAULT) if damage == "model broken" else resolve(account, DEFAULT)
    assert again == whole and hashlib.sha256(account.read(PRETRAINED, whole.file)).hexdigest() == whole.sha256


def test_a_break_between_the_two_blobs_leaves_no_network(account: BlobStore, save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(account, prepare_file(save(networks.small())))
    other, write = prepare_file(save(networks.small(seed=4))), account.write

    def breaks(container: str, name: str, data: bytes | str, **options: bool) -> None:
        if name.endswith(".json"):
            raise StorageError("the connection is gone")
        write(container, name, data)

    with monkeypatch.context() as patch:
        patch.setattr(account, "write", breaks)
        with pytest.raises(StorageError):
            publish(account, other)
    assert published(account, "mynet") is None
    publish(account, other)
    assert published(account, "mynet") == other.description


def test_a_zoo_file_that_the_user_put_there_is_used(account: BlobStore, small_zoo: dict[str, bytes]) -> None:
    account.ensure_containers([PRETRAINED])
    for name, data in small_zoo.items():
        account.write(PRETRAINED, source(name).file, data)
        assert resolve(account, name).source_sha256 == source(name).sha256
    account.delete(PRETRAINED, "resnet18.json")
    account.write(PRETRAINED, source("resnet18").file, b"something else")
    with pytest.raises(BackboneError, match=r"The file is not resnet18-v1-7\.onnx"):
        resolve(account, "resnet18")


def test_a_file_at_hand_is_used_instead_of_a_download(account: BlobStore, small_zoo: dict[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "any-name").write_bytes(small_zoo["alexnet"])
    assert fetch(account, "alexnet", file=tmp_path / "any-name").length == networks.ALEXNET_FEATURES
    assert names(account) == ["alexnet.json", "alexnet.onnx"]


def test_the_zoo_is_asked_otherwise(account: BlobStore, small_zoo: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(FileServer(small_zoo["resnet18"])) as server:
        monkeypatch.setattr(catalogue, "ZOO", server.url)
        resolve(account, "resnet18")
        assert source("resnet18").url == f"{server.url}/resnet/model/resnet18-v1-7.onnx"
    assert names(account) == ["resnet18.json", "resnet18.onnx"] and len(server.requests) == 1


def test_without_the_zoo_nothing_changes_and_the_way_out_is_told(account: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aerial_ops.backbones.download.PAUSE_SECONDS", 0.0)
    with pytest.raises(BackboneError, match=r"Could not download resnet18-v1-7\.onnx") as caught:
        resolve(account, "resnet18")
    assert "aerial-ops models fetch resnet18 --from FILE" in caught.value.suggestion
    assert "pretrainedmodels" in caught.value.suggestion


def test_one_that_cannot_be_had_does_not_keep_the_others_away(account: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aerial_ops.backbones.download.PAUSE_SECONDS", 0.0)
    with pytest.raises(BackboneError) as caught:
        fetch_all(account, [], options=UNTOLD, file=None, overwrite=False, report=SILENT)
    assert "resnet18-v1-7.onnx" in caught.value.message and "bvlcalexnet-12.onnx" in caught.value.message
    assert caught.value.left == f"Fetched: {DEFAULT}." and published(account, DEFAULT)


def test_a_network_of_ones_own_is_found_again_by_its_name(account: BlobStore, save: Save) -> None:
    path = save(networks.small())
    description = resolve(account, str(path))
    assert resolve(account, "mynet") == description == resolve(account, str(path))


def test_its_name_is_not_taken_from_another(account: BlobStore, save: Save) -> None:
    path = save(networks.small())
    first = resolve(account, str(path))
    save(networks.small(seed=9))
    with pytest.raises(RefusedError, match="another network named mynet"):
        resolve(account, str(path))
    assert published(account, "mynet") == first
    assert fetch(account, str(path), overwrite=True) == published(account, "mynet") != first


def test_an_unknown_name_is_answered_with_those_there_are(account: BlobStore, save: Save) -> None:
    resolve(account, str(save(networks.small())))
    with pytest.raises(UsageError, match=r"no backbone named 'resnet81'\. Did you mean resnet18\?") as caught:
        resolve(account, "resnet81")
    assert "alexnet, efficientnet-lite0, mynet, resnet18" in caught.value.suggestion


def test_from_needs_one_name_and_a_file(account: BlobStore, tmp_path: Path) -> None:
    for asked, file in ((["resnet18", "alexnet"], tmp_path / "x"), ([], tmp_path / "x"), (["resnet18"], tmp_path / "none")):
        with pytest.raises(UsageError):
            fetch_all(account, asked, options=UNTOLD, file=file, overwrite=False, report=SILENT)


def test_a_catalogue_that_does_not_fit_its_file_is_noticed(
    account: BlobStore, small_zoo: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    account.ensure_containers([PRETRAINED])
    account.write(PRETRAINED, source("resnet18").file, small_zoo["resnet18"])
    entry = CATALOGUE["resnet18"]
    for wrong, told in ((replace(entry, length=7), "48 values per tile"), (replace(entry, input="pixels"), "not pixels and")):
        monkeypatch.setitem(CATALOGUE, "resnet18", wrong)
        with pytest.raises(BackboneError, match=told):
            resolve(account, "resnet18")
