from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from aerial_ops.emulator.certificates import Certificates, ensure_certificates
from tests.emulator.arm.cloud import EmulatedCloud


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return ensure_certificates(tmp_path_factory.mktemp("arm"))[0]


@pytest.fixture
def make_cloud(tmp_path: Path, certificates: Certificates) -> Iterator[Callable[..., EmulatedCloud]]:
    made: list[EmulatedCloud] = []

    def make(**options: Any) -> EmulatedCloud:
        made.append(EmulatedCloud(tmp_path / f"arm{len(made)}", certificates, **options))
        return made[-1]

    yield make
    for cloud in made:
        cloud.close()


@pytest.fixture
def cloud(make_cloud: Callable[..., EmulatedCloud]) -> EmulatedCloud:
    return make_cloud()
