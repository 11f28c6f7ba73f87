import hashlib
import os
import re
from pathlib import Path

import pytest

from aerial_ops.emulator import jars
from aerial_ops.errors import EmulatorError
from aerial_ops.reporting import SILENT

CONTENT = b"jar"
LOCK = "# comment\n" + "".join(
    f"{group} org.{name} {name} 1.0 {len(CONTENT)} {hashlib.sha256(CONTENT).hexdigest()}\n"
    for group, name in (("livy", "server"), ("wasb", "azure"), ("wasb", "storage"))
)
# Java's part in a test: it is called with Ivy's options and puts down what `jars.lock` wants.
JAVA = """#!/bin/sh
echo "$@" >> {calls}
for last; do :; done
target=${{last%/\\[conf\\]*}}
grep -q org.server "$target/ivy.xml" || exit 9
mkdir -p "$target/livy" "$target/wasb"
{deliver}
"""
DELIVER = 'for jar in livy/server wasb/azure wasb/storage; do printf jar > "$target/$jar-1.0.jar"; done'


class Java:
    def __init__(self, folder: Path) -> None:
        self.program, self.calls = folder / "java", folder / "calls"

    def delivers(self, script: str = DELIVER) -> Path:
        self.program.write_text(JAVA.format(calls=self.calls, deliver=script))
        self.program.chmod(0o755)
        return self.program


@pytest.fixture
def java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Java:
    monkeypatch.setenv("AERIAL_OPS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(jars.JarSet, "text", LOCK)
    jars.locked_jars.cache_clear()
    monkeypatch.setattr("aerial_ops.emulator.jars.locked_jars", jars.locked_jars.__wrapped__)
    return Java(tmp_path)


def left_in_cache(tmp_path: Path) -> list[str]:
    return [path.name for path in (tmp_path / "cache" / "jars").iterdir() if path.is_dir()]


def test_the_lock_file_names_every_jar_by_hash_and_no_address() -> None:
    locked = jars.locked_jars()
    assert {jar.group for jar in locked} == {jars.LIVY, jars.WASB}
    assert len({jar.file for jar in locked}) == len(locked) > 100
    assert all(re.fullmatch("[0-9a-f]{64}", jar.sha256) and jar.size > 0 for jar in locked)
    assert "://" not in jars.CLUSTER.text
    assert [jar.revision for jar in locked if jar.module == "livy-server"] == ["0.7.1-incubating"]
    assert [jar.revision for jar in locked if jar.module == "hadoop-azure"] == ["3.3.4"]


def test_nothing_of_sparks_own_is_put_before_it_on_the_class_path() -> None:
    spark = {re.sub(r"-\d.*", "", path.name) for path in (jars.spark_home() / "jars").iterdir()}
    assert spark.isdisjoint(jar.module for jar in jars.locked_jars() if jar.group == jars.WASB)


def test_fetched_once_and_put_in_place_complete(java: Java, tmp_path: Path) -> None:
    folder = jars.ensure_jars(java.delivers(), SILENT)
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*.jar")} == {
        "livy/server-1.0.jar", "wasb/azure-1.0.jar", "wasb/storage-1.0.jar",
    }  # fmt: skip
    assert jars.ensure_jars(java.delivers("exit 1"), SILENT) == folder
    assert len(java.calls.read_text().splitlines()) == 1
    assert left_in_cache(tmp_path) == [folder.name]
    assert jars.wasb_class_path(folder) == f"{folder}/wasb/azure-1.0.jar:{folder}/wasb/storage-1.0.jar"


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"half")])
def test_a_damaged_jar_is_noticed_and_fetched_again(java: Java, damage: object) -> None:
    assert callable(damage)
    folder = jars.ensure_jars(java.delivers(), SILENT)
    damage(folder / "wasb" / "azure-1.0.jar")
    assert (jars.ensure_jars(java.delivers(), SILENT) / "wasb" / "azure-1.0.jar").read_bytes() == CONTENT


def test_a_jar_with_another_hash_is_refused(java: Java, tmp_path: Path) -> None:
    evil = DELIVER + '; printf bad > "$target/wasb/azure-1.0.jar"'
    with pytest.raises(EmulatorError, match=r"wasb/azure-1.0.jar has SHA-256 [0-9a-f]+, not [0-9a-f]+ as pinned"):
        jars.ensure_jars(java.delivers(evil), SILENT)
    assert left_in_cache(tmp_path) == []


def test_a_jar_that_is_not_delivered(java: Java, tmp_path: Path) -> None:
    with pytest.raises(EmulatorError, match=r"Ivy did not deliver livy/server-1.0.jar"):
        jars.ensure_jars(java.delivers("true"), SILENT)
    assert left_in_cache(tmp_path) == []


def test_ivys_failure_is_told_with_its_last_words(java: Java, tmp_path: Path) -> None:
    with pytest.raises(EmulatorError, match=r"Ivy could not fetch .* \(exit code 7\)") as caught:
        jars.ensure_jars(java.delivers("echo 'unresolved dependency: org.server'; exit 7"), SILENT)
    assert "unresolved dependency: org.server" in caught.value.left
    assert left_in_cache(tmp_path) == []
    jars.ensure_jars(java.delivers(), SILENT)


def test_a_mirrors_settings_are_passed_on(java: Java, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(jars.IVY_SETTINGS, "/my/ivysettings.xml")
    jars.ensure_jars(java.delivers(), SILENT)
    assert "-settings /my/ivysettings.xml" in java.calls.read_text()


def test_progress_follows_ivy(java: Java) -> None:
    seen: list[tuple[str | None, int | None]] = []

    class Task:
        def advance(self, amount: int = 1) -> None: ...

        def update(self, *, done: int | None = None, total: int | None = None, label: str | None = None) -> None:
            seen.append((label, done))

        def __enter__(self) -> "Task":
            return self

        def __exit__(self, *_: object) -> None: ...

    class Reporter:
        def note(self, text: str) -> None: ...

        def task(self, label: str, total: int | None = None, unit: str = "") -> Task:
            return Task()

    said = "printf '\\tfound a\\n\\tfound b\\n\\t[SUCCESSFUL ] a (5ms)\\n';" + DELIVER
    jars.ensure_jars(java.delivers(said), Reporter())
    assert seen == [(None, 1), (None, 2), ("Download the jars of Livy and WASB", 1)]


def test_the_cache_can_be_moved(java: Java, tmp_path: Path) -> None:
    assert jars.ensure_jars(java.delivers(), SILENT).is_relative_to(os.environ["AERIAL_OPS_CACHE"])
