"""Faults of a real HTTP server on localhost."""

import base64
import hashlib
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from spark_jobs.blobs import BlobStore
from spark_jobs.errors import NotFoundError, StorageError
from spark_jobs.transport import Transport

Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """Answers requests with the given answers in turn, the last one for ever."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[str] = []
        self.connections = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                outer.connections += 1
                super().setup()

            def do_GET(self) -> None:
                outer.requests.append(self.path)
                answer = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                answer(self)

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()
        self.url = f"http://store.example:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def say(status: int, body: bytes = b"", **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.connection.close()


def half(handler: BaseHTTPRequestHandler) -> None:
    say(200, b"only a part", **{"Content-Length": "1000"})(handler)
    handler.close_connection = True


def polite_close(handler: BaseHTTPRequestHandler) -> None:
    say(200, b"ok")(handler)
    handler.close_connection = True  # without a word, as servers do with idle connections


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def transport(server: Server, pauses: list[float]) -> Transport:
    return Transport(server.url, connect_to="127.0.0.1", sleep=pauses.append)


def test_one_connection_serves_many_requests(server: Server, transport: Transport) -> None:
    server.answers = [say(200, b"ok")]
    assert [transport.request("GET", f"/{number}").body for number in range(5)] == [b"ok"] * 5
    assert server.connections == 1


def test_each_thread_has_its_own_connection(server: Server, transport: Transport) -> None:
    server.answers = [say(200, b"ok")]
    for _ in range(2):
        thread = threading.Thread(target=transport.request, args=("GET", "/"))
        thread.start()
        thread.join()
    assert server.connections == 2


def test_a_connection_that_the_server_closed_is_replaced_without_a_pause(
    server: Server, transport: Transport, pauses: list[float]
) -> None:
    server.answers = [polite_close, say(200, b"ok")]
    assert [transport.request("GET", "/").body for _ in range(2)] == [b"ok", b"ok"]
    assert pauses == []


@pytest.mark.parametrize("fault", [say(503), say(500), say(429), hang_up, half], ids=["503", "500", "429", "hang-up", "half"])
def test_passing_faults_are_tried_again(server: Server, transport: Transport, pauses: list[float], fault: Answer) -> None:
    server.answers = [fault, fault, fault, say(200, b"ok")]
    assert transport.request("GET", "/").body == b"ok"
    assert len(pauses) == 3
    assert all(0.05 <= pause <= 0.4 for pause in pauses)


def test_retry_after_is_honoured(server: Server, transport: Transport, pauses: list[float]) -> None:
    server.answers = [say(503, Retry_After="7"), say(200)]
    transport.request("GET", "/")
    assert pauses == [7.0]


def test_refusals_are_not_tried_again(server: Server, transport: Transport) -> None:
    server.answers = [say(404)]
    assert transport.request("GET", "/").status == 404
    assert len(server.requests) == 1


def test_it_gives_up_after_its_time(server: Server) -> None:
    server.answers = [say(503)]
    with pytest.raises(StorageError, match=r"did not answer for 1 seconds \(HTTP 503\)"):
        Transport(server.url, "127.0.0.1", retry_seconds=0.6).request("GET", "/")
    assert len(server.requests) > 1


def test_a_server_that_is_away_is_named(server: Server) -> None:
    with pytest.raises(StorageError, match=r"store\.example:1 did not answer .*refused"):
        Transport("http://store.example:1", "127.0.0.1", retry_seconds=0.2).request("GET", "/")


def test_a_damaged_body_is_read_again(server: Server) -> None:
    right = base64.b64encode(hashlib.md5(b"whole").digest()).decode()
    server.answers = [say(200, b"whale", Content_MD5=right), say(200, b"whole", Content_MD5=right)]
    assert BlobStore(server.url, {"c": "sig=s"}, "127.0.0.1").get("c", "a b/ü%.png") == b"whole"
    assert server.requests == ["/c/a%20b/%C3%BC%25.png?sig=s"] * 2


def test_missing_and_forbidden_are_told_apart(server: Server) -> None:
    store = BlobStore(server.url, {"c": "sig=secret"}, "127.0.0.1")
    server.answers = [say(404, x_ms_error_code="BlobNotFound"), say(403, x_ms_error_code="AuthenticationFailed")]
    with pytest.raises(NotFoundError, match=r"read c/x: it does not exist \(HTTP 404 BlobNotFound\)"):
        store.get("c", "x")
    with pytest.raises(StorageError, match=r"refused \(HTTP 403 AuthenticationFailed\)") as caught:
        store.get("c", "x")
    assert "secret" not in str(caught.value)
    with pytest.raises(StorageError, match="no access to the container other"):
        store.get("other", "x")


def test_a_listing_goes_through_all_pages(server: Server) -> None:
    page = "<EnumerationResults><Blobs>{}</Blobs><NextMarker>{}</NextMarker></EnumerationResults>"
    about = "<Properties><Content-Length>7</Content-Length><Etag>0x1</Etag><Content-MD5>x==</Content-MD5></Properties>"
    first = page.format("<Blob><Name>a&amp;b.png</Name>" + about + "</Blob>", "m 1")
    second = page.format(
        '<Blob><Name Encoded="true">c%EF%BF%BE.png</Name><Properties><Etag>"0x8D"</Etag></Properties></Blob>', ""
    )
    server.answers = [say(200, first.encode()), say(200, b"<broken"), say(200, second.encode())]
    store = BlobStore(server.url, {"c": "sig=s"}, "127.0.0.1")
    assert list(store.list("c", "x/")) == [("a&b.png", 7, "md5:x=="), ("c\ufffe.png", 0, "etag:0x8D")]
    assert len(server.requests) == 3
    assert "marker=m+1" in server.requests[1]
    assert server.requests[1] == server.requests[2]
    server.answers = [say(200, b"<EnumerationResults><Blobs><Blob></EnumerationResults>")]
    with pytest.raises(StorageError, match="list c/: the answer is no listing"):
        list(store.list("c"))


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for store.example that vouches for itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "store.example")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("store.example")]), critical=False)
    signed = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    file = tmp_path / "certificate.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + private)
    return file


def test_tls_is_checked_against_the_hosts_name(server: Server, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.server.socket = context.wrap_socket(server.server.socket, server_side=True)
    server.answers = [say(200, b"ok")]
    port = server.server.server_port
    with pytest.raises(StorageError, match="certificate that is not trusted"):
        Transport(f"https://store.example:{port}", "127.0.0.1").request("GET", "/")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert Transport(f"https://store.example:{port}", "127.0.0.1").request("GET", "/").body == b"ok"
    with pytest.raises(StorageError, match=r"other\.example.* certificate that is not trusted .*[Hh]ostname mismatch"):
        Transport(f"https://other.example:{port}", "127.0.0.1").request("GET", "/")
