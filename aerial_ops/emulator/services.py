"""The three programs of the emulated cloud: their ports in the connection, how to ask and how to run each."""

import secrets
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from aerial_ops.emulator import azurite, gateway, livy
from aerial_ops.emulator.certificates import Certificates
from aerial_ops.emulator.connection import Connection
from aerial_ops.emulator.jars import ensure_jars
from aerial_ops.emulator.ports import free_port
from aerial_ops.emulator.processes import Service
from aerial_ops.emulator.toolchain import find_java
from aerial_ops.reporting import Reporter

ACCOUNT = "aerialops"
USER = "admin"
NAMES = (azurite.NAME, livy.NAME, gateway.NAME)
DATA = "azurite"


def new_connection(certificates: Certificates) -> Connection:
    """Free ports and new secrets."""
    blob = free_port()
    livy_port = free_port((blob,))
    return Connection(
        account=ACCOUNT,
        key=azurite.new_key(),
        blob_url=_blob_url(blob),
        livy_url=_livy_url(free_port((blob, livy_port))),
        livy_user=USER,
        livy_password=secrets.token_urlsafe(24),
        ca_file=str(certificates.authority),
        livy_port=livy_port,
    )


def port_of(connection: Connection, name: str) -> int:
    """The port of the program `name`."""
    urls = {azurite.NAME: connection.blob_url, gateway.NAME: connection.livy_url}
    return urlsplit(urls[name]).port or 0 if name in urls else connection.livy_port


def moved(connection: Connection, name: str, port: int) -> Connection:
    """The connection with the program `name` on another port."""
    field: dict[str, dict[str, str | int]] = {
        azurite.NAME: {"blob_url": _blob_url(port)},
        livy.NAME: {"livy_port": port},
        gateway.NAME: {"livy_url": _livy_url(port)},
    }
    return connection.model_copy(update=field[name])


def check_of(name: str, connection: Connection, certificates: Certificates) -> Callable[[], bool]:
    """How to ask whether the program `name` answers."""
    account, port = _account(connection, certificates), port_of(connection, name)
    checks: dict[str, Callable[[], bool]] = {
        azurite.NAME: lambda: azurite.answers(account),
        livy.NAME: lambda: livy.answers(port),
        gateway.NAME: lambda: gateway.answers(port, connection, certificates),
    }
    return checks[name]


def service_of(name: str, folder: Path, connection: Connection, certificates: Certificates, report: Reporter) -> Service:
    """How to run the program `name`; what it needs is installed and configured."""
    port = port_of(connection, name)
    if name == azurite.NAME:
        location = folder / DATA
        location.mkdir(exist_ok=True)
        return azurite.service(azurite.ensure_azurite(report), _account(connection, certificates), location)
    if name == gateway.NAME:
        return gateway.service(folder, port, connection, certificates)
    livy.clear_temporary(folder)
    jars = configure_livy(folder, connection, certificates, report)
    return livy.service(folder, port, find_java(), jars, certificates)


def configure_livy(folder: Path, connection: Connection, certificates: Certificates, report: Reporter) -> Path:
    """Tell Livy and the jobs to come where the storage is. Gives the folder of jars."""
    jars = ensure_jars(find_java(), report)
    livy.configure(folder, connection.livy_port, _account(connection, certificates), certificates, jars)
    return jars


def _account(connection: Connection, certificates: Certificates) -> azurite.Account:
    return azurite.Account(connection.account, connection.key, port_of(connection, azurite.NAME), certificates)


def _blob_url(port: int) -> str:
    return f"https://{ACCOUNT}.blob.localhost:{port}"


def _livy_url(port: int) -> str:
    return f"https://localhost:{port}/livy"
