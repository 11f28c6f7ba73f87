"""A server that answers as Livy 0.7.1 does, with faults on demand."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pydantic import SecretStr

from aerial_ops.clouds.base import ClusterEndpoint


class LivyServer:
    """What it knows: `batches`; what it does wrong: `faults`, one for each coming request ("lose", "drop", an HTTP status)."""

    def __init__(self) -> None:
        self.batches: list[dict[str, Any]] = []
        self.logs: dict[int, list[str]] = {}
        self.faults: list[str | int] = []
        self.posts = 0
        self.url = ""

    def endpoint(self) -> ClusterEndpoint:
        return ClusterEndpoint(url=f"{self.url}/livy", user="admin", password=SecretStr("secret"))

    def accept(self, body: dict[str, Any]) -> tuple[int, Any]:
        self.posts += 1
        if any(batch["name"] == body["name"] for batch in self.batches):
            return 400, {"msg": f"Duplicate session name: {body['name']} for session 7"}
        self.batches.append(
            {
                "id": len(self.batches),
                "name": body["name"],
                "state": "starting",
                "appId": None,
                "log": [],
                "conf": body.get("conf", {}),
            }
        )
        return 201, self.batches[-1]

    def answer(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> tuple[int, Any]:
        parts = path.removeprefix("/livy/").split("/")
        if parts == ["batches"]:
            if method == "POST":
                return self.accept(body)
            start, size = int(query.get("from", 0)), int(query.get("size", 100))
            return 200, {"from": start, "total": len(self.batches), "sessions": self.batches[start : start + size]}
        batch = next((batch for batch in self.batches if str(batch["id"]) == parts[1]), None)
        if batch is None:
            return 404, {"msg": f"Session '{parts[1]}' not found."}
        if method == "DELETE":
            batch["state"] = "killed"
            return 200, {"msg": "deleted"}
        if parts[2:] == ["log"]:
            lines = self.logs.get(batch["id"], [])
            return 200, {"id": batch["id"], "from": 0, "total": len(lines), "log": lines}
        return 200, batch


@contextmanager
def livy_server() -> Iterator[LivyServer]:
    livy = LivyServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else {}
            path, _, query = self.path.partition("?")
            fault = livy.faults.pop(0) if livy.faults else None
            if fault == "drop":
                self.close_connection = True
                return
            status, data = livy.answer(self.command, path, dict(p.split("=") for p in query.split("&") if p), body)
            if fault == "lose":
                self.close_connection = True
                return
            if isinstance(fault, int):
                status, data = fault, {"msg": "as told"}
            raw = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = do_DELETE = handle_any

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    livy.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield livy
    finally:
        server.shutdown()
        server.server_close()
