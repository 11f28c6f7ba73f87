"""Jars for the emulated cluster: fetched once with the Ivy inside PySpark, checked against lock files."""

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
    """One line of a lock file."""

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


@dataclass(frozen=True, slots=True)
class JarSet:
    """The jars of one lock file; `what` is how messages call them."""

    lock: str
    what: str

    @property
    def text(self) -> str:
        """The lock file."""
        return (files("aerial_ops.emulator") / self.lock).read_text()


CLUSTER = JarSet("jars.lock", "Livy and WASB")
SYNAPSEML = JarSet("synapseml.lock", "SynapseML")


@cache
def locked_jars(of: JarSet = CLUSTER) -> tuple[Jar, ...]:
    """What the lock file lists."""
    lines = (line.split() for line in of.text.splitlines() if line and not line.startswith("#"))
    return tuple(Jar(group, org, module, rev, int(size), sha) for group, org, module, rev, size, sha in lines)


def spark_home() -> Path:
    """The Spark inside the pyspark package."""
    import importlib.util

    package = importlib.util.find_spec("pyspark")
    if package is None or package.origin is None:
        raise EmulatorError("The package pyspark is not installed.", suggestion="pip install aerial-ops")
    return Path(package.origin).parent


def ensure_jars(java: Path, report: Reporter, of: JarSet = CLUSTER) -> Path:
    """The folder with a subfolder a group, filled if need be. Raises EmulatorError; what has been fetched is kept."""
    folder = jars_folder(of)
    if complete(folder, of):
        return folder
    with locked(folder):
        if complete(folder, of):
            return folder
        draft = Path(tempfile.mkdtemp(prefix="draft-", dir=folder.parent))
        try:
            _fetch(java, draft, report, of)
            _verify(draft, of)
            shutil.rmtree(folder, ignore_errors=True)
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return folder


def wasb_class_path(folder: Path) -> str:
    """The class path that Spark needs to read wasb:// and wasbs:// addresses."""
    return ":".join(str(folder / jar.file) for jar in locked_jars() if jar.group == WASB)


def jars_folder(of: JarSet) -> Path:
    """Where the cache keeps these jars, whether they are there or not."""
    return cache_folder("jars") / hashlib.sha256(of.text.encode()).hexdigest()[:12]


def complete(folder: Path, of: JarSet = CLUSTER) -> bool:
    """Whether every jar is there with its size: hashes were checked before the folder got its name."""
    try:
        return all((folder / jar.file).stat().st_size == jar.size for jar in locked_jars(of))
    except OSError:
        return False


def _verify(folder: Path, of: JarSet) -> None:
    for jar in locked_jars(of):
        path = folder / jar.file
        if not path.is_file():
            raise EmulatorError(f"Ivy did not deliver {jar.file}.", suggestion="Run the command again.")
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != jar.sha256:
            raise EmulatorError(
                f"{jar.file} has SHA-256 {found}, not {jar.sha256} as pinned.",
                suggestion=f"Remove {cache_folder('ivy')} and run the command again; if it stays so, do not trust the source.",
            )


def _module_file(of: JarSet) -> str:
    confs = "".join(f"<conf name={quoteattr(group)}/>" for group in _groups(of))
    dependency = '<dependency org={} name={} rev={} transitive="false" conf="{}->master"/>'
    rows = [
        dependency.format(quoteattr(jar.organisation), quoteattr(jar.module), quoteattr(jar.revision), jar.group)
        for jar in locked_jars(of)
    ]
    return "\n".join(
        [
            '<ivy-module version="2.0"><info organisation="aerial-ops" module="emulator"/>',
            f"<configurations>{confs}</configurations><dependencies>",
            *rows,
            '<conflict module=".*" manager="all" matcher="regexp"/></dependencies></ivy-module>',
        ]
    )


def _groups(of: JarSet) -> list[str]:
    return sorted({jar.group for jar in locked_jars(of)})


def _fetch(java: Path, target: Path, report: Reporter, of: JarSet) -> None:
    home = cache_folder("ivy")
    ivy = next((spark_home() / "jars").glob("ivy-*.jar"), None)
    if ivy is None:
        raise EmulatorError(f"{spark_home()} has no Ivy.", suggestion="Install pyspark again.")
    module = target / "ivy.xml"
    module.write_text(_module_file(of))
    settings = os.environ.get(IVY_SETTINGS)
    command = [str(java), f"-Divy.default.ivy.user.dir={home}", "-jar", str(ivy), "-cache", str(home / "cache")]
    command += ["-settings", settings] if settings else []
    command += ["-ivy", str(module), "-confs", *_groups(of), "-retrieve", f"{target}/[conf]/[artifact]-[revision].[ext]"]
    with report.task(f"Find the jars of {of.what}", len(locked_jars(of)), "jars") as task:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        try:
            last = deque(_watch(process, task, of), maxlen=20)
            code = process.wait()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    module.unlink()
    if code != 0:
        raise EmulatorError(
            f"Ivy could not fetch the jars of {of.what} (exit code {code}).",
            left="What has been fetched is kept. The end of its output:\n" + "".join(last).rstrip(),
            suggestion=f"Check the network (behind a mirror, name its ivysettings.xml in {IVY_SETTINGS}) and run it again.",
        )


def _watch(process: "subprocess.Popen[str]", task: Task, of: JarSet) -> Iterator[str]:
    """Ivy's lines; `task` follows them: first it finds every module, then it downloads the jars."""
    found = fetched = 0
    for line in process.stdout or ():
        if line.lstrip().startswith("found "):
            found += 1
            task.update(done=found)
        elif "[SUCCESSFUL ]" in line:
            fetched += 1
            task.update(label=f"Download the jars of {of.what}", total=len(locked_jars(of)), done=fetched)
        yield line
