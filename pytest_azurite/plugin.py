"""The plugin's options and fixtures."""

import re
import secrets
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from pytest_azurite.server import AzuriteContainer, AzuriteServer

LONGEST_NAME = 63  # of a container
LOG_LINES = 100
_server = pytest.StashKey[AzuriteServer]()
_log_start = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """--azurite-location, --azurite-port, --azurite-keep, and the same in the configuration file."""
    group = parser.getgroup("azurite", "Azurite (blob storage)")
    group.addoption("--azurite-location", metavar="DIR", help="Folder for Azurite's data and log (default: a temporary one).")
    group.addoption("--azurite-port", metavar="PORT", type=int, help="Azurite's port (default: any free one).")
    group.addoption("--azurite-keep", action="store_true", help="Keep the tests' containers, to look at them afterwards.")
    parser.addini("azurite_location", "Folder for Azurite's data and log, relative to the root folder.", default="")
    parser.addini("azurite_port", "Azurite's port.", default="0")


@pytest.fixture(scope="session")
def azurite(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzuriteServer]:
    """A running Azurite: `account`, `key`, `url`, `connection_string`; `stop`, `start`, `restart`, `kill` for fault tests."""
    server = AzuriteServer(_location(pytestconfig, tmp_path_factory), _port(pytestconfig))
    server.start()
    pytestconfig.stash[_server] = server
    try:
        yield server
    finally:
        del pytestconfig.stash[_server]
        server.stop()


@pytest.fixture(scope="session")
def azurite_connection_string(azurite: AzuriteServer) -> str:
    """The server's connection string."""
    return azurite.connection_string


@pytest.fixture
def azurite_container(
    azurite: AzuriteServer, request: pytest.FixtureRequest, pytestconfig: pytest.Config
) -> Iterator[AzuriteContainer]:
    """A new, empty container, named after the test; removed afterwards. A stopped server is started for it."""
    azurite.start()
    container = AzuriteContainer(azurite, _container_name(request.node.name))
    with container.client as client:
        client.create_container()
        yield container
        if not pytestconfig.getoption("azurite_keep"):
            azurite.start()
            if client.exists():
                client.delete_container()


@pytest.fixture(scope="session")
def azurite_spark_conf(azurite: AzuriteServer) -> dict[str, str]:
    """Spark settings to read and write the server's wasb:// addresses."""
    return azurite.spark_conf()


@pytest.fixture
def azurite_spark_url(azurite_container: AzuriteContainer) -> str:
    """The address of `azurite_container` for Spark, without a trailing slash."""
    return azurite_container.spark_url


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    """Remember where the log stood before the test."""
    server = item.config.stash.get(_server, None)
    item.stash[_log_start] = server.log.stat().st_size if server and server.log.exists() else 0
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show a failed test's requests to Azurite."""
    report = yield
    server = item.config.stash.get(_server, None)
    if report.failed and server and "azurite" in getattr(item, "fixturenames", ()) and server.log.exists():
        with server.log.open("rb") as log:
            log.seek(item.stash.get(_log_start, 0))
            lines = log.read().decode(errors="replace").splitlines()
        report.sections.append((f"Azurite's log ({server.log})", "\n".join(lines[-LOG_LINES:])))
    return report


def _location(config: pytest.Config, temporary: pytest.TempPathFactory) -> Path:
    given = config.getoption("azurite_location")
    configured = config.getini("azurite_location")
    if not given and not configured:
        return temporary.mktemp("azurite")
    folder = Path(given) if given else config.rootpath / configured
    worker = str(getattr(config, "workerinput", {}).get("workerid", ""))  # pytest-xdist: a server for each worker
    return folder / worker


def _port(config: pytest.Config) -> int:
    given = config.getoption("azurite_port")
    configured = str(config.getini("azurite_port"))
    if given is None and not configured.isdigit():
        raise pytest.UsageError(f"azurite_port must be a number, not {configured!r}")
    if hasattr(config, "workerinput"):
        return 0  # the workers cannot share one
    return int(configured) if given is None else given


def _container_name(test: str) -> str:
    ending = secrets.token_hex(4)
    words = re.sub(r"[^a-z0-9]+", "-", test.lower()).strip("-")[: LONGEST_NAME - len(ending) - 1].strip("-")
    return f"{words or 'test'}-{ending}"
