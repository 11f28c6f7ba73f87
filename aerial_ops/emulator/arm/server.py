"""The server: uvicorn over TLS on 127.0.0.1, in this thread."""

import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from aerial_ops.emulator.arm.app import build_app
from aerial_ops.emulator.arm.connections import TrackedProtocol
from aerial_ops.emulator.arm.service import Arm

KEEP_ALIVE = 75  # seconds: a client's pool never meets a connection that the server has just closed


@dataclass(frozen=True)
class Binding:
    """Where the server listens and what it shows: files in PEM."""

    port: int
    certificate: Path
    key: Path


def build_server(arm: Arm, binding: Binding) -> uvicorn.Server:
    """A server for `arm` that is not yet started."""
    config = uvicorn.Config(
        build_app(arm),
        host="127.0.0.1",
        port=binding.port,
        ssl_certfile=binding.certificate,
        ssl_keyfile=binding.key,
        http=TrackedProtocol,
        lifespan="off",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


def listening_socket(port: int) -> socket.socket:
    """A socket on 127.0.0.1:`port`."""
    # With the protocol named, asyncio sets TCP_NODELAY: without it each answer waits 40 ms for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    return listener


def start_over(down: float) -> None:
    """As after a kill: this process stops in the middle of everything, and starts anew after `down` real seconds."""
    code = "import os, sys, time; time.sleep(float(sys.argv[1])); os.execv(sys.executable, [sys.executable, *sys.argv[2:]])"
    os.closerange(3, 65536)  # connections end now, not when the new program starts
    os.execv(sys.executable, [sys.executable, "-c", code, str(down), *sys.orig_argv[1:]])  # noqa: S606 - this very program


def serve(arm: Arm, binding: Binding) -> None:
    """Serve until SIGTERM or SIGINT."""
    arm.restart = start_over
    arm.start()
    try:
        build_server(arm, binding).run([listening_socket(binding.port)])
    finally:
        arm.stop()
