"""`aerial-ops sync` as a user sees it."""

import json
import subprocess
import sys
from pathlib import Path

from aerial_ops.storage.blobs import BlobStore
from tests.storage.conftest import sas, signature


def aerial_ops(home: Path, *words: str, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    program = Path(sys.executable).with_name("aerial-ops")
    return subprocess.run([program, "--home", home, *words], capture_output=True, text=True, check=False, cwd=cwd, timeout=120)


def test_dry_run_then_sync_then_nothing(source: Path, store: BlobStore, home: Path) -> None:
    (source / "train" / ".DS_Store").touch()
    dry = aerial_ops(home, "sync", "--source", str(source), "--dry-run")
    assert dry.stdout.split()[:10] == ["container", "files", "size", "to", "send", "already", "there", "extra", "data", "hash"]
    assert dry.stdout.splitlines()[-1] == "Dry run: 30 files (8.0 kB) would be sent, 0 are there already."
    first = aerial_ops(home, "sync", "--source", str(source))
    assert "Sent 30 files (8.0 kB), 0 were there already. Verified." in first.stdout
    assert "1 hidden files" in first.stderr
    store.write("test", "Barren/extra.png", b"x")
    again = aerial_ops(home, "sync", "--source", str(source))
    assert "Nothing to send: all 30 files are there. Verified." in again.stdout
    assert "1 blobs in test are not in the source" in again.stderr
    assert [run.returncode for run in (dry, first, again)] == [0, 0, 0]


def test_a_wrong_source_is_exit_code_2(store: BlobStore, home: Path, tmp_path: Path) -> None:
    wrong = aerial_ops(home, "sync", "--source", str(tmp_path / "nowhere"), "--json")
    assert wrong.returncode == 2
    assert "does not exist" in wrong.stderr
    assert json.loads(wrong.stdout)["error"]["type"] == "UsageError"


def test_no_signature_is_shown_even_with_the_cause(store: BlobStore, home: Path) -> None:
    permit = sas(store)
    gone = f"http://gone.invalid:1/train?{permit}"
    code = "import aerial_ops.storage.sync.address as a; a.SOURCE_RETRIES = 0\nfrom aerial_ops.cli.app import main; main()"
    words = [sys.executable, "-c", code, "--verbose", "--home", str(home), "sync", "--source", gone]
    told = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert told.returncode == 1
    assert "Could not list train/" in told.stderr
    assert "Traceback" in told.stderr
    assert signature(permit) not in told.stderr + told.stdout
