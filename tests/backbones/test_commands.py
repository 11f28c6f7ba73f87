"""`aerial-ops models`, as a user runs it, on an account of a real Azurite."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aerial_ops.backbones.labels import labels_text
from aerial_ops.storage.blobs import BlobStore
from aerial_ops.storage.layout import PRETRAINED
from tests.backbones import networks
from tests.in_process import commands_of

Save = Callable[..., Path]


@pytest.fixture
def command(account: BlobStore, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """`command("list", "--json")`: exit code, stdout and stderr."""
    return commands_of("models", account, monkeypatch, capfd)


def test_fetch_list_and_verify(command: Callable[..., Any], save: Save) -> None:
    code, out, err = command("fetch", "efficientnet-lite0")
    assert code == 0 and re.search(r"^efficientnet-lite0 +224 +1280 ", out, re.M)
    assert "efficientnet-lite0 is in pretrainedmodels: 1280 values per tile" in err
    code, out, err = command("fetch", str(save(networks.small())), "--feature-output", "pooled", "--channels", "BGR", "--json")
    (description,) = json.loads(out)
    assert code == 0 and description["preprocessing"].endswith("[0.225 0.224 0.229], BGR")
    code, out, _ = command("list")
    assert code == 0 and re.search(r"^alexnet +not prepared ", out, re.M) and re.search(r"^mynet +prepared ", out, re.M)
    code, out, _ = command("verify", "--json")
    assert code == 0 and [(check["name"], check["ok"]) for check in json.loads(out)] == [
        ("efficientnet-lite0", True),
        ("mynet", True),
    ]


def test_import(command: Callable[..., Any], save: Save, tmp_path: Path) -> None:
    (tmp_path / "labels.tsv").write_text(labels_text(["a", "b", "c", "d"]))
    words = ("import", "mine", str(save(networks.small())), "--labels", str(tmp_path / "labels.tsv"), "--pretrained", "resnet18")
    assert command(*words)[0] == 0
    code, _, err = command(*words)
    assert code == 3 and "A model named mine exists already." in err and "--overwrite" in err
    code, out, _ = command("list", "--json")
    assert code == 0 and [model["name"] for model in json.loads(out)["models"]] == ["mine"]


def test_what_is_not_sound_ends_with_one_error(command: Callable[..., Any], account: BlobStore, save: Save) -> None:
    command("fetch", str(save(networks.small())))
    account.write(PRETRAINED, "mynet.onnx", "damaged")
    code, out, err = command("verify")
    assert code == 1 and re.search(r"^mynet +backbone +its SHA-256", out, re.M) and "Error: backbone mynet" in err
    code, out, _ = command("verify", "--json")
    assert code == 1 and json.loads(out)["error"]["data"]["checks"][0]["ok"] is False


def test_mistakes_are_told_in_a_sentence(command: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "photo.onnx").write_bytes(b"\x89PNG")
    for words, code, told in (
        (("fetch", "resnet81"), 2, "Did you mean resnet18?"),
        (("fetch", str(tmp_path / "photo.onnx")), 1, "photo.onnx is not an ONNX network."),
        (("fetch", str(tmp_path / "none.onnx")), 2, "There is no file"),
        (("fetch", "efficientnet-lite0", "--mean", "1,2"), 2, "--mean '1,2' is not 1 or 3 number(s)"),
        (("fetch", "resnet18", "--from", str(tmp_path / "photo.onnx")), 1, "The file is not resnet18-v1-7.onnx"),
        (("verify", "none"), 1, "holds no network named none"),
    ):
        found, out, err = command(*words)
        assert (found, out) == (code, "") and told in err and "Traceback" not in err
