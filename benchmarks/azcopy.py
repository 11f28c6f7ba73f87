"""azcopy, Microsoft's own copier, to compare with: found, or fetched once from npm into the cache folder."""

import os
import subprocess
import tempfile
from pathlib import Path

PACKAGE, VERSION = "@azure-tools/azcopy-linux", "10.32.2"
PROGRAM = Path("node_modules") / PACKAGE / "dist/bin/azcopy_linux_amd64"
FETCH_SECONDS = 300


class NoAzcopyError(Exception):
    """Why there is no azcopy: one sentence, and what would help."""


def find_azcopy(given: str | None) -> Path:
    """`given`, or the pinned version in the cache, fetched if need be. Raises NoAzcopyError when there is none that runs."""
    program = Path(given).resolve() if given else _fetched()
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoAzcopyError(f"{program} cannot be run: {getattr(error, 'strerror', error)}.") from error
    if answer.returncode != 0:
        said = " ".join((answer.stdout + answer.stderr).split())
        cure = " Install libsecret (Debian, Ubuntu: apt-get install libsecret-1-0)." if "libsecret" in said else ""
        raise NoAzcopyError(f"{program} does not run: {said}.{cure}")
    return program


def command(program: Path, verb: str, folder: Path, url: str) -> list[str]:
    """`azcopy copy` or `sync` of all that is in `folder` to the container `url` (with its SAS), MD5s included."""
    source = f"{folder}/*" if verb == "copy" else str(folder)
    return [str(program), verb, source, url, "--from-to=LocalBlob", "--recursive", "--put-md5", "--log-level=ERROR"]


def environment(folder: Path) -> dict[str, str]:
    """The environment of an azcopy that keeps its logs and plans in `folder`, and takes no setting from this one."""
    own = {"AZCOPY_LOG_LOCATION": str(folder / "logs"), "AZCOPY_JOB_PLAN_LOCATION": str(folder / "plans")}
    return {name: value for name, value in os.environ.items() if not name.startswith("AZCOPY_")} | own


def _fetched() -> Path:
    from aerial_ops.cache import cache_folder, locked
    from aerial_ops.emulator.toolchain import find_node
    from aerial_ops.errors import ToolError

    folder = cache_folder("azcopy") / VERSION
    program = folder / PROGRAM
    with locked(folder):
        if program.exists():
            return program
        try:
            npm = find_node().npm
        except ToolError as error:
            raise NoAzcopyError(f"{error.message} {error.suggestion}") from error
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix="draft-") as draft:
            options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--loglevel=error"]
            wanted = [*npm, "install", f"--prefix={draft}", *options, f"{PACKAGE}@{VERSION}"]
            try:
                answer = subprocess.run(wanted, cwd=draft, capture_output=True, text=True, check=False, timeout=FETCH_SECONDS)
            except subprocess.TimeoutExpired as error:
                raise NoAzcopyError(f"npm has not fetched {PACKAGE} within {FETCH_SECONDS} s.") from error
            made = Path(draft) / PROGRAM
            if answer.returncode != 0 or not made.exists():
                said = " ".join((answer.stdout + answer.stderr).split())
                raise NoAzcopyError(f"npm could not fetch {PACKAGE} {VERSION}: {said}.")
            made.chmod(0o755)  # npm unpacks it without
            Path(draft).rename(folder)
            Path(draft).mkdir()  # for the end of the block to remove
    return program
