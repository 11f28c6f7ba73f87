import json
import re
from typing import Any

import pytest

from aerial_ops.backbones.prepared import Description
from aerial_ops.errors import UsageError
from aerial_ops.jobs.features import list_features, prune_features
from spark_jobs.cache import folder_of
from spark_jobs.network import Network
from tests.in_process import Command, commands_of
from tests.memory_store import MemoryStore

NET = Network("net", "a" * 64, 32, "features", 6)
OLD = Network("net", "b" * 64, 32, "features", 6)
MINE = Network("mine", "c" * 64, 32, "scores", 3)
DIGEST = "0" * 31


@pytest.fixture
def store() -> MemoryStore:
    """Features of a network that is there, of one that was replaced, and of a retrained one."""
    made = MemoryStore()
    about = Description(
        name="net", file="net.onnx", sha256=NET.sha256, side=32, length=6, source="s", source_sha256="", preprocessing=""
    )
    made.write("pretrainedmodels", "net.json", about.model_dump_json())
    made.write("pretrainedmodels", "net.onnx", b"")
    made.write("trainedmodels", "mine/model.onnx", b"")
    made.write("trainedmodels", "mine/model.json", json.dumps({"sha256": MINE.sha256, "side": 32, "length": 3}))
    made.write("trainedmodels", "broken/model.onnx", b"")
    for network, parts in ((NET, 2), (OLD, 3), (MINE, 1)):
        for part in range(parts):
            made.write("features", f"{folder_of(network)}/00100-{DIGEST}{part}.parquet", b"x" * 1000)
    made.write("features", "somebody/else.txt", b"")
    return made


def test_the_list_tells_what_is_kept_and_whether_it_is_of_use(store: Any) -> None:
    found = {each.folder: each for each in list_features(store)}
    assert {folder: (each.state, each.parts, each.tiles, each.bytes) for folder, each in found.items()} == {
        folder_of(NET): ("in use", 2, 200, 2000),
        folder_of(OLD): ("unused", 3, 300, 3000),
        folder_of(MINE): ("in use", 1, 100, 1000),
    }
    assert list_features(MemoryStore()) == []  # type: ignore[arg-type]


def test_pruning_removes_what_no_network_makes_any_more(store: Any) -> None:
    assert [each.folder for each in prune_features(store)] == [folder_of(OLD)]
    assert {each.folder for each in list_features(store)} == {folder_of(NET), folder_of(MINE)}
    assert prune_features(store) == []
    assert store.exists("features", "somebody/else.txt")


@pytest.mark.parametrize(
    ("arguments", "left"),
    [(("net",), {MINE}), ((folder_of(NET),), {OLD, MINE}), (("", True), set())],
)
def test_pruning_by_name_or_everything(store: Any, arguments: Any, left: set[Network]) -> None:
    prune_features(store, *arguments)
    assert {each.folder for each in list_features(store)} == {folder_of(network) for network in left}
    assert store.exists("features", "somebody/else.txt")


def test_pruning_an_unknown_network_is_refused(store: Any) -> None:
    with pytest.raises(UsageError, match="No features of 'nte' are kept"):
        prune_features(store, "nte")


@pytest.fixture
def command(store: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    return commands_of("features", store, monkeypatch, capfd)


def test_the_commands(command: Command) -> None:
    code, out, _ = command("list")
    assert code == 0 and re.search(rf"^{folder_of(OLD)} +unused +300 +3 ", out, re.M)
    code, out, _ = command("list", "--json")
    assert code == 0 and {each["tiles"] for each in json.loads(out)} == {100, 200, 300}
    code, out, err = command("prune")
    assert code == 0 and folder_of(OLD) in out and "Removed 0.0 MB." in err
    assert "Nothing to remove" in command("prune")[2]
    code, _, err = command("prune", "--all")
    assert code == 0 and "Removed" in err
    assert "No features are kept" in command("list")[2]
