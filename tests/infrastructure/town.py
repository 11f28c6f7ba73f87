"""A whole emulated Azure for the phases: the control plane, a blob service that says yes, sites on it."""

import http.server
import os
import re
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx

from aerial_ops.clouds.emulator import EmulatorCloud
from aerial_ops.emulator.arm import lifecycle
from aerial_ops.emulator.arm.addresses import FILE, FOLDER, ArmConnection
from aerial_ops.emulator.certificates import Certificates, ensure_certificates
from aerial_ops.infrastructure.site import Site
from aerial_ops.reporting import SILENT, Reporter
from aerial_ops.settings import Settings
from tests.emulator.arm.cloud import EmulatedCloud
from tests.terraform.stack import start_provider

SETTINGS = {"workers": 2, "ttl": "2h", "owner": "ops@example.com"}


class BlobService:
    """Answers every upload with 201 and remembers it: what stands behind every account."""

    def __init__(self, port: int, certificates: Certificates) -> None:
        self.blobs: dict[str, bytes] = {}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.blobs[f"{self.headers['Host'].split('.')[0]}{self.path.split('?')[0]}"] = body
                self.send_response(201)
                self.send_header("Content-Length", "0")
                self.send_header("ETag", '"0x1"')
                self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
                self.send_header("x-ms-request-id", "1")
                self.send_header("x-ms-version", "2025-01-05")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.certificate, certificates.key)
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Emulated:
    """What every emulated Azure of the tests can be asked."""

    home: Path
    connection: ArmConnection
    control: httpx.Client
    blobs: BlobService

    def fault(self, kind: str, **more: Any) -> None:
        self.control.post("faults", json={"kind": kind, **more}).raise_for_status()

    def no_faults(self) -> None:
        self.control.delete("faults").raise_for_status()

    def names(self) -> list[str]:
        """What exists, as TYPE/NAME without what lives inside of something else."""
        found = [item["id"] for item in self.control.get("state").json()["resources"]]
        return sorted(
            "/".join(id.split("/")[-2:]) for id in found if re.search("/resourceGroups/", id) and id.count("/") in (4, 8)
        )

    def clusters(self) -> list[str]:
        return [name for name in self.names() if name.startswith("clusters/")]


class Town(_Emulated):
    """One emulated Azure below `home`, served by this process; one provider process serves every Terraform, which is faster."""

    def __init__(self, home: Path, *, one_provider: bool = True, **options: Any) -> None:
        self.home = home
        folder = home / "emulator"
        folder.mkdir(parents=True)
        certificates = ensure_certificates(folder)[0]
        self.arm = EmulatedCloud(folder / FOLDER, certificates, **options)
        self.control = self.arm.control
        self.blobs = BlobService(self.arm.storage_port, certificates)
        self.connection = self.arm.connection(backends="record")
        (folder / FOLDER / FILE).write_text(self.connection.model_dump_json())
        self.environment: dict[str, str] = {}
        self._provider: subprocess.Popen[bytes] | None = None
        if one_provider:
            self._provider, reattach = start_provider(home, {**os.environ, **self.connection.terraform_environment()})
            self.environment["TF_REATTACH_PROVIDERS"] = reattach

    def site(self, environment: str = "trial", report: Reporter = SILENT, home: Path | None = None, **settings: Any) -> Site:
        """An environment on it; another `home` is another machine."""
        made = Settings(cloud="emulator", environment=environment, home=home or self.home, **{**SETTINGS, **settings})
        return Site(made, TownCloud(made, self), report)

    def close(self) -> None:
        if self._provider is not None:
            self._provider.terminate()
            self._provider.wait(30)
        self.blobs.close()
        self.arm.close()


class TownCloud(EmulatorCloud):
    """The emulator's cloud, which runs already, wherever the settings' home is."""

    def __init__(self, settings: Settings, town: Town) -> None:
        super().__init__(settings)
        self._folder, self._more = town.home / "emulator", town.environment

    def open(self, report: Reporter) -> None: ...

    def terraform_environment(self) -> dict[str, str]:
        return {**super().terraform_environment(), **self._more}


class Metropolis(_Emulated):
    """One emulated Azure in a process of its own, as users have it, and the command line."""

    def __init__(self, home: Path, *, pace: float = 1000.0) -> None:
        self.home = home
        self.connection = lifecycle.start(home / "emulator", pace=pace, cores=10_000, backends="record")
        certificates = Certificates.within(home / "emulator")
        self.blobs = BlobService(self.connection.storage_port, certificates)
        self.control = httpx.Client(
            base_url=f"{self.connection.url}/__emulator/",
            verify=ssl.create_default_context(cafile=self.connection.ca_file),
            trust_env=False,
            timeout=60,
            headers={"Authorization": f"Bearer {self.connection.control_token}"},
        )

        variables = {**os.environ, **self.connection.terraform_environment()}
        self._provider, self._reattach = start_provider(home, variables)

    def close(self) -> None:
        self._provider.terminate()
        self._provider.wait(30)
        self.control.close()
        self.blobs.close()
        lifecycle.stop(self.home / "emulator")

    def start(self, *arguments: str, own_provider: bool = False, **environment: str) -> "subprocess.Popen[str]":
        """The command line, started in a session of its own; unless it shall have its own, one provider serves all."""
        shared = {} if own_provider else {"TF_REATTACH_PROVIDERS": self._reattach}
        return subprocess.Popen(
            [sys.executable, "-c", "from aerial_ops.cli.app import main; main()", "--home", str(self.home), *arguments],
            env={**clean_environment(), "AERIAL_OPS_WORKERS": "2", **shared, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, code: int = 0, own_provider: bool = False, **environment: str) -> tuple[str, str]:
        """What a command says on stdout and stderr."""
        process = self.start(*arguments, own_provider=own_provider, **environment)
        out, err = process.communicate(timeout=300)
        assert process.returncode == code, f"{arguments}: {process.returncode}\n{out}\n{err}"
        return out, err

    def of(self, environment: str) -> list[dict[str, Any]]:
        """The resources of one environment."""
        found: list[dict[str, Any]] = self.control.get("state").json()["resources"]
        return [item for item in found if f"/resourcegroups/aerial-ops-{environment}" in f"{item['id'].lower()}/"]


def clean_environment() -> dict[str, str]:
    """This process's environment without what steers the kit, Terraform or Azure."""
    mine = ("AERIAL_OPS_", "AZURE_", "ARM_", "TF_")
    return {name: value for name, value in os.environ.items() if not name.startswith(mine) or name == "AERIAL_OPS_CACHE"}
