"""Start, look at and stop the emulated Azure of a folder: its server, the router of its blob endpoints, and what they run."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from aerial_ops.cache import locked
from aerial_ops.emulator import livy
from aerial_ops.emulator.arm.addresses import FILE, FOLDER, ArmConnection, new_connection, read, write
from aerial_ops.emulator.arm.machines import account_slots, cluster_slots
from aerial_ops.emulator.arm.programs import ROUTER, SERVER, ProgramStatus, programs, services
from aerial_ops.emulator.azurite import ensure_azurite
from aerial_ops.emulator.certificates import ensure_certificates
from aerial_ops.emulator.jars import ensure_jars
from aerial_ops.emulator.ports import free_port, frees_up
from aerial_ops.emulator.processes import Slot, stop_all
from aerial_ops.emulator.toolchain import find_java
from aerial_ops.errors import EmulatorError, UsageError
from aerial_ops.reporting import SILENT, Reporter, path_text

START_SECONDS = 60.0
RECOVER_SECONDS = 300.0


@dataclass(frozen=True)
class Status:
    """The emulated Azure in `folder`; `connection` is None when none was started there."""

    folder: Path
    connection: ArmConnection | None
    programs: tuple[ProgramStatus, ...]

    @property
    def connection_file(self) -> Path:
        """The file with addresses and secrets."""
        return self.folder / FOLDER / FILE

    @property
    def running(self) -> bool:
        """Whether everything runs and answers."""
        return all(program.state == "running" for program in self.programs)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready; without secrets."""
        there = self.connection
        return {
            "running": self.running,
            "folder": str(self.folder),
            "connection_file": str(self.connection_file) if there else None,
            "url": there.url if there else None,
            "speed": there.speed if there else None,
            "pace": there.pace if there else None,
            "cores": there.cores if there else None,
            "provider": there.provider if there else None,
            "programs": [program.as_dict() for program in self.programs],
        }


