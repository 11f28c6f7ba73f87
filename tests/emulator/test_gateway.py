import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from aerial_ops.emulator.connection import Connection, write_connection
from aerial_ops.emulator.gateway import application, refusal
from aerial_ops.emulator.ports import free_port

AUTH = ("admin", "pass:word")


class Livy:
    """A server that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                asked.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                if self.path == "/hang-up":
                    return
                self.send_response(201 if self.command == "POST" else 200)
                self.send_header("Location", "/batches/7")
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(b'{"id": 7}')

            do_GET = do_POST = do_DELETE = answer

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def livy() -> Iterator[Livy]:
    livy = Livy()
    yield livy
    livy.server.shutdown()
    livy.server.server_close()


class Client:
    """Asks a gateway as one client after the other."""

    def __init__(self, folder: Path) -> None:
        self.app = application(folder)

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with self.app.router.lifespan_context(self.app), httpx.AsyncClient(transport=transport) as client:
                return await client.request(method, f"https://localhost{path}", **options)

        return asyncio.run(ask())

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.ask("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.ask("POST", path, **options)


def client_for(folder: Path, livy_port: int) -> Client:
    user, password = AUTH
    write_connection(
        folder,
        Connection(
            account="a", key="k", livy_url="https://b:2/livy", livy_user=user, livy_password=password,
            livy_port=livy_port,
        ),
    )  # fmt: skip
    return Client(folder)


@pytest.fixture
def client(tmp_path: Path, livy: Livy) -> Client:
    return client_for(tmp_path, livy.server.server_port)


def test_forwards_as_a_cluster_does(client: Client, livy: Livy) -> None:
    answer = client.get("/livy/batches?from=0&size=5", auth=AUTH, headers={"X-Requested-By": "me"})
    assert (answer.status_code, answer.json()) == (200, {"id": 7})
    assert answer.headers["location"] == "/batches/7"
    (method, path, headers, _) = livy.asked[0]
    assert (method, path, headers["x-requested-by"]) == ("GET", "/batches?from=0&size=5", "me")
    assert "authorization" not in headers
    order = {"file": "wasbs://c@a/x.py", "args": ["ä"]}
    assert client.post("/livy/batches", auth=AUTH, json=order).status_code == 201
    assert json.loads(livy.asked[1][3]) == order
    assert client.ask("DELETE", "/livy/batches/7", auth=AUTH).status_code == 200
    assert livy.asked[2][:2] == ("DELETE", "/batches/7")


@pytest.mark.parametrize("header", [None, "", "Basic", "Basic !!!", "Bearer abc", "Basic YWRtaW46d3Jvbmc=", "Basic YWRtaW4="])
def test_without_the_right_credentials_nothing_gets_through(client: Client, livy: Livy, header: str | None) -> None:
    answer = client.get("/livy/batches", headers={} if header is None else {"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic realm=")
    assert livy.asked == []


@pytest.mark.parametrize("path", ["/", "/batches", "/livyx/batches", "/ui"])
def test_only_livy_is_there(client: Client, livy: Livy, path: str) -> None:
    assert client.get(path, auth=AUTH).status_code == 404
    assert livy.asked == []


@pytest.mark.parametrize(
    "order",
    [
        {"file": "/home/me/x.py"},
        {"file": "x.py"},
        {"file": "file:///home/me/x.py"},
        {"file": "hdfs://host/x.py"},
        {"file": "https://host/x.py"},
        {"file": "wasbs://c@a/x.py", "pyFiles": ["wasbs://c@a/y.zip", "/tmp/z.zip"]},
        {"file": "wasbs://c@a/x.py", "jars": ["local:/opt/x.jar"]},
        {"file": "wasbs://c@a/x.py", "files": ["data.csv"]},
        {"file": "wasbs://c@a/x.py", "archives": ["env.tar.gz"]},
    ],
)
def test_files_that_are_not_in_storage_are_refused_in_livys_words(client: Client, livy: Livy, order: dict[str, Any]) -> None:
    answer = client.post("/livy/batches", auth=AUTH, json=order, headers={"X-Requested-By": "me"})
    assert answer.status_code == 400
    assert answer.json()["msg"].startswith("requirement failed: Local path ")
    assert answer.json()["msg"].endswith(" cannot be added to user sessions.")
    assert livy.asked == []


@pytest.mark.parametrize("scheme", ["wasb", "wasbs", "abfs", "abfss", "WASBS"])
def test_files_in_storage_pass(scheme: str) -> None:
    address = f"{scheme}://c@a.blob.localhost:1/x.py"
    assert refusal({"file": address, "pyFiles": [address], "jars": [], "args": ["/not/a/file"]}) == ""


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'"x"', b'{"file": 3}', b'{"jars": [null]}', b"\xff"])
def test_what_is_no_order_is_livys_to_judge(client: Client, livy: Livy, body: bytes) -> None:
    assert client.post("/livy/batches", auth=AUTH, content=body).status_code == 201
    assert livy.asked[0][3] == body


def test_a_livy_that_is_down_or_hangs_up_is_a_bad_gateway(client: Client, tmp_path: Path) -> None:
    answer = client.get("/livy/hang-up", auth=AUTH)
    assert (answer.status_code, answer.text[:19]) == (502, "502 - Web server re")
    assert client_for(tmp_path, free_port()).get("/livy/batches", auth=AUTH).status_code == 502


def test_new_secrets_and_ports_count_at_once(client: Client, tmp_path: Path, livy: Livy) -> None:
    connection = Connection.model_validate_json((tmp_path / "connection.json").read_text())
    write_connection(tmp_path, connection.model_copy(update={"livy_password": "new"}))
    assert client.get("/livy/batches", auth=AUTH).status_code == 401
    assert client.get("/livy/batches", auth=("admin", "new")).status_code == 200
