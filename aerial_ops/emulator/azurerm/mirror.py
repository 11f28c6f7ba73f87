"""How Terraform finds the stand-in: a filesystem mirror named by a CLI configuration file."""

import platform
import sys
from pathlib import Path
from tempfile import NamedTemporaryFile

ADDRESS = "registry.terraform.io/hashicorp/azurerm"

VERSION = "5.2.0+emulator"
"""The provider's version it stands in for; the build part shows in `terraform version`."""

_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def write_mirror(folder: Path) -> Path:
    """Write the mirror into `folder`; returns the file to name in TF_CLI_CONFIG_FILE. Can be repeated."""
    system = f"{platform.system().lower()}_{_MACHINES[platform.machine().lower()]}"
    package = folder / "providers" / ADDRESS / VERSION / system
    package.mkdir(parents=True, exist_ok=True)
    program = package / f"terraform-provider-azurerm_v{VERSION}"
    _write(folder, program, f'#!/bin/sh\nexec "{sys.executable}" -I -m {__package__} "$@"\n', 0o755)
    config = folder / "terraform.tfrc"
    mirror = f'  filesystem_mirror {{\n    path    = "{folder / "providers"}"\n    include = ["{ADDRESS}"]\n  }}\n'
    direct = f'  direct {{\n    exclude = ["{ADDRESS}"]\n  }}\n'
    _write(folder, config, f"disable_checkpoint = true\n\nprovider_installation {{\n{mirror}{direct}}}\n", 0o644)
    return config


def write_bundle(folder: Path, authority: Path) -> Path:
    """The public authorities and the emulator's in one file: Terraform downloads from the one and signs in at the other."""
    import certifi

    folder.mkdir(parents=True, exist_ok=True)
    bundle = folder / "authorities.pem"
    _write(folder, bundle, Path(certifi.where()).read_text() + authority.read_text(), 0o644)
    return bundle


def _write(folder: Path, path: Path, text: str, mode: int) -> None:
    """Write `path` in one step. The draft is elsewhere in `folder`: Terraform takes the hash of all that is in a package."""
    if path.exists() and path.read_text() == text:
        return
    with NamedTemporaryFile("w", dir=folder, prefix=".draft-", delete=False) as draft:
        draft.write(text)
    Path(draft.name).chmod(mode)
    Path(draft.name).replace(path)
