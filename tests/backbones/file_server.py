"""A local server of one file, with the faults that a download meets."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class FileServer:
    """Serves `data` at any path. `cuts` are the numbers of bytes after which the next answers break off; `statuses` come first.

    `requests` keeps each request's Range header ("" without one); `redirects` paths answer with a redirect to /file.
    """

    data: bytes
    ranges: bool = True
    tells_length: bool = True
    cuts: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    redirect_from: str = ""
    requests: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving(server: FileServer) -> Iterator[FileServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if server.redirect_from and self.path == server.redirect_from:
                self.send_response(302)
                self.send_header("Location", f"{server.url}/file")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            wanted = self.headers.get("Range", "")
            server.requests.append(wanted)
            if server.statuses:
                self.send_error(server.statuses.pop(0))
                return
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and server.ranges else 0
            if start >= len(server.data) > 0 and start:
                self.send_error(416)
                return
            body = server.data[start:]
            self.send_response(206 if wanted and server.ranges else 200)
            if server.tells_length:
                self.send_header("Content-Length", str(len(body)))
            if wanted and server.ranges:
                self.send_header("Content-Range", f"bytes {start}-{len(server.data) - 1}/{len(server.data)}")
            self.end_headers()
            self.wfile.write(body[: server.cuts.pop(0)] if server.cuts else body)
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None: ...

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    server.url = f"http://127.0.0.1:{http.server_port}"
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
