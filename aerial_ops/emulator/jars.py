"""The jars of Livy and of Spark's WASB file system: fetched once with the Ivy inside PySpark, checked against `jars.lock`."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from xml.sax.saxutils import quoteattr

from aerial_ops.cache import cache_folder, locked
from aerial_ops.errors import EmulatorError
from aerial_ops.reporting import Reporter, Task

LIVY, WASB = "livy", "wasb"
IVY_SETTINGS = "AERIAL_OPS_IVY_SETTINGS"  # an ivysettings.xml, for those who reach Maven through a mirror


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of `jars.lock`."""

    group: str
    organisation: str
    module: str
    revision: str
    size: int
    sha256: str

    @property
    def file(self) -> str:
        """Its path below the folder of jars."""
        return f"{self.group}/{self.module}-{self.revision}.jar"


@cache
def locked_jars() -> tuple[Jar, ...]:
    """What `jars.lock` lists."""
    lines = (line.split() for line in _lock_text().splitlines() if line and not line.startswith("#"))
    return tuple(Jar(group, org, module, rev, int(size), sha) for group, org, module, rev, size, sha in lines)


def spark_home() -> Path:
    """The Spark inside the pyspark package."""
    import importlib.util

    package = importlib.util.find_spec("pyspark")
    if package is None or package.origin is None:
        raise EmulatorError("The package pyspark is not installed.", suggestion="pip install aerial-ops")
    return Path(package.origin).parent


def ensure_jars(java: Path, report: Reporter) -> Path:
    """The folder with `livy/` and `wasb/`, filled if need be. Raises EmulatorError; what has been fetched is kept."""
    folder = cache_folder("jars") / hashlib.sha256(_lock_text().encode()).hexdigest()[:12]
    if _complete(folder):
        return folder
    with locked(folder):
        if _complete(folder):
            return folder
        draft = Path(tempfile.mkdtemp(prefix="draft-", dir=folder.parent))
        try:
            _fetch(java, draft, report)
            _verify(draft)
            shutil.rmtree(folder, ignore_errors=True)
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return folder


def wasb_class_path(folder: Path) -> str:
    """The class path that Spark needs to read wasb:// and wasbs:// addresses."""
    return ":".join(str(folder / jar.file) for jar in locked_jars() if jar.group == WASB)


def _lock_text() -> str:
    return (files("aerial_ops.emulator") / "jars.lock").read_text()


def _complete(folder: Path) -> bool:
    """Whether every jar is there with its size: hashes were checked before the folder got its name."""
    try:
        return all((folder / jar.file).stat().st_size == jar.size for jar in locked_jars())
    except OSError:
        return False


def _verify(folder: Path) -> None:
    for jar in locked_jars():
        path = folder / jar.file
        if not path.is_file():
            raise EmulatorError(f"Ivy did not deliver {jar.file}.", suggestion="Run the command again.")
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != jar.sha256:
            raise EmulatorError(
                f"{jar.file} has SHA-256 {found}, not {jar.sha256} as pinned.",
                suggestion=f"Remove {cache_folder('ivy')} and run the command again; if it stays so, do not trust the source.",
            )


def _module_file() -> str:
    dependency = '<dependency org={} name={} rev={} transitive="false" conf="{}->master"/>'
    rows = [
        dependency.format(quoteattr(jar.organisation), quoteattr(jar.module), quoteattr(jar.revision), jar.group)
        for jar in locked_jars()
    ]
    return "\n".join(
        [
            '<ivy-module version="2.0"><info organisation="aerial-ops" module="emulator"/>',
            f'<configurations><conf name="{LIVY}"/><conf name="{WASB}"/></configurations><dependencies>',
            *rows,
            '<conflict module=".*" manager="all" matcher="regexp"/></dependencies></ivy-module>',
        ]
    )


def _fetch(java: Path, target: Path, report: Reporter) -> None:
    home = cache_folder("ivy")
    ivy = next((spark_home() / "jars").glob("ivy-*.jar"), None)
    if ivy is None:
        raise EmulatorError(f"{spark_home()} has no Ivy.", suggestion="Install pyspark again.")
    module = target / "ivy.xml"
    module.write_text(_module_file())
    settings = os.environ.get(IVY_SETTINGS)
    command = [str(java), f"-Divy.default.ivy.user.dir={home}", "-jar", str(ivy), "-cache", str(home / "cache")]
    command += ["-settings", settings] if settings else []
    command += ["-ivy", str(module), "-confs", LIVY, WASB, "-retrieve", f"{target}/[conf]/[artifact]-[revision].[ext]"]
    with report.task("Find the jars of Livy and WASB", len(locked_jars()), "jars") as task:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        try:
            last = deque(_watch(process, task), maxlen=20)
            code = process.wait()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    module.unlink()
    if code != 0:
        raise EmulatorError(
            f"Ivy could not fetch the jars of Livy and WASB (exit code {code}).",
            left="What has been fetched is kept. The end of its output:\n" + "".join(last).rstrip(),
            suggestion=f"Check the network (behind a mirror, name its ivysettings.xml in {IVY_SETTINGS}) and run it again.",
        )


def _watch(process: "subprocess.Popen[str]", task: Task) -> Iterator[str]:
    """Ivy's lines; `task` follows them: first it finds every module, then it downloads the jars."""
    found = fetched = 0
    for line in process.stdout or ():
        if line.lstrip().startswith("found "):
            found += 1
            task.update(done=found)
        elif "[SUCCESSFUL ]" in line:
            fetched += 1
            task.update(label="Download the jars of Livy and WASB", total=len(locked_jars()), done=fetched)
        yield line
