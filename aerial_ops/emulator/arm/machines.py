"""The real parts behind the control plane: an Azurite for each storage account, a Livy with its gateway for each cluster.

They are programs of their own, found again after a restart of the control plane, and they outlive it.
"""

import hashlib
import json
import os
import shutil
import threading
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from aerial_ops.emulator import azurite, gateway, livy
from aerial_ops.emulator.arm.backends import BackendError, ClusterOrder, Container
from aerial_ops.emulator.arm.blob_service import BlobService
from aerial_ops.emulator.certificates import FOLDER as PKI
from aerial_ops.emulator.certificates import Certificates
from aerial_ops.emulator.connection import Connection, read_connection, write_connection
from aerial_ops.emulator.jars import ensure_jars
from aerial_ops.emulator.ports import free_port, frees_up
from aerial_ops.emulator.processes import Service, Slot, stop_all
from aerial_ops.emulator.toolchain import find_java
from aerial_ops.errors import AerialOpsError
from aerial_ops.reporting import SILENT

ACCOUNTS, CLUSTERS, ROUTES = "accounts", "clusters", "routes.json"
START_SECONDS = 120.0


def account_slots(folder: Path) -> list[Slot]:
    """The places of the Azurites of an emulated Azure in `folder`."""
    return [Slot(path, azurite.NAME) for path in sorted((folder / ACCOUNTS).glob("*"))]


def cluster_slots(folder: Path) -> list[Slot]:
    """The places of the gateways and Livys."""
    return [Slot(path, name) for path in sorted((folder / CLUSTERS).glob("*")) for name in (gateway.NAME, livy.NAME)]


def note_of(place: Path) -> dict[str, str | int]:
    """The port of an account's Azurite, and a digest of its keys; empty when it was never started."""
    try:
        return dict(json.loads((place / "note.json").read_text()))
    except FileNotFoundError:
        return {}


