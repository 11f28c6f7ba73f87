"""A folder in which Terraform works on one root of one environment: links to the root's files, and the state of its own.

The roots stay where they are installed, read-only and shared; what Terraform writes (lock file, plugins, state, plans) lands in
the environment's folder. Modules are found because a module's path is relative to the folder Terraform works in.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aerial_ops.errors import ToolError

_PROVIDERS = "providers/*/*/*/*/*/terraform-provider-*"
BACKEND = "aerial_ops_backend.tf.json"


@dataclass(frozen=True)
class Workspace:
    """`folder` is where Terraform runs; with the local backend, `state` is its state file."""

    folder: Path

    @property
    def state(self) -> Path:
        """The local state; it holds secrets."""
        return self.folder / "terraform.tfstate"

    @property
    def has_local_state(self) -> bool:
        """Whether a local state file holds anything; a damaged one counts, so that Terraform is asked and says so."""
        try:
            return bool(json.loads(self.state.read_text()).get("resources", True))
        except FileNotFoundError:
            return False
        except (ValueError, AttributeError):
            return True

    def fingerprint(self, program: Path, config: str) -> str:
        """What an init depends on: the program, the root's files, the backend, the providers' configuration."""
        files = [*sorted(self.folder.glob("*.tf")), self.folder / BACKEND, self.folder.parent / "modules"]
        parts = [str(program), str(program.stat().st_mtime_ns), config, str(self.folder.resolve())]
        parts += [f"{file.name}={file.resolve()}@{file.stat().st_mtime_ns}" for file in files if file.exists()]
        parts += sorted(str(file) for file in (self.folder / ".terraform").glob(_PROVIDERS) if file.is_file())
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @property
    def errored_state(self) -> Path:
        """What Terraform leaves when it could not write the state where it belongs."""
        return self.folder / "errored.tfstate"


def roots_folder() -> Path:
    """Where the Terraform roots are: in the installed package, else in the source tree."""
    package = Path(__file__).parents[2]
    for folder in (package / "terraform_roots", package.parent / "terraform"):
        if (folder / "modules").is_dir():
            return folder
    raise ToolError("The Terraform roots are not where aerial-ops is installed.", suggestion="Install aerial-ops again.")


def prepare_workspace(root: str, parent: Path, backend: Mapping[str, Any] | None = None) -> Workspace:
    """The workspace of root `root` below `parent`, made or brought up to date. `backend` is {"azurerm": {...}}; None is local."""
    source, folder = roots_folder() / root, parent / root
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    wanted = {file.name: file for file in source.glob("*.tf")}
    for old in folder.glob("*.tf"):
        if old.is_symlink() and old.name not in wanted:
            old.unlink()
    for name, file in wanted.items():
        _link(folder / name, file)
    _link(parent / "modules", roots_folder() / "modules")
    settings = json.dumps({"terraform": {"backend": backend or {"local": {}}}}, indent=2) + "\n"
    if not (folder / BACKEND).exists() or (folder / BACKEND).read_text() != settings:
        (folder / BACKEND).write_text(settings)
    return Workspace(folder)


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    link.unlink(missing_ok=True)
    link.symlink_to(target)
