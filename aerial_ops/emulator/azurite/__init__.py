"""Azurite, Microsoft's own emulator of blob storage: installed once with npm from the lock file beside this module, and run."""

import hashlib
import json
import os
import secrets
import shutil
import ssl
import subprocess
import tempfile
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from aerial_ops.cache import cache_folder, locked
from aerial_ops.emulator.certificates import Certificates
from aerial_ops.emulator.processes import Service
from aerial_ops.emulator.toolchain import Node, find_node
from aerial_ops.errors import EmulatorError
from aerial_ops.reporting import Reporter

NAME = "azurite"
MANIFEST, LOCK = "package.json", "package-lock.json"
PROGRAM = Path("node_modules/azurite/dist/src/blob/main.js")
INSTALLED = Path("node_modules/.package-lock.json")  # npm writes it when everything is in place
PRELOAD, WITH_PARENT = "preload.cjs", "AERIAL_OPS_WITH_PARENT"


@dataclass(frozen=True)
class Azurite:
    """An installed Azurite and the Node that runs it."""

    node: Node
    folder: Path

    @property
    def program(self) -> Path:
        """The blob service's script."""
        return self.folder / PROGRAM


@dataclass(frozen=True)
class Account:
    """A storage account: its name, its key (base64), the port of its blob service, and its certificates when it speaks https."""

    name: str
    key: str
    port: int
    certificates: Certificates | None = None

    @property
    def host(self) -> str:
        """Host and port, with the account's name in the host as on Azure."""
        return f"{self.name}.blob.localhost:{self.port}"


def version() -> str:
    """The pinned version of Azurite."""
    return str(json.loads(_text(MANIFEST))["dependencies"]["azurite"])


def new_key() -> str:
    """A random account key, as long as Azure's."""
    return b64encode(secrets.token_bytes(64)).decode()


def ensure_azurite(report: Reporter) -> Azurite:
    """Azurite in the cache, installed if need be. Raises ToolError without Node, EmulatorError when npm fails."""
    node = find_node()
    digest = hashlib.sha256(_text(LOCK).encode()).hexdigest()[:8]
    folder = cache_folder("azurite") / f"{version()}-{digest}"
    if not _complete(folder):
        with locked(folder):
            if not _complete(folder):
                _install(node, folder, report)
    return Azurite(node, folder)


def service(
    azurite: Azurite, account: Account, location: Path, *, with_parent: bool = False, access_log: bool = False
) -> Service:
    """Azurite serving `account` with its data in `location`.

    `with_parent` ends it when its standard input closes; `access_log` prints a line for every request.
    """
    command = [str(azurite.node.program), "--require", str(files("aerial_ops.emulator.azurite") / PRELOAD)]
    command += [str(azurite.program), "--blobHost", "127.0.0.1", "--blobPort", str(account.port), "--location", str(location)]
    command += ["--skipApiVersionCheck", "--disableTelemetry", *([] if access_log else ["--silent"])]
    if account.certificates:
        command += ["--cert", str(account.certificates.certificate), "--key", str(account.certificates.key)]
        command += ["--oauth", "basic"]  # tokens are taken as well as keys; their issuer, audience and time are looked at
    environment = {**_inherited(os.environ), "AZURITE_ACCOUNTS": f"{account.name}:{account.key}"}
    environment |= {WITH_PARENT: "1"} if with_parent else {}
    return Service(
        name=NAME,
        title="Azurite (blob storage)",
        port=account.port,
        command=command,
        environment=environment,
        answers=lambda: answers(account),
        stdin=subprocess.PIPE if with_parent else subprocess.DEVNULL,
    )


def answers(account: Account) -> bool:
    """Whether an Azurite answers on the account's port, with the right certificate where it has one."""
    import httpx

    scheme = "https" if account.certificates else "http"
    try:
        trust = ssl.create_default_context(cafile=str(account.certificates.authority)) if account.certificates else False
        with httpx.Client(verify=trust, trust_env=False, timeout=5) as client:
            server: str = client.get(f"{scheme}://127.0.0.1:{account.port}/").headers.get("server", "")
            return server.startswith("Azurite")
    except (httpx.HTTPError, OSError):
        return False


def _inherited(environment: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in environment.items() if not key.startswith(("NODE_", "AZURITE_", "AERIAL_OPS_"))}


def _complete(folder: Path) -> bool:
    return (folder / PROGRAM).is_file() and (folder / INSTALLED).is_file()


def _install(node: Node, folder: Path, report: Reporter) -> None:
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=folder.parent))
    try:
        for name in (MANIFEST, LOCK):
            (draft / name).write_text(_text(name))
        # npm is a Node script with `env node` in its first line: the chosen Node must come first on its PATH.
        path = os.pathsep.join([str(node.program.parent), os.environ.get("PATH", os.defpath)])
        command = [*node.npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        with report.task(f"Install Azurite {version()} with npm"):
            answer = subprocess.run(
                command, cwd=draft, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
            )
        if answer.returncode != 0 or not _complete(draft):
            output = (answer.stdout + answer.stderr).strip().splitlines()[-20:]
            raise EmulatorError(
                f"npm could not install Azurite {version()} (exit code {answer.returncode}).",
                left="Nothing was kept. The end of its output:\n" + "\n".join(output),
                suggestion="Check the network and npm's registry setting, then run the command again.",
            )
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _text(name: str) -> str:
    return (files("aerial_ops.emulator.azurite") / name).read_text()
