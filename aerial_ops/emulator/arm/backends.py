"""What stands behind the control plane: real blob services and job servers, or records of them."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.store import Store


@dataclass(frozen=True)
class StorageLink:
    """A storage account that a cluster reads and writes."""

    account: str
    key: str
    container: str
    is_default: bool


@dataclass(frozen=True)
class ClusterOrder:
    """What a cluster's job server needs to know. `id` is the cluster's ARM id in lower case, `gateway` its address so far."""

    id: str
    name: str
    user: str
    password: str
    storage: tuple[StorageLink, ...]
    cores: int
    gateway: str = ""


@dataclass(frozen=True)
class Container:
    """A blob container as its service describes it."""

    name: str
    etag: str
    last_modified: str  # ISO 8601
    lease_state: str = "Available"
    lease_status: str = "Unlocked"
    metadata: dict[str, str] = field(default_factory=dict)


class BackendError(Exception):
    """Something behind the control plane did not do what was asked; the text says what."""


class Backends(Protocol):
    """Every call may block for seconds, and may be made again: what is already so stays so. Failures are BackendErrors."""

    def start_storage(self, account: str, keys: tuple[str, str]) -> None:
        """Have a blob service for `account` answer with these keys; one that runs with other keys is restarted, data kept."""

    def stop_storage(self, account: str) -> None:
        """End the blob service and erase its data."""

    def start_cluster(self, order: ClusterOrder) -> str:
        """Have a job server for the cluster answer; gives host:port of its gateway, the same for the same cluster."""

    def stop_cluster(self, id: str) -> None:
        """End the job server and forget its files."""

    def containers(self, account: str, key: str) -> list[Container]:
        """The account's containers, by name."""

    def create_container(self, account: str, key: str, name: str, metadata: dict[str, str]) -> bool:
        """Make a container; False when it is already there."""

    def delete_container(self, account: str, key: str, name: str) -> bool:
        """Remove a container with its blobs; False when it is not there."""

    def reachable(self, url: str) -> str:
        """Empty when `url` can be read (as a cluster reads its script actions); else why not."""

    def close(self) -> None:
        """Let go of connections; what runs goes on running."""


class RecordOnly:
    """No blob service and no job server, only a record of what would run: the control plane alone."""

    def __init__(self, store: "Store") -> None:
        self._store = store
        self.broken: set[str] = set()  # calls that shall fail, for example "start_cluster"

    @property
    def storage(self) -> dict[str, dict[str, dict[str, str]]]:
        """Accounts, their containers, the containers' metadata."""
        return dict(self._store.setting("record-storage") or {})

    @property
    def clusters(self) -> dict[str, dict[str, str]]:
        """Clusters by id: user and password."""
        return dict(self._store.setting("record-clusters") or {})

    def start_storage(self, account: str, keys: tuple[str, str]) -> None:
        """Note the account."""
        self._check("start_storage")
        with self._store.transaction():
            self._store.keep("record-storage", {account: {}, **self.storage})

    def stop_storage(self, account: str) -> None:
        """Forget the account."""
        with self._store.transaction():
            self._store.keep("record-storage", {name: kept for name, kept in self.storage.items() if name != account})

    def start_cluster(self, order: ClusterOrder) -> str:
        """Note the cluster; the gateway is a name that leads nowhere."""
        self._check("start_cluster")
        with self._store.transaction():
            self._store.keep("record-clusters", {**self.clusters, order.id: {"user": order.user, "password": order.password}})
        return f"{order.name}.azurehdinsight.localhost:443"

    def stop_cluster(self, id: str) -> None:
        """Forget the cluster."""
        with self._store.transaction():
            self._store.keep("record-clusters", {key: kept for key, kept in self.clusters.items() if key != id})

    def containers(self, account: str, key: str) -> list[Container]:
        """The noted containers."""
        noted = sorted(self.storage.get(account, {}).items())
        return [Container(name, '"0x8DE000000000001"', "2026-01-01T00:00:00Z", metadata=metadata) for name, metadata in noted]

    def create_container(self, account: str, key: str, name: str, metadata: dict[str, str]) -> bool:
        """Note the container."""
        with self._store.transaction():
            noted = self.storage
            made = name not in noted.setdefault(account, {})
            noted[account].setdefault(name, metadata)
            self._store.keep("record-storage", noted)
        return made

    def delete_container(self, account: str, key: str, name: str) -> bool:
        """Forget the container."""
        with self._store.transaction():
            noted = self.storage
            was = noted.get(account, {}).pop(name, None)
            self._store.keep("record-storage", noted)
        return was is not None

    def reachable(self, url: str) -> str:
        """Everything is, unless told otherwise."""
        return "was told to fail" if "reachable" in self.broken else ""

    def close(self) -> None:
        """Nothing is held."""

    def _check(self, call: str) -> None:
        if call in self.broken:
            raise BackendError(f"{call} was told to fail.")
