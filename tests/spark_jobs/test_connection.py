"""Answers as servers send them, and as they should not, over a pair of sockets."""

import socket
from collections.abc import Iterator

import pytest

from spark_jobs.connection import Connection, ProtocolError, Response


class Pair:
    """A connection and the server's end of it. What the server says is sent before anything is asked."""

    def __init__(self) -> None:
        here, self.server = socket.socketpair()
        here.settimeout(5)
        self.connection = Connection(here)

    def ask(self, answer: bytes, method: str = "GET", body: bytes = b"", closes: bool = False) -> Response:
        self.server.sendall(answer)
        if closes:
            self.server.shutdown(socket.SHUT_WR)
        return self.connection.exchange(method, "/c/a?sig=s", {"Host": "h", "x-ms-version": "1"}, body)


@pytest.fixture
def pair() -> Iterator[Pair]:
    made = Pair()
    yield made
    made.connection.close()
    made.server.close()


def test_a_request_goes_out_whole(pair: Pair) -> None:
    pair.ask(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", "PUT", b"\x00body")
    assert pair.server.recv(1000) == b"PUT /c/a?sig=s HTTP/1.1\r\nHost: h\r\nx-ms-version: 1\r\n\r\n\x00body"


def test_a_header_cannot_smuggle_a_second_one(pair: Pair) -> None:
    with pytest.raises(ValueError, match="line break"):
        pair.connection.exchange("GET", "/", {"x": "a\r\nAuthorization: b"})


def test_headers_are_found_by_their_names_in_lower_case(pair: Pair) -> None:
    answer = pair.ask(b'HTTP/1.1 200 OK\r\nETag: "0x8D"\r\ncontent-length:2\r\nx-ms-empty:\r\n\r\nok')
    assert (answer.status, answer.body) == (200, b"ok")
    assert answer.headers == {"etag": '"0x8D"', "content-length": "2", "x-ms-empty": ""}
    assert pair.connection.reusable


def test_answers_follow_each_other(pair: Pair) -> None:
    pair.server.sendall(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nT: t\r\n\r\n"
    )
    pair.server.sendall(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\n!")
    assert pair.ask(b"").body == b"abc0123456789"
    assert (pair.ask(b"").status, pair.connection.reusable) == (404, True)


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 700\r\n\r\n"),
        ("HEAD", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 700\r\n\r\n"),
        ("DELETE", b"HTTP/1.1 204 No Content\r\n\r\n"),
    ],
)
def test_some_answers_have_no_body_whatever_they_say(pair: Pair, method: str, answer: bytes) -> None:
    assert pair.ask(answer, method).body == b""
    assert pair.connection.reusable


def test_a_server_that_closes_is_believed(pair: Pair) -> None:
    assert pair.ask(b"HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 1\r\n\r\na").body == b"a"
    assert not pair.connection.reusable


@pytest.mark.parametrize("version", [b"HTTP/1.0", b"HTTP/1.1"])
def test_without_a_length_the_body_ends_with_the_connection(pair: Pair, version: bytes) -> None:
    assert pair.ask(version + b" 200 OK\r\n\r\nall of it", closes=True).body == b"all of it"
    assert not pair.connection.reusable


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"", "closed before an answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not an HTTP answer"),
        (b"HTTP/1.1 2x0 OK\r\n\r\n", "not an HTTP answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "ends in the middle"),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "not a header"),
        (b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 300 + b"\r\n", "more than 200 headers"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "not a length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfour", "4 of 10 bytes"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "not a chunk's length"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n", "not a chunk's length"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n", "longer than it said"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "ends in the middle"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc", "3 of 9 bytes"),
    ],
)
def test_what_is_no_answer_or_half_of_one_is_an_error_that_may_be_tried_again(pair: Pair, answer: bytes, message: str) -> None:
    with pytest.raises(ProtocolError, match=message) as caught:
        pair.ask(answer, closes=True)
    assert isinstance(caught.value, OSError)
