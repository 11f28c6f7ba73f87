"""The transport against a TLS server that answers with what it was asked."""

import http.server
import json
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from azure.core.exceptions import ServiceRequestError
from azure.core.rest import HttpRequest

from aerial_ops.clouds.loopback import loopback_transport
from aerial_ops.emulator.certificates import Certificates, ensure_certificates


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = json.dumps({"host": self.headers["Host"], "path": self.path}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return ensure_certificates(tmp_path)[0]


@pytest.fixture
def port(certificates: Certificates) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.certificate, certificates.key)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def get(trust: Path | None, url: str) -> dict[str, str]:
    with loopback_transport(trust) as transport:
        response = transport.send(HttpRequest("GET", url))
        response.read()
        answer: dict[str, str] = json.loads(response.content)
        return answer


def test_the_name_is_found_on_this_machine_and_kept(certificates: Certificates, port: int) -> None:
    host = f"acc.blob.localhost:{port}"
    assert get(certificates.authority, f"https://{host}/a%20b?c=d") == {"host": host, "path": "/a%20b?c=d"}


def test_an_unknown_authority_is_not_trusted(certificates: Certificates, port: int, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other, _ = ensure_certificates(tmp_path / "other")
    for trust in (other.authority, None):
        with pytest.raises(ServiceRequestError, match="CERTIFICATE_VERIFY_FAILED"):
            get(trust, f"https://acc.blob.localhost:{port}/")


def test_a_name_that_is_not_in_the_certificate_is_not_trusted(certificates: Certificates, port: int) -> None:
    with pytest.raises(ServiceRequestError, match=r"doesn't match|[Hh]ostname mismatch"):
        get(certificates.authority, f"https://acc.blob.example.org:{port}/")


def test_the_proxy_of_the_environment_is_not_asked(
    certificates: Certificates, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    assert get(certificates.authority, f"https://acc.blob.localhost:{port}/")["path"] == "/"


def test_many_threads_share_it(certificates: Certificates, port: int) -> None:
    with loopback_transport(certificates.authority) as transport, ThreadPoolExecutor(8) as pool:

        def ask(number: int) -> str:
            response = transport.send(HttpRequest("GET", f"https://acc.blob.localhost:{port}/{number}"))
            response.read()
            return str(json.loads(response.content)["path"])

        assert list(pool.map(ask, range(64))) == [f"/{number}" for number in range(64)]
