"""How the emulator's state is shown."""

from pathlib import Path

from aerial_ops.cli.session import Session
from aerial_ops.emulator.arm import lifecycle


def folder(session: Session) -> Path:
    """Where this project's emulator lives."""
    return session.settings.home / "emulator"


def status(session: Session) -> None:
    """What runs, at which address, and where its log is; the secrets stay in azure.json."""
    now = lifecycle.status(folder(session))
    out = session.out

    def show() -> None:
        columns = ("program", "of", "state", "pid", "port", "log")
        rows = [(each.name, each.of or "-", each.state, each.pid or "-", each.port or "-", each.log) for each in now.programs]
        out.table(columns, rows, right=("pid", "port"))
        if now.running and now.connection:
            out.note(f"Resource Manager: {now.connection.url}\nSecrets:          {now.connection_file}")

    out.result(now.as_dict(), show)