class Machines:
    """Backends made of real programs. `folder` is the emulated Azure's, `pki` the folder that holds the certificates."""

    def __init__(self, folder: Path, pki: Path, storage_port: int) -> None:
        self._folder = folder
        self._pki = pki
        self._storage_port = storage_port
        self._certificates = Certificates.within(pki)
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self._routes_lock = threading.Lock()
        self._services: dict[str, BlobService] = {}

    # Storage accounts

    def start_storage(self, account: str, keys: tuple[str, str]) -> None:
        """Have the account's Azurite answer with these keys."""
        place = self._folder / ACCOUNTS / account
        slot = Slot(place, azurite.NAME)
        with self._locks[account]:
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
            digest = hashlib.sha256("\n".join(keys).encode()).hexdigest()
            noted = note_of(place)
            port = int(noted.get("port", 0))
            with _explained(f"The blob service of {account}"):
                if not (port and noted.get("keys") == digest and slot.serves(self._azurite(account, keys, port, place))):
                    slot.stop()
                    port = port if port and frees_up(port) else free_port()
                    _replace(place / "note.json", {"port": port, "keys": digest})
                    service = self._azurite(account, keys, port, place)
                    slot.spawn(service)
                    slot.wait_ready(service.title, service.port, service.answers, START_SECONDS)
            self._route(account, port)

    def stop_storage(self, account: str) -> None:
        """End the account's Azurite and erase its data."""
        place = self._folder / ACCOUNTS / account
        with self._locks[account]:
            self._route(account, None)
            service = self._services.pop(account, None)
            if service:
                service.close()
            with _explained(f"The blob service of {account}"):
                Slot(place, azurite.NAME).stop()
            shutil.rmtree(place, ignore_errors=True)

    def containers(self, account: str, key: str) -> list[Container]:
        """The account's containers."""
        return self._blobs(account, key).containers()

    def create_container(self, account: str, key: str, name: str, metadata: dict[str, str]) -> bool:
        """Make a container."""
        return self._blobs(account, key).create(name, metadata)

    def delete_container(self, account: str, key: str, name: str) -> bool:
        """Remove a container."""
        return self._blobs(account, key).delete(name)

    def reachable(self, url: str) -> str:
        """Whether a script action can be read; addresses outside of this machine are taken for good."""
        host = urlsplit(url).hostname or ""
        if not host.endswith(".blob.localhost"):
            return ""
        port = note_of(self._folder / ACCOUNTS / host.split(".")[0]).get("port")
        return BlobService.reachable(url, int(port), self._certificates) if port else f"there is no account at {host}"

    # Clusters

    def start_cluster(self, order: ClusterOrder) -> str:
        """Have the cluster's Livy answer behind its gateway."""
        place = self._cluster(order.id)
        with self._locks[order.id], _explained(f"The job server of {order.name}"):
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not (place / PKI).is_symlink():
                (place / PKI).symlink_to(os.path.relpath(self._pki / PKI, place))  # so that the whole may be moved
            connection = self._connection(order, place)
            write_connection(place, connection)
            for service in (self._livy(connection, place), self._gateway(connection, place)):
                slot = Slot(place, service.name)
                if not slot.serves(service):
                    slot.stop()
                    slot.spawn(service)
                    slot.wait_ready(service.title, service.port, service.answers, START_SECONDS)
        return urlsplit(connection.livy_url).netloc

    def stop_cluster(self, id: str) -> None:
        """End the cluster's Livy, its jobs and its gateway."""
        place = self._cluster(id)
        with self._locks[id], _explained("The job server"):
            stop_all(Slot(place, gateway.NAME), Slot(place, livy.NAME))
            shutil.rmtree(place, ignore_errors=True)

    def close(self) -> None:
        """Let go of connections; the programs go on."""
        for service in self._services.values():
            service.close()

    # Inside

    def _azurite(self, account: str, keys: tuple[str, str], port: int, place: Path) -> Service:
        data = place / "data"
        data.mkdir(exist_ok=True)
        known = azurite.Account(account, keys[0], port, self._certificates)
        service = azurite.service(azurite.ensure_azurite(SILENT), known, data)
        both = {**service.environment, "AZURITE_ACCOUNTS": f"{account}:{keys[0]}:{keys[1]}"}
        return replace(service, environment=both)

    def _blobs(self, account: str, key: str) -> BlobService:
        """A client of the account's Azurite; the same one while its port and the key stay."""
        port = int(note_of(self._folder / ACCOUNTS / account).get("port", 0))
        if not port:
            raise BackendError(f"The blob service of {account} does not run.")
        service = self._services.get(account)
        if service is None or (service.port, service.key) != (port, key):
            service = self._services[account] = BlobService(account, key, port, self._certificates)
        return service

    def _livy(self, connection: Connection, place: Path) -> Service:
        java = find_java()
        jars = ensure_jars(java, SILENT)
        slot = Slot(place, livy.NAME)
        service = livy.service(place, connection.livy_port, java, jars, Certificates.within(place))
        if not slot.serves(service):
            account = azurite.Account(connection.account, connection.key, self._storage_port, self._certificates)
            livy.clear_temporary(place)
            livy.configure(place, connection.livy_port, account, Certificates.within(place), jars)
        return service

    def _gateway(self, connection: Connection, place: Path) -> Service:
        port = urlsplit(connection.livy_url).port or 0
        return gateway.service(place, port, connection, Certificates.within(place))

    def _connection(self, order: ClusterOrder, place: Path) -> Connection:
        default = next(link for link in order.storage if link.is_default)
        old = read_connection(place)
        keeps = old is not None and (Slot(place, livy.NAME).process() is not None or frees_up(old.livy_port))
        livy_port = old.livy_port if old and keeps else free_port()
        url = old.livy_url if old else f"https://{order.gateway or f'localhost:{free_port((livy_port,))}'}/livy"
        return Connection(
            account=default.account,
            key=default.key,
            livy_url=url,
            livy_user=order.user,
            livy_password=order.password,
            livy_port=livy_port,
        )

    def _cluster(self, id: str) -> Path:
        name = id.rsplit("/", 1)[-1]
        return self._folder / CLUSTERS / f"{name}-{hashlib.sha256(id.encode()).hexdigest()[:8]}"

    def _route(self, account: str, port: int | None) -> None:
        path = self._folder / ROUTES
        with self._routes_lock:
            routes = json.loads(path.read_text()) if path.exists() else {}
            if routes.get(account) != port:
                routes = {name: kept for name, kept in routes.items() if name != account}
                _replace(path, {**routes, account: port} if port else routes)


class _explained:
    """Errors of the emulator's programs become BackendErrors, with the log's end."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, AerialOpsError | OSError):
            left = getattr(error, "left", "")
            raise BackendError(f"{self._what}: {error} {left}".strip()) from error


def _replace(path: Path, data: object) -> None:
    draft = path.with_suffix(f".{os.getpid()}.{threading.get_ident()}.tmp")
    draft.write_text(json.dumps(data))
    draft.replace(path)
