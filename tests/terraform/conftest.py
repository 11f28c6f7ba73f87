import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from aerial_ops.emulator.certificates import Certificates, ensure_certificates
from tests.emulator.arm.cloud import EmulatedCloud
from tests.terraform.stack import Stack


@pytest.fixture(scope="session")
def needs_terraform() -> None:
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not on PATH")


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return ensure_certificates(tmp_path_factory.mktemp("certificates"))[0]


@pytest.fixture
def make_stack(needs_terraform: None, tmp_path: Path, certificates: Certificates) -> Iterator[Callable[..., Stack]]:
    made: list[Stack] = []

    def make(options: dict[str, Any] | None = None, *, one_provider: bool = True, **environment: str) -> Stack:
        folder = tmp_path / f"stack{len(made)}"
        cloud = EmulatedCloud(folder / "cloud", certificates, **(options or {}))
        made.append(Stack(folder, cloud, one_provider=one_provider, **environment))
        made[-1].init()
        return made[-1]

    yield make
    for stack in made:
        stack.close()


@pytest.fixture
def stack(make_stack: Callable[..., Stack]) -> Stack:
    """Both roots, initialised, on an empty cloud."""
    return make_stack()