def start(
    folder: Path,
    *,
    speed: float | None = None,
    pace: float | None = None,
    cores: int | None = None,
    backends: Literal["real", "record"] | None = None,
    provider: Literal["stand-in", "real"] | None = None,
    report: Reporter = SILENT,
) -> ArmConnection:
    """Have the emulated Azure of the emulator in `folder` answer, and everything that exists in it run.

    What is not given stays as it was at the last start. A server that runs with other values is started again; what it runs
    (Azurites, Livys) goes on. Raises UsageError for a folder that Java cannot use, ToolError without Java or Node, before
    anything is started; EmulatorError, with the end of the log, when a program does not come up: what serves the whole
    emulator is then stopped again, if this call has started it.
    """
    folder = folder.resolve()
    _check_name(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    home = folder / FOLDER
    home.mkdir(exist_ok=True, mode=0o700)
    with locked(home):
        certificates, renewed = ensure_certificates(folder)
        old = read(folder) if (home / FILE).exists() else None
        wanted = {"speed": speed, "pace": pace, "cores": cores, "backends": backends, "provider": provider}
        given = {name: value for name, value in wanted.items() if value is not None}
        connection = (old or new_connection(folder)).model_copy(update={**given, "ca_file": str(certificates.authority)})
        if connection.backends == "real" and (connection != old or Slot(home, SERVER).process() is None):
            _install(report)
        if renewed:
            _stop(home)  # what runs shows the old certificate
        elif connection != old:
            Slot(home, SERVER).stop()
        connection = _with_free_ports(home, connection, report)
        write(home, connection)
        started = _start_missing(home, connection, report)
        if started or any(program.status().state != "running" for program in programs(home, connection)):
            with report.task("Have what exists in the emulated Azure run"):
                _bring_back(home, connection)
    return connection


def stop(folder: Path, report: Reporter = SILENT) -> int:
    """Stop the emulated Azure and all that runs behind it; what exists in it stays. Gives how many processes were ended."""
    home = folder.resolve() / FOLDER
    if not home.is_dir():
        return 0
    with locked(home):
        ended = _stop(home)
    if ended:
        report.note(f"The emulated Azure in {path_text(folder)} is stopped.")
    return ended


def status(folder: Path) -> Status:
    """What runs and answers in `folder`. Raises EmulatorError when one of its files is damaged."""
    folder = folder.resolve()
    home = folder / FOLDER
    if not (home / FILE).exists():
        stopped = tuple(ProgramStatus(name, "", "stopped", None, None, Slot(home, name).log) for name in (SERVER, ROUTER))
        return Status(folder, None, stopped)
    connection = read(folder)
    return Status(folder, connection, tuple(each.status() for each in programs(home, connection)))


def _with_free_ports(home: Path, connection: ArmConnection, report: Reporter) -> ArmConnection:
    """Another port for the server when somebody has taken its own; the storage port stays: addresses of accounts hold it."""
    storage = connection.storage_port
    if connection.backends == "real" and Slot(home, ROUTER).process() is None and not frees_up(storage):
        raise EmulatorError(
            f"Another program has taken port {storage}, which is part of the storage accounts' addresses.",
            suggestion="End that program, then: aerial-ops emulator start",
        )
    if Slot(home, SERVER).process() is None and not frees_up(connection.port):
        port = free_port((storage,))
        report.note(f"Port {connection.port} is taken by another program: the emulated Azure moves to {port}.")
        return connection.model_copy(update={"url": f"https://127.0.0.1:{port}"})
    return connection


def _install(report: Reporter) -> None:
    """Find Java and Node, and fetch what they run, so that no operation of the emulated Azure has to."""
    java = find_java()
    ensure_azurite(report)
    ensure_jars(java, report)


def _start_missing(home: Path, connection: ArmConnection, report: Reporter) -> bool:
    """Start what serves the whole emulated Azure and does not run or answer; whether there was any such thing."""
    missing = [service for service in services(home, connection) if not Slot(home, service.name).serves(service)]
    if not missing:
        return False
    slots = [Slot(home, service.name) for service in missing]
    stop_all(*slots)  # what an earlier one has left
    try:
        with report.task("Start the emulated Azure", len(missing), "programs") as task:
            for slot, service in zip(slots, missing, strict=True):
                slot.spawn(service)
            for slot, service in zip(slots, missing, strict=True):
                slot.wait_ready(service.title, service.port, service.answers, START_SECONDS)
                task.advance()
    except BaseException:
        stop_all(*slots)
        raise
    return True


def _bring_back(home: Path, connection: ArmConnection) -> None:
    """Wait until every blob service and job server that should run does."""
    import httpx

    trust, log = ssl.create_default_context(cafile=connection.ca_file), Slot(home, SERVER).log
    try:
        with httpx.Client(verify=trust, trust_env=False, timeout=RECOVER_SECONDS) as client:
            token = {"Authorization": f"Bearer {connection.control_token}"}
            answer = client.post(f"{connection.url}/__emulator/recover", headers=token).raise_for_status().json()
    except httpx.HTTPError as error:
        message = f"The emulated Azure did not say whether everything in it runs again: {error}"
        raise EmulatorError(message, suggestion=f"Its log is {log}.") from error
    if failed := answer["failed"]:
        raise EmulatorError("\n".join(failed.values()), left="The rest runs.", suggestion="Again: aerial-ops emulator start")


def _stop(home: Path) -> int:
    """The server first, so that it starts nothing any more; Livy and its jobs before the storage that they may still write to."""
    ended = Slot(home, SERVER).stop()
    ended += stop_all(*cluster_slots(home))
    return ended + stop_all(Slot(home, ROUTER), *account_slots(home))


def _check_name(folder: Path) -> None:
    unfit = sorted(set(str(folder)) & set(livy.UNFIT_FOR_JAVA))
    if unfit:
        raise UsageError(
            f"The emulator cannot work in {folder}: Java's paths cannot hold {' '.join(map(repr, unfit))}.",
            suggestion="Choose another folder with --home.",
        )
