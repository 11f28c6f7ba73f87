"""Every module, root and example: formatted, valid, and its own tests pass."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from aerial_ops.emulator.azurerm.mirror import ADDRESS, write_mirror
from tests.terraform.stack import TERRAFORM, base_environment, copy_tree, start_provider

ROOTS = ("data", "compute", "roles")
MODULES = tuple(sorted(f"modules/{path.name}" for path in (TERRAFORM / "modules").iterdir()))
EXAMPLES = tuple(sorted(str(path.parent.relative_to(TERRAFORM)) for path in TERRAFORM.glob("modules/*/examples/*/main.tf")))


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_tree(tmp_path_factory.mktemp("modules") / "terraform")


@pytest.fixture(scope="module")
def environment(needs_terraform: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """One provider process for all of these commands: none of them speaks to a cloud."""
    folder = tmp_path_factory.mktemp("provider")
    process, reattach = start_provider(folder)
    yield {**base_environment(write_mirror(folder)), "TF_REATTACH_PROVIDERS": reattach}
    process.terminate()
    process.wait(30)


def terraform(folder: Path, environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(["terraform", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_everything_is_formatted(environment: dict[str, str]) -> None:
    terraform(TERRAFORM, environment, "fmt", "-check", "-recursive", "-diff")


@pytest.mark.parametrize("folder", [*ROOTS, *MODULES, *EXAMPLES])
def test_is_valid(tree: Path, environment: dict[str, str], folder: str) -> None:
    terraform(tree / folder, environment, "init", "-no-color", "-input=false", "-backend=false")
    said = json.loads(terraform(tree / folder, environment, "validate", "-json"))
    assert said["valid"] and said["diagnostics"] == []


@pytest.mark.parametrize("folder", [*ROOTS, *MODULES])
def test_its_own_tests_pass(tree: Path, environment: dict[str, str], folder: str) -> None:
    terraform(tree / folder, environment, "init", "-no-color", "-input=false", "-backend=false")
    said = terraform(tree / folder, environment, "test", "-no-color")
    passed = int(said.rsplit(" passed", 1)[0].rsplit(" ", 1)[-1])
    runs = sum(line.startswith("run ") for file in (tree / folder / "tests").iterdir() for line in file.read_text().splitlines())
    assert passed == runs > 0


@pytest.mark.parametrize("folder", [*ROOTS, *MODULES])
def test_every_validation_has_a_test(folder: str) -> None:
    import hcl2

    with (TERRAFORM / folder / "variables.tf").open() as text:
        variables = {name.strip('"'): body for item in hcl2.load(text)["variable"] for name, body in item.items()}
    refused = "".join(file.read_text() for file in (TERRAFORM / folder / "tests").iterdir())
    for name, body in variables.items():
        if "validation" in body:
            assert f"expect_failures = [var.{name}]" in refused, f"no test refuses a bad {name}"


def test_no_module_configures_the_provider() -> None:
    for file in TERRAFORM.glob("modules/*/*.tf"):
        assert not any(line.startswith("provider ") for line in file.read_text().splitlines()), file


def test_no_lock_file_of_the_stand_in_is_kept() -> None:
    assert [path for path in TERRAFORM.rglob(".terraform.lock.hcl") if os.environ.get("CI") or "5.2.0+" in path.read_text()] == []


def test_the_mirror_serves_the_address_that_the_modules_name() -> None:
    for file in TERRAFORM.glob("**/versions.tf"):
        assert f'source  = "{ADDRESS.partition("/")[2]}"' in file.read_text()
