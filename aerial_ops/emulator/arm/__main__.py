"""The server process: python -m aerial_ops.emulator.arm --folder DIR --port N [...]. The lifecycle starts it."""

import argparse
import logging
import os
from pathlib import Path

from filelock import FileLock

from aerial_ops.emulator.arm.backends import Backends, RecordOnly
from aerial_ops.emulator.arm.identity import Identity, ensure_identity
from aerial_ops.emulator.arm.machines import Machines
from aerial_ops.emulator.arm.server import Binding, serve
from aerial_ops.emulator.arm.service import Arm, Options
from aerial_ops.emulator.arm.store import STATE, Store
from aerial_ops.emulator.certificates import ensure_certificates

LOCK_SECONDS = 10


def main() -> None:
    """Serve the emulated Azure Resource Manager of a folder until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m aerial_ops.emulator.arm", description=main.__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where the state is kept; its parent holds the certificates")
    parser.add_argument("--port", type=int, required=True, help="the port on 127.0.0.1")
    parser.add_argument("--storage-port", type=int, required=True, help="the port of all blob endpoints")
    parser.add_argument("--speed", type=float, help="emulated seconds per real second; as it was last when not given, 1 at first")
    parser.add_argument("--pace", type=float, default=1.0, help="divides how long operations take")
    parser.add_argument("--cores", type=int, default=300, help="the core quota of each region")
    parser.add_argument("--backends", choices=("real", "record"), default="real", help="record: the control plane alone")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    folder: Path = chosen.folder.resolve()
    os.umask(0o077)  # the state holds keys and passwords
    identity = ensure_identity(folder)
    with FileLock(folder / "server.lock", timeout=LOCK_SECONDS):  # two servers would carry out everything twice
        _serve(chosen, folder, identity)


def _serve(chosen: argparse.Namespace, folder: Path, identity: Identity) -> None:
    certificates, _ = ensure_certificates(folder.parent)
    options = Options(f"localhost:{chosen.storage_port}", speed=chosen.speed, pace=chosen.pace, cores=chosen.cores)
    store = Store(folder / STATE)

    def machines(store: Store) -> Backends:
        return RecordOnly(store) if chosen.backends == "record" else Machines(folder, folder.parent, chosen.storage_port)

    arm = Arm(store, identity, options, machines)
    serve(arm, Binding(chosen.port, certificates.certificate, certificates.key))


if __name__ == "__main__":
    main()
