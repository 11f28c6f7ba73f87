"""What may be a source, and what is said about the rest."""

from pathlib import Path

import pytest

from aerial_ops.errors import UsageError
from aerial_ops.storage.sync import checked_containers, open_source
from aerial_ops.storage.sync.account import AccountSource
from tests.storage.conftest import fill

GOOD = "sv=2021&se=2999-01-01T00:00:00Z&sr=c&sp=rl&sig=abc%2Fdef"


def test_a_folder_of_containers(source: Path) -> None:
    opened = open_source(str(source))
    assert opened.containers == ("train", "test")
    assert opened.label == str(source)
    fill(source / "pretrainedmodels", {"a.onnx": b"x"})
    assert open_source(str(source)).containers == ("train", "test")
    assert open_source(str(source), ["pretrainedmodels"]).containers == ("pretrainedmodels",)


def test_a_folder_of_one_container(source: Path) -> None:
    assert open_source(str(source / "train")).containers == ("train",)
    assert open_source(str(source / "train" / "Forest"), ["test"]).containers == ("test",)


@pytest.mark.parametrize(
    ("asked", "message", "suggestion"),
    [
        (["middlesexma2016"], "has no folder middlesexma2016", "--containers train,test"),
        (["train", "pretrainedmodels"], "has no folder pretrainedmodels", "--containers train,test"),
    ],
)
def test_a_folder_without_what_is_asked(source: Path, asked: list[str], message: str, suggestion: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        open_source(str(source), asked)
    assert suggestion in caught.value.suggestion


def test_folders_that_are_no_source(source: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        open_source(str(tmp_path / "nowhere"))
    with pytest.raises(UsageError, match="is not a folder"):
        open_source(str(source / "train" / "Forest" / "tile_00000.png"))
    with pytest.raises(UsageError, match="none of the containers") as caught:
        open_source(str(source / "train" / "Forest"))
    assert "--containers NAME" in caught.value.suggestion


@pytest.mark.parametrize("text", ["s3://bucket/x", "wasbs://a@b/c", "abfss://a@b/c"])
def test_other_kinds_of_address_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match=f"cannot start with {text.partition('/')[0]}//"):
        open_source(text)


@pytest.mark.parametrize(
    ("text", "label", "place"),
    [
        (f"https://acct.blob.core.windows.net/train?{GOOD}", "https://acct.blob.core.windows.net/train", None),
        (f"https://acct.blob.core.windows.net?{GOOD}", "https://acct.blob.core.windows.net", None),
        (f"https://acct.blob.core.windows.net/?{GOOD}", "https://acct.blob.core.windows.net", None),
        (f"http://127.0.0.1:10000/devaccount/train?{GOOD}", "http://127.0.0.1:10000/devaccount/train", None),
    ],
)
def test_addresses_with_a_sas(text: str, label: str, place: None) -> None:
    source = open_source(text)
    assert source.label == label
    assert source.containers == (("train",) if label.endswith("train") else ("train", "test", "middlesexma2016"))
    assert "sig" not in source.place("train")


def test_a_container_of_another_name_needs_the_name_of_the_one_to_fill() -> None:
    text = f"https://acct.blob.core.windows.net/backup?{GOOD}"
    with pytest.raises(UsageError, match="backup' is none of the containers"):
        open_source(text)
    source = open_source(text, ["test"])
    assert source.containers == ("test",)
    assert source.place("test") == "https://acct.blob.core.windows.net/backup"


def test_without_a_sas_azure_identity_signs_in() -> None:
    source = open_source("https://acct.blob.core.windows.net/train")
    assert isinstance(source, AccountSource)
    assert type(source._store.endpoint.credential).__name__ == "DefaultAzureCredential"


def test_nobody_signs_in_without_https() -> None:
    with pytest.raises(UsageError, match="needs https"):
        open_source("http://acct.blob.core.windows.net/train")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("se=2020-01-01T00:00:00Z&sp=rl&sig=TOPSECRET", "expired at 2020-01-01"),
        ("se=2020-01-01&sp=rl&sig=TOPSECRET", "expired at 2020-01-01"),
        ("se=2999-01-01&sp=r&sig=TOPSECRET", "does not allow to list"),
        ("se=2999-01-01&sp=wc&sig=TOPSECRET", "does not allow to read and list"),
        ("restype=container", "is not a SAS"),
    ],
)
def test_a_sas_that_cannot_work_is_refused_unused(query: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        open_source(f"https://acct.blob.core.windows.net/train?{query}")
    assert "TOPSECRET" not in f"{caught.value.as_dict()}"


@pytest.mark.parametrize(
    "text", ["https://acct.blob.core.windows.net/train/Forest?" + GOOD, "https:///train", "http://127.0.0.1/a/b/c"]
)
def test_addresses_that_are_none(text: str) -> None:
    with pytest.raises(UsageError, match="is not the address") as caught:
        open_source(text)
    assert "sig" not in caught.value.message


def test_a_password_in_the_address_is_not_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        open_source("https://user:hunter2@acct.blob.core.windows.net/train")
    assert "hunter2" not in f"{caught.value.as_dict()}"


def test_containers_are_checked() -> None:
    assert checked_containers(None) is None
    assert checked_containers(" test, train,test ") == ("test", "train")
    for text in ("train,elsewhere", "cluster", "runs", ","):
        with pytest.raises(UsageError, match="No container to sync is called"):
            checked_containers(text)
