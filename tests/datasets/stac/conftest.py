"""A small STAC API on localhost: items of raster files, storage that wants a token and answers ranges, a token service."""

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import rasterio
import rasterio.warp


@dataclass
class StacServer:
    """`files` are its scenes. A token is good for `uses` requests; `lifetime` is what it is said to be good for."""

    files: list[Path]
    page_size: int = 100
    link_method: str = "POST"
    uses: float = float("inf")
    lifetime: timedelta = timedelta(hours=1)
    protected: bool = True
    refuse: bool = False
    tokens: int = 0
    reads: list[int] = field(default_factory=list)
    searches: list[dict[str, Any]] = field(default_factory=list)
    left: float = 0
    url: str = ""

    @property
    def api(self) -> str:
        return f"{self.url}/stac/v1"

    @property
    def token_service(self) -> str:
        return f"{self.url}/sas/v1/token/"

    def search(self, query: dict[str, Any]) -> dict[str, Any]:
        """A page of the items that the query asks for."""
        self.searches.append(query)
        west, south, east, north = query["bbox"]
        begin, end = (moment[:10].replace("-", "") for moment in query["datetime"].split("/"))
        found = []
        for file in self.files:
            with rasterio.open(file) as source:
                left, bottom, right, top = rasterio.warp.transform_bounds(source.crs, "EPSG:4326", *source.bounds)
            day = re.findall(r"\d{8}", file.name)[0]
            if begin <= day <= end and left < east and west < right and bottom < north and south < top:
                found.append(self._item(file, day))
        first = int(query.get("token", 0))
        links = []
        if first + self.page_size < len(found):
            after = {"token": first + self.page_size}
            links.append({"rel": "next", "method": self.link_method, "href": f"{self.api}/search", "body": after, "merge": True})
            if self.link_method == "GET":
                rest = json.dumps({**query, **after})
                links[0] = {"rel": "next", "href": f"search?query={rest}"}
        return {"type": "FeatureCollection", "features": found[first : first + self.page_size], "links": links}

    def _item(self, file: Path, day: str) -> dict[str, Any]:
        return {
            "id": file.stem,
            "properties": {"datetime": f"{day[:4]}-{day[4:6]}-{day[6:]}T16:00:00Z"},
            "assets": {
                "metadata": {"href": f"{self.url}/files/{file.stem}.txt", "type": "text/plain"},
                "image": {"href": f"{self.url}/files/{file.name}", "type": "image/tiff; application=geotiff"},
            },
        }

    def token(self) -> dict[str, str]:
        self.tokens += 1
        self.left = self.uses
        return {"msft:expiry": (datetime.now(UTC) + self.lifetime).isoformat(), "token": f"se=soon&sig=secret{self.tokens}"}

    def allows(self, query: str) -> bool:
        """Whether the newest token is in the query, and not used up."""
        if not self.protected:
            return True
        self.left -= 1
        return not self.refuse and query == f"se=soon&sig=secret{self.tokens}" and self.left >= 0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stac: StacServer

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._json(200, self.stac.search(body)) if self.path == "/stac/v1/search" else self._json(404, {"detail": "no such path"})

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path == "/stac/v1/search":
            from urllib.parse import unquote_plus

            self._json(200, self.stac.search(json.loads(unquote_plus(query.removeprefix("query=")))))
        elif path == "/sas/v1/token/naip":
            self._json(200, self.stac.token())
        elif path.startswith("/files/"):
            self._file(path.removeprefix("/files/"), query)
        else:
            self._json(404, {"description": "no such path"})

    def _file(self, name: str, query: str) -> None:
        file = next((file for file in self.stac.files if file.name == name), None)
        if file is None:
            return self._json(404, {})
        if not self.stac.allows(query):
            return self._json(403, {"code": "AuthenticationFailed"})
        content = file.read_bytes()
        span = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        first, last = (int(span[1]), int(span[2] or len(content) - 1)) if span else (0, len(content) - 1)
        part = content[first : last + 1]
        if self.command == "GET":
            self.stac.reads.append(len(part))
        self.send_response(206 if span else 200)
        if span:
            self.send_header("Content-Range", f"bytes {first}-{first + len(part) - 1}/{len(content)}")
        self.send_header("Accept-Ranges", "bytes")
        self._end("image/tiff", part)
        return None

    def _json(self, status: int, value: dict[str, Any]) -> None:
        self.send_response(status)
        self._end("application/json", json.dumps(value).encode())

    def _end(self, kind: str, content: bytes) -> None:
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


@pytest.fixture
def stac() -> Iterator[StacServer]:
    """A server without files; a test adds its own."""
    server = StacServer([])
    handler = type("Handler", (_Handler,), {"stac": server})
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.url = f"http://127.0.0.1:{http.server_address[1]}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    http.shutdown()
    http.server_close()
