import hashlib
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import ModelProto, TensorProto

from aerial_ops.backbones import prepared
from aerial_ops.backbones.catalogue import CATALOGUE
from aerial_ops.backbones.prepared import Description, Recipe, prepare
from aerial_ops.backbones.preprocessing import IMAGENET
from aerial_ops.backbones.sources import NetworkOptions, prepare_entry, prepare_file
from aerial_ops.errors import BackboneError, UsageError
from tests.backbones import networks

Save = Callable[..., Path]
ROOT = Path(__file__).resolve().parents[2]
RECIPE = Recipe(name="mynet", file="mynet.onnx", source="mynet.onnx", source_sha256="s", preprocessing=IMAGENET)


class Loader:
    def __init__(self, model: ModelProto | None = None) -> None:
        self.model, self.calls = model or networks.small(), 0

    def __call__(self) -> ModelProto:
        self.calls += 1
        return self.model


def test_the_second_time_comes_from_the_cache() -> None:
    load = Loader()
    first, second = prepare(RECIPE, load), prepare(RECIPE, load)
    assert load.calls == 1 and first == second
    assert hashlib.sha256(first.model).hexdigest() == first.description.sha256
    onnx.checker.check_model(first.model)


@pytest.mark.parametrize("damage", [b"", b"half", None])
@pytest.mark.parametrize("file", ["mynet.onnx", "description.json"])
def test_a_damaged_cache_is_made_again(damage: bytes | None, file: str) -> None:
    load = Loader()
    first = prepare(RECIPE, load)
    if damage is None:
        (first.path.parent / file).unlink()
    else:
        (first.path.parent / file).write_bytes(damage)
    assert prepare(RECIPE, load).description == first.description and load.calls == 2


def test_a_full_disk_leaves_nothing_half_written(monkeypatch: pytest.MonkeyPatch, own_cache: Path) -> None:
    def full(path: Path, target: Any) -> Any:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(OSError, match="No space left"):
            prepare(RECIPE, Loader())
    assert not [path for path in own_cache.rglob("*") if path.is_file() and path.suffix != ".lock"]
    prepare(RECIPE, Loader())


def test_what_a_killed_process_left_is_removed(own_cache: Path) -> None:
    program = (
        "import os, signal; from pathlib import Path\n"
        "from aerial_ops.backbones.prepared import prepare; from tests.backbones.test_prepared import RECIPE, Loader\n"
        "Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "prepare(RECIPE, Loader())"
    )
    killed = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert [path.name[:11] for path in own_cache.rglob("*") if path.is_file() and path.suffix != ".lock"] == ["unfinished-"]
    done = prepare(RECIPE, Loader())
    assert sorted(path.name for path in done.path.parent.iterdir()) == ["description.json", "mynet.onnx"]


def test_two_at_once_make_it_once() -> None:
    load, found = Loader(), []
    threads = [threading.Thread(target=lambda: found.append(prepare(RECIPE, load))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert load.calls == 1 and len(found) == 3


def test_another_converter_makes_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    load = Loader()
    prepare(RECIPE, load)
    monkeypatch.setattr(prepared, "CONVERTER", prepared.CONVERTER + 1)
    prepare(RECIPE, load)
    assert load.calls == 2


def test_the_default_network_is_as_the_catalogue_says() -> None:
    entry = CATALOGUE["efficientnet-lite0"]
    description = prepare_entry(entry).description
    assert (description.name, description.file) == ("efficientnet-lite0", "efficientnet-lite0.onnx")
    assert (description.side, description.length) == (entry.side, entry.length)
    assert description.source_sha256 == entry.source.sha256 and description.preprocessing == "(x - 127) / 128, RGB"
    assert Description.model_validate_json(description.as_json()) == description


@pytest.mark.parametrize("name", ["resnet18", "alexnet"])
def test_a_zoo_network_is_prepared_from_its_file(small_zoo: dict[str, bytes], name: str) -> None:
    entry = CATALOGUE[name]
    description = prepare_entry(entry, small_zoo[name]).description
    assert description.length == entry.length and description.source == str(entry.source)
    assert description.preprocessing == str(entry.preprocessing)


def test_another_file_than_the_zoos_is_refused(small_zoo: dict[str, bytes]) -> None:
    with pytest.raises(BackboneError, match=r"The file is not resnet18-v1-7\.onnx") as caught:
        prepare_entry(CATALOGUE["resnet18"], small_zoo["alexnet"])
    assert CATALOGUE["resnet18"].source.url in caught.value.suggestion  # type: ignore[union-attr]


def test_the_default_takes_no_file() -> None:
    with pytest.raises(UsageError, match="is made from the package"):
        prepare_entry(CATALOGUE["efficientnet-lite0"], b"file")


def test_a_network_of_ones_own(save: Save) -> None:
    description = prepare_file(save(networks.small())).description
    assert (description.name, description.side, description.length, description.source) == ("mynet", 32, 5, "mynet.onnx")
    assert description.preprocessing == str(IMAGENET)
    assert description.notes == [
        "features are vector, which the last dense layer (dense) reads",
        "preprocessing was not given; ImageNet's usual one is assumed",
    ]


def test_what_is_said_of_it_counts(save: Save) -> None:
    path = save(networks.small(shape=("N", 3, "H", "W")))
    description = prepare_file(path, NetworkOptions("pooled", 48, IMAGENET)).description
    assert (description.side, description.length, description.notes) == (48, 5, ["features are pooled, as asked for"])


def test_a_network_that_takes_bytes_prepares_them_itself(save: Save) -> None:
    path = save(networks.small(kind=TensorProto.UINT8))
    assert prepare_file(path).description.preprocessing == "in the network itself, RGB"
    with pytest.raises(UsageError, match="prepares them itself"):
        prepare_file(path, NetworkOptions(preprocessing=IMAGENET))


@pytest.mark.parametrize(
    ("model", "options", "told"),
    [
        (networks.small(), NetworkOptions(output="map"), "one row of values per image"),
        (networks.small(shape=("N", 3, "H", "W")), NetworkOptions(), "leaves the size of its images open"),
        (networks.small(), NetworkOptions(side=64), "not of 64 x 64"),
    ],
)
def test_an_unfit_one_is_refused_and_not_kept(save: Save, own_cache: Path, model: ModelProto, options: Any, told: str) -> None:
    with pytest.raises(BackboneError, match=told):
        prepare_file(save(model), options)
    assert not list(own_cache.rglob("*.onnx"))


def test_its_name_must_be_its_own(save: Save, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a network of the catalogue") as caught:
        prepare_file(save(networks.small(), "resnet18.onnx"))
    assert "--from" in caught.value.suggestion
    with pytest.raises(UsageError, match="is not a backbone name"):
        prepare_file(save(networks.small(), "my net.onnx"))
    with pytest.raises(UsageError, match="There is no file"):
        prepare_file(tmp_path / "none.onnx")
