"""The ASGI application: HTTP in, `Arm.handle`, HTTP out."""

import asyncio
import uuid
from email.utils import format_datetime

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from aerial_ops.emulator.arm.connections import cut
from aerial_ops.emulator.arm.faults import Fault
from aerial_ops.emulator.arm.messages import Answer, Call
from aerial_ops.emulator.arm.service import Arm

METHODS = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"]


class _Cut(Response):
    """No answer at all: the connection ends."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cut(scope)
        await asyncio.sleep(0.01)  # the server learns of it before this returns


def build_app(arm: Arm) -> Starlette:
    """The application that serves `arm`; the caller starts and stops it."""

    async def endpoint(request: Request) -> Response:
        call = Call(
            method=request.method,
            path=f"/{request.url.path.strip('/')}",  # Terraform's azurerm backend begins with two slashes
            query=dict(request.query_params),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.body(),
            base=f"https://{request.headers.get('host', 'localhost')}",
        )
        answer, fault = await run_in_threadpool(arm.handle, call)
        if fault is not None and fault.kind in ("drop", "lose", "restart"):
            return _ended(arm, fault)
        pause = answer.hold + (float(fault.args.get("seconds", 1)) if fault is not None and fault.kind == "delay" else 0)
        if pause:
            await asyncio.sleep(pause)
        return _response(arm, call, answer)

    return Starlette(routes=[Route("/{path:path}", endpoint, methods=METHODS)])


def _ended(arm: Arm, fault: Fault) -> Response:
    if fault.kind == "restart":
        arm.restart(float(fault.args.get("down", 0)))
    return _Cut()


def _response(arm: Arm, call: Call, answer: Answer) -> Response:
    id = str(uuid.uuid4())
    headers = {
        "Date": format_datetime(arm.clock.moment().replace(microsecond=0), usegmt=True),  # the emulated time
        "Cache-Control": "no-cache",
        "x-ms-request-id": id,
        "x-ms-correlation-request-id": call.headers.get("x-ms-correlation-request-id", id),
        "x-ms-routing-request-id": f"EMULATOR:{arm.clock.text()}:{id}",
        **answer.headers,
    }
    if "x-ms-client-request-id" in call.headers:
        headers["x-ms-client-request-id"] = call.headers["x-ms-client-request-id"]
    if isinstance(answer.body, dict) and isinstance(answer.body.get("error"), dict):
        headers["x-ms-failure-cause"] = "gateway"
    raw = answer.raw()
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    return Response(raw, answer.status, headers, media_type=None if "Content-Type" in headers else answer.content_type)
