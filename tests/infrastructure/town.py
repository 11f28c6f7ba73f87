"""A whole emulated Azure in this process for the phases: the control plane, a blob service that says yes, sites on it."""

import http.server
import re
import ssl
import threading
from pathlib import Path
from typing import Any

from aerial_ops.clouds.emulator import EmulatorCloud
from aerial_ops.emulator.arm.lifecycle import FILE, FOLDER, ArmConnection
from aerial_ops.emulator.certificates import Certificates, ensure_certificates
from aerial_ops.infrastructure.site import Site
from aerial_ops.reporting import SILENT, Reporter
from aerial_ops.settings import Settings
from tests.emulator.arm.cloud import EmulatedCloud


class BlobService:
    """Answers every upload with 201 and remembers it: what stands behind every account."""

    def __init__(self, port: int, certificates: Certificates) -> None:
        self.blobs: dict[str, bytes] = {}
        self.addresses: list[str] = []
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


class Town:
    """One emulated Azure below `home`, as a user's `home` holds it, with the control plane served by this process."""

    def __init__(self, home: Path, **options: Any) -> None:
        self.home = home
        folder = home / "emulator"
        folder.mkdir(parents=True)
        certificates = ensure_certificates(folder, "aerialops")[0]
        self.arm = EmulatedCloud(folder / FOLDER, certificates, **options)
        self.blobs = BlobService(self.arm.storage_port, certificates)
        identity = self.arm.identity
        self.connection = ArmConnection(
            url=self.arm.url,
            storage_suffix=f"localhost:{self.arm.storage_port}",
            tenant=identity.tenant,
            subscription=self.arm.subscription,
            client_id=identity.client_id,
            client_secret=identity.client_secret,
            control_token=identity.control_token,
            ca_file=str(certificates.authority),
            backends="record",
        )
        (folder / FOLDER / FILE).write_text(self.connection.model_dump_json())

    def site(self, environment: str = "trial", report: Reporter = SILENT, home: Path | None = None, **settings: Any) -> Site:
        """An environment on it; another `home` is another machine."""
        values = {"workers": 2, "ttl": "2h", "owner": "ops@example.com", **settings}
        made = Settings(cloud="emulator", environment=environment, home=home or self.home, **values)
        return Site(made, TownCloud(made, self.home), report)

    def close(self) -> None:
        self.blobs.close()
        self.arm.close()

    def names(self) -> list[str]:
        """What exists, as TYPE/NAME without what lives inside of something else."""
        found = [item["id"] for item in self.arm.control.get("state").json()["resources"]]
        return sorted(
            "/".join(id.split("/")[-2:]) for id in found if re.search("/resourceGroups/", id) and id.count("/") in (4, 8)
        )

    def clusters(self) -> list[str]:
        return [name for name in self.names() if name.startswith("clusters/")]


class TownCloud(EmulatorCloud):
    """The emulator's cloud, which runs already; `town_home` is where, whatever home the settings name."""

    def __init__(self, settings: Settings, town_home: Path) -> None:
        super().__init__(settings)
        self._folder = town_home / "emulator"

    def open(self, report: Reporter) -> None: ...
