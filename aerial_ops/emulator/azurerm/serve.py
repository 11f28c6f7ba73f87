"""The plugin side of Terraform's handshake: mutual TLS on a Unix socket, the controller and stdio services, signals.

The `tf` package's own runner ends the server on SIGINT (which a terminal sends to every process of the group) and when
Terraform says Stop. Both would lose an apply under way, so this one does not.
"""

import base64
import datetime as dt
import json
import os
import signal
import sys
import tempfile
import threading
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from tf.gen import grpc_controller_pb2 as controller_pb
from tf.gen import grpc_controller_pb2_grpc as controller_rpc
from tf.gen import grpc_stdio_pb2_grpc as stdio_rpc
from tf.gen import tfplugin_pb2_grpc as rpc

from aerial_ops.emulator.azurerm.mirror import ADDRESS

_COOKIE = ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2")
_PROTOCOL = 6
_WORKERS = 64  # Terraform walks 10 resources at a time; none may wait for another's slow create


class _Controller(controller_rpc.GRPCControllerServicer):  # type: ignore[misc]
    def __init__(self, done: threading.Event) -> None:
        self._done = done

    def Shutdown(self, request: Any, context: Any) -> Any:
        self._done.set()
        return controller_pb.Empty()


class _Stdio(stdio_rpc.GRPCStdioServicer):  # type: ignore[misc]
    def StreamStdio(self, request: Any, context: Any) -> Any:
        return iter(())


def _server(provider: Any, shutdown: threading.Event) -> grpc.Server:
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=_WORKERS))
    rpc.add_ProviderServicer_to_server(provider, server)
    controller_rpc.add_GRPCControllerServicer_to_server(_Controller(shutdown), server)
    stdio_rpc.add_GRPCStdioServicer_to_server(_Stdio(), server)
    return server


def serve(provider: Any) -> None:
    """Serve one Terraform command, which has started this process, until it says Shutdown or is gone."""
    if os.environ.get(_COOKIE[0]) != _COOKIE[1]:
        sys.exit("This is a Terraform provider plugin: Terraform starts it. Use --reattach FILE to serve many commands.")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    done = threading.Event()
    server = _server(provider, done)
    with tempfile.TemporaryDirectory(prefix="azrm") as folder:  # short: a socket's path has 107 bytes at most
        socket = f"{folder}/s"
        der, key, pem = _certificate()
        server.add_secure_port(f"unix://{socket}", grpc.ssl_server_credentials([(key, pem)]))
        server.start()
        line = ["1", str(_PROTOCOL), "unix", socket, "grpc", base64.b64encode(der).decode().rstrip("=")]
        sys.stdout.write("|".join(line) + "\n")
        sys.stdout.flush()
        parent = os.getppid()
        while not done.wait(0.5) and os.getppid() == parent:  # a Terraform that was killed says nothing
            pass
        server.stop(grace=None)


def serve_reattached(provider: Any, file: Path) -> None:
    """Serve any number of Terraform commands until SIGTERM; `file` receives the value for TF_REATTACH_PROVIDERS.

    A command's Shutdown ends only the command, so one process and one sign-in serve many tests.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    done = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: done.set())
    server = _server(provider, threading.Event())
    with tempfile.TemporaryDirectory(prefix="azrm") as folder:
        socket = f"{folder}/s"
        server.add_insecure_port(f"unix://{socket}")
        server.start()
        address = {"Network": "unix", "String": socket}
        plugin = {"Protocol": "grpc", "ProtocolVersion": _PROTOCOL, "Pid": os.getpid(), "Test": True, "Addr": address}
        part = file.with_name(file.name + ".part")
        part.write_text(json.dumps({ADDRESS: plugin}))
        part.replace(file)
        parent = os.getppid()
        while not done.wait(0.5) and os.getppid() == parent:
            pass
        server.stop(grace=None)


def _certificate() -> tuple[bytes, bytes, bytes]:
    """A fresh certificate for this process alone: DER, key, PEM. Go wants the name in the SAN."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return certificate.public_bytes(serialization.Encoding.DER), private, certificate.public_bytes(pem)
