"""The gateway: HTTPS with basic authentication in front of Livy, at /livy, as an HDInsight cluster has it.

As on a cluster, what a job names (its file, jars, Python files, files, archives) must lie in storage.
Run as `python -m aerial_ops.emulator.gateway FOLDER PORT`; addresses and secrets are read from the folder, not from arguments.
"""

import base64
import json
import os
import secrets
import ssl
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aerial_ops.emulator.certificates import Certificates
from aerial_ops.emulator.connection import Connection, read_connection
from aerial_ops.emulator.processes import Service

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

NAME = "gateway"
STORAGE_SCHEMES = frozenset({"wasb", "wasbs", "abfs", "abfss"})
FILE_FIELDS = ("file", "jars", "pyFiles", "files", "archives")
HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade"}
)
NOT_SENT_ON = HOP_BY_HOP | {"authorization", "host", "content-length"}
NOT_SENT_BACK = HOP_BY_HOP | {"content-length", "content-encoding", "server", "date"}
BAD_GATEWAY = "502 - Web server received an invalid response while acting as a gateway or proxy server."
GATEWAY_TIMEOUT = "504 - Gateway Timeout: the server did not answer in time."


def service(folder: Path, port: int, connection: Connection, certificates: Certificates) -> Service:
    """The gateway of the emulator in `folder`."""
    command = [sys.executable, "-P", "-m", "aerial_ops.emulator.gateway", str(folder), str(port)]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("AERIAL_OPS_", "AZURE_"))}
    return Service(NAME, "The gateway", port, command, environment, lambda: answers(port, connection, certificates))


def answers(port: int, connection: Connection, certificates: Certificates) -> bool:
    """Whether the gateway answers with the right certificate, and knows the connection's user."""
    import httpx

    try:
        trust = ssl.create_default_context(cafile=str(certificates.authority))
        with httpx.Client(verify=trust, trust_env=False, timeout=5) as client:
            answer = client.get(f"https://127.0.0.1:{port}/", auth=(connection.livy_user, connection.livy_password))
            return answer.status_code == 404 and answer.headers.get("server") == NAME
    except (httpx.HTTPError, OSError):
        return False


def refusal(order: Any) -> str:
    """Why a job with these fields may not run, in Livy's words; empty when it may."""
    if not isinstance(order, Mapping):
        return ""
    for name in FILE_FIELDS:
        value = order.get(name)
        for address in value if isinstance(value, list) else [value]:
            if isinstance(address, str) and urlsplit(address).scheme.lower() not in STORAGE_SCHEMES:
                return f"requirement failed: Local path {address} cannot be added to user sessions."
    return ""


def application(folder: Path) -> "Starlette":
    """The gateway as an ASGI application."""
    import httpx
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse, PlainTextResponse, Response
    from starlette.routing import Route

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        limits = httpx.Limits(max_connections=64)
        async with httpx.AsyncClient(trust_env=False, timeout=120, limits=limits) as client:
            app.state.client = client
            yield

    async def forward(request: "Request") -> "Response":
        there = read_connection(folder)
        if there is None or not _admits(there, request.headers.get("authorization", "")):
            return PlainTextResponse("Unauthorized", 401, {"WWW-Authenticate": 'Basic realm="livy"'})
        path = request.url.path
        if path != "/livy" and not path.startswith("/livy/"):
            return PlainTextResponse("Not Found", 404)
        body = await request.body()
        reason = refusal(_json(body)) if request.method == "POST" else ""
        if reason:
            return JSONResponse({"msg": reason}, 400)
        target = f"http://127.0.0.1:{there.livy_port}{path.removeprefix('/livy') or '/'}"
        try:
            answer = await request.app.state.client.request(
                request.method,
                target + (f"?{request.url.query}" if request.url.query else ""),
                content=body,
                headers=[pair for pair in request.headers.items() if pair[0].lower() not in NOT_SENT_ON],
            )
        except httpx.TimeoutException:
            return PlainTextResponse(GATEWAY_TIMEOUT, 504)
        except httpx.TransportError:
            return PlainTextResponse(BAD_GATEWAY, 502)
        back = {key: value for key, value in answer.headers.items() if key.lower() not in NOT_SENT_BACK}
        return Response(answer.content, answer.status_code, back)

    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    return Starlette(routes=[Route("/{path:path}", forward, methods=methods)], lifespan=lifespan)


def _admits(there: Connection, header: str) -> bool:
    kind, _, value = header.partition(" ")
    try:
        given = base64.b64decode(value, validate=True)
    except ValueError:
        return False
    known = f"{there.livy_user}:{there.livy_password}".encode()
    return kind.lower() == "basic" and secrets.compare_digest(given, known)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None  # Livy says what is wrong with it


def main(folder: Path, port: int) -> None:
    """Serve until SIGTERM."""
    import uvicorn

    certificates = Certificates.within(folder)
    uvicorn.run(
        application(folder),
        host="127.0.0.1",
        port=port,
        ssl_certfile=str(certificates.certificate),
        ssl_keyfile=str(certificates.key),
        headers=[("server", NAME)],
        server_header=False,
        log_level="info",
        timeout_keep_alive=75,  # longer than clients pause between two polls
        timeout_graceful_shutdown=2,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
