"""An emulated Azure without Azurite and Livy behind it: the control plane alone."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from aerial_ops.clouds.base import ArmEndpoint
from aerial_ops.emulator.certificates import Certificates, ensure_certificates
from aerial_ops.infrastructure.control_plane import ControlPlane
from tests.emulator.arm.cloud import EmulatedCloud
from tests.infrastructure.town import Metropolis, Town


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return ensure_certificates(tmp_path_factory.mktemp("certificates"))[0]


@pytest.fixture
def cloud(tmp_path: Path, certificates: Certificates) -> Iterator[EmulatedCloud]:
    cloud = EmulatedCloud(tmp_path / "arm", certificates)
    yield cloud
    cloud.close()


@pytest.fixture
def arm(cloud: EmulatedCloud) -> ArmEndpoint:
    return ArmEndpoint(cloud.url, f"{cloud.url}/.default", cloud.subscription, cloud.credential(), cloud.certificates.authority)


@pytest.fixture
def plane(arm: ArmEndpoint) -> ControlPlane:
    return ControlPlane(arm, pause=lambda _: None)


@pytest.fixture
def make_town(tmp_path: Path) -> Iterator[Callable[..., Town]]:
    made: list[Town] = []

    def make(**options: Any) -> Town:
        made.append(Town(tmp_path / f"town{len(made)}", **options))
        return made[-1]

    yield make
    for town in made:
        town.close()


@pytest.fixture
def town(make_town: Callable[..., Town]) -> Town:
    return make_town()


@pytest.fixture(scope="session")
def metropolis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Metropolis]:
    city = Metropolis(tmp_path_factory.mktemp("metropolis"))
    yield city
    city.close()
