"""Every program of an emulated Azure: how it runs, where, and whether it answers."""

import os
import ssl
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from aerial_ops.emulator import azurite, gateway, livy
from aerial_ops.emulator.arm.addresses import ArmConnection
from aerial_ops.emulator.arm.machines import ROUTES, account_slots, cluster_slots, note_of
from aerial_ops.emulator.certificates import Certificates
from aerial_ops.emulator.connection import read_connection
from aerial_ops.emulator.processes import Service, Slot

SERVER, ROUTER = "arm", "storage-router"

State = Literal["running", "not answering", "stopped"]


@dataclass(frozen=True)
class Program:
    """A program that should run. `of` is the storage account or the cluster that it serves, empty when it serves all."""

    slot: Slot
    of: str
    port: int
    answers: Callable[[], bool]

    @classmethod
    def of_service(cls, home: Path, service: Service) -> "Program":
        """One of those that serve the whole emulated Azure in `home`."""
        return cls(Slot(home, service.name), "", service.port, service.answers)

    def status(self) -> "ProgramStatus":
        """What it does now."""
        process = self.slot.process()
        if process is None:
            return ProgramStatus(self.slot.name, self.of, "stopped", None, None, self.slot.log)
        state: State = "running" if self.answers() else "not answering"
        return ProgramStatus(self.slot.name, self.of, state, process.pid, self.port or None, self.slot.log)


@dataclass(frozen=True)
class ProgramStatus:
    """A program's state; `pid` and `port` are None when it does not run."""

    name: str
    of: str
    state: State
    pid: int | None
    port: int | None
    log: Path

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        known = {"name": self.name, "of": self.of or None, "state": self.state}
        return {**known, "pid": self.pid, "port": self.port, "log": str(self.log)}


def services(home: Path, connection: ArmConnection) -> list[Service]:
    """What serves the whole emulated Azure."""
    return [_server(home, connection)] + ([_router(home, connection)] if connection.backends == "real" else [])


def programs(home: Path, connection: ArmConnection) -> list[Program]:
    """Those, and an Azurite for each account, a gateway and a Livy for each cluster."""
    serving = [Program.of_service(home, service) for service in services(home, connection)]
    return serving + _programs_behind(home, Certificates.within(home.parent))


def _programs_behind(home: Path, certificates: Certificates) -> list[Program]:
    found = [_azurite(slot, certificates) for slot in account_slots(home)]
    for slot in cluster_slots(home):
        connection, cluster = read_connection(slot.folder), slot.folder.name.rpartition("-")[0]
        if connection is None:  # it is only just being made, or the file was lost
            found.append(Program(slot, cluster, 0, lambda: False))
        elif slot.name == gateway.NAME:
            port = urlsplit(connection.livy_url).port or 0
            service = gateway.service(slot.folder, port, connection, certificates)
            found.append(Program(slot, cluster, port, service.answers))
        else:
            found.append(_livy(slot, cluster, connection.livy_port))
    return found


def _azurite(slot: Slot, certificates: Certificates) -> Program:
    account = azurite.Account(slot.folder.name, "", int(note_of(slot.folder).get("port", 0)), certificates)
    return Program(slot, account.name, account.port, lambda: azurite.answers(account))


def _livy(slot: Slot, cluster: str, port: int) -> Program:
    return Program(slot, cluster, port, lambda: livy.answers(port))


def _server(home: Path, connection: ArmConnection) -> Service:
    command = [sys.executable, "-P", "-m", "aerial_ops.emulator.arm", "--folder", str(home), "--port", str(connection.port)]
    command += ["--storage-port", str(connection.storage_port), "--pace", str(connection.pace)]
    command += ["--cores", str(connection.cores), "--backends", connection.backends]
    command += ["--speed", str(connection.speed)] if connection.speed is not None else []

    def answers() -> bool:
        import httpx

        trust = ssl.create_default_context(cafile=connection.ca_file)
        try:
            with httpx.Client(verify=trust, trust_env=False, timeout=5) as client:
                answer = client.get(f"{connection.url}/__emulator/health")
                return answer.status_code == 200 and answer.json().get("status") == "ok"
        except (httpx.HTTPError, OSError, ValueError):
            return False

    return Service(SERVER, "The emulated Azure Resource Manager", connection.port, command, _environment(), answers)


def _router(home: Path, connection: ArmConnection) -> Service:
    command = [sys.executable, "-P", "-m", "aerial_ops.emulator.arm.router", str(connection.storage_port), str(home / ROUTES)]

    def answers() -> bool:
        import socket

        try:
            with socket.create_connection(("127.0.0.1", connection.storage_port), timeout=5):
                return True
        except OSError:
            return False

    return Service(ROUTER, "The router of blob endpoints", connection.storage_port, command, _environment(), answers)


def _environment() -> dict[str, str]:
    kept = ("AERIAL_OPS_CACHE",)
    return {
        name: value
        for name, value in os.environ.items()
        if name in kept or not name.startswith(("AERIAL_OPS_", "AZURE_", "ARM_"))
    }
