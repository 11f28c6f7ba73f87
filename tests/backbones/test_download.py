import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aerial_ops.backbones import download as module
from aerial_ops.backbones.download import download
from aerial_ops.errors import BackboneError
from aerial_ops.reporting import SilentReporter, SilentTask
from tests.backbones.file_server import FileServer, serving

DATA = bytes(range(256)) * 4000
HELP = "get it elsewhere"


class Watching(SilentReporter):
    def __init__(self) -> None:
        self.seen: list[int] = []

    @contextmanager
    def task(self, label: str, total: int | None = None, unit: str = "") -> Iterator[SilentTask]:  # type: ignore[override]
        assert (label, total, unit) == ("net.onnx", len(DATA), "bytes")
        task = SilentTask()
        task.update = lambda *, done=None, total=None, label=None: self.seen.append(done)  # type: ignore[method-assign]
        yield task


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0.0)


def fetched(
    server: FileServer, target: Path, sha256: str = "", report: SilentReporter | None = None, path: str = "/file"
) -> Path:
    return download(
        server.url + path,
        target,
        sha256=sha256 or hashlib.sha256(DATA).hexdigest(),
        size=len(DATA),
        what="net.onnx",
        report=report or SilentReporter(),
        offline_help=HELP,
    )


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "net.onnx"


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


def test_it_comes_through_a_redirect_and_only_once(target: Path) -> None:
    watching = Watching()
    with serving(FileServer(DATA, redirect_from="/raw")) as server:
        assert fetched(server, target, report=watching, path="/raw") == target
        fetched(server, target)
    assert target.read_bytes() == DATA and server.requests == [""]
    assert watching.seen == sorted(watching.seen) and watching.seen[-1] == len(DATA)
    assert left_in(target.parent) == ["net.onnx"]


@pytest.mark.parametrize("tells_length", [True, False])
def test_a_cut_connection_is_resumed_where_it_stopped(target: Path, tells_length: bool) -> None:
    with serving(FileServer(DATA, cuts=[300_000, 200_000], tells_length=tells_length)) as server:
        fetched(server, target)
    assert target.read_bytes() == DATA
    assert server.requests == ["", "bytes=300000-", "bytes=500000-"]


def test_another_process_goes_on_with_what_was_kept(target: Path) -> None:
    with serving(FileServer(DATA, cuts=[100_000] * module.ATTEMPTS)) as server:
        with pytest.raises(BackboneError) as caught:
            fetched(server, target)
        assert caught.value.left == "400,000 bytes of it are kept: the next try goes on from there."
        assert left_in(target.parent) == ["net.onnx.part"]
        fetched(server, target)
    assert target.read_bytes() == DATA and server.requests[-1] == "bytes=400000-"


def test_a_server_without_ranges_starts_again(target: Path) -> None:
    with serving(FileServer(DATA, ranges=False, cuts=[300_000])) as server:
        fetched(server, target)
    assert target.read_bytes() == DATA


def test_a_part_that_is_whole_needs_no_request(target: Path) -> None:
    target.with_name("net.onnx.part").write_bytes(DATA)
    with serving(FileServer(DATA)) as server:
        fetched(server, target)
    assert target.read_bytes() == DATA and server.requests == []


def test_a_part_that_the_server_does_not_know_is_begun_again(target: Path) -> None:
    target.with_name("net.onnx.part").write_bytes(b"x" * 1000)
    with serving(FileServer(DATA, statuses=[416])) as server:
        fetched(server, target)
    assert target.read_bytes() == DATA and server.requests == ["bytes=1000-", ""]


@pytest.mark.parametrize("data", [DATA[:-1] + b"x", DATA + b"more", b"version https://git-lfs.github.com/spec/v1\n"])
def test_another_file_is_removed(target: Path, data: bytes) -> None:
    with serving(FileServer(data)) as server, pytest.raises(BackboneError) as caught:
        fetched(server, target)
    assert "is not net.onnx: its SHA-256 is" in caught.value.message and caught.value.suggestion == HELP
    assert left_in(target.parent) == []


def test_a_damaged_part_does_not_come_back(target: Path) -> None:
    target.with_name("net.onnx.part").write_bytes(b"y" * 5000)
    with serving(FileServer(DATA)) as server:
        with pytest.raises(BackboneError, match="SHA-256"):
            fetched(server, target)
        fetched(server, target)
    assert target.read_bytes() == DATA


def test_a_busy_server_is_asked_again(target: Path) -> None:
    with serving(FileServer(DATA, statuses=[503, 429])) as server:
        fetched(server, target)
    assert target.read_bytes() == DATA


def test_what_is_gone_is_not_asked_for_again(target: Path) -> None:
    with serving(FileServer(DATA, statuses=[404] * 9)) as server, pytest.raises(BackboneError, match="HTTP 404") as caught:
        fetched(server, target)
    assert server.requests == [""] and caught.value.suggestion == HELP and caught.value.left == ""


def test_without_a_network_it_says_what_to_do(target: Path) -> None:
    with serving(FileServer(DATA)) as server:
        pass
    with pytest.raises(BackboneError, match=r"Could not download net\.onnx from http") as caught:
        fetched(server, target)
    assert caught.value.suggestion == HELP and left_in(target.parent) == []
