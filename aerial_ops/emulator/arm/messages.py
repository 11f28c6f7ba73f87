"""Requests, answers, and which function answers which request."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aerial_ops.emulator.arm.errors import ArmError, bad_request

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.service import Arm


@dataclass
class Call:
    """One request. `headers` have lower-case names; `base` is the scheme and authority that the client used."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    base: str
    principal: str = ""  # object id of who asks
    params: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        """The part of the path that the route's pattern calls `name`."""
        return self.params[name]

    @property
    def api_version(self) -> str:
        """The api-version of the query; empty when there is none."""
        return self.query.get("api-version", "")

    def json(self) -> dict[str, Any]:
        """The body as a JSON object. Raises ArmError 400."""
        try:
            data = json.loads(self.body or b"null")
        except ValueError:
            data = None
        if not isinstance(data, dict):
            message = "The request content was invalid and could not be deserialized: a JSON object was expected."
            raise bad_request(message, "InvalidRequestContent")
        return data

    def properties(self) -> dict[str, Any]:
        """The body's `properties`; empty when there are none."""
        found = self.json().get("properties")
        return found if isinstance(found, dict) else {}


@dataclass
class Answer:
    """What goes back. A `body` of bytes goes out as it is, anything else as JSON; None is an empty body.

    `hold` is a time in real seconds to wait before the answer leaves: a client that polls without a pause is slowed by it.
    """

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=utf-8"
    hold: float = 0.0

    def raw(self) -> bytes:
        """The body's bytes."""
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Handler = Callable[["Arm", Call], Answer]
_WILD = re.compile(r"\{(\w+)(:path)?\}")


@dataclass(frozen=True)
class Route:
    """A method, a pattern of paths, and its handler. `locked` handlers run inside one transaction of the store."""

    method: str
    pattern: re.Pattern[str]
    handler: Handler
    locked: bool
    public: bool


def _existence(get: Handler) -> Handler:
    """HEAD where only GET is known: 204 when it finds something."""

    def head(arm: "Arm", call: Call) -> Answer:
        get(arm, call)
        return Answer(204)

    return head


class Router:
    """The routes of one module; paths are compared without regard to case, as ARM does."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def on(self, method: str, path: str, *, locked: bool = True, public: bool = False) -> Callable[[Handler], Handler]:
        """Register a handler for `method` and `path`; `{name}` stands for one segment, `{name:path}` for any number.

        `public` requests need no token; `locked=False` handlers call outside services and make their own transactions.
        """
        expression = _WILD.sub(lambda hit: f"(?P<{hit[1]}>{'.*' if hit[2] else '[^/]+'})", re.sub(r"([.$])", r"\\\1", path))
        pattern = re.compile(expression, re.IGNORECASE)

        def register(handler: Handler) -> Handler:
            self.routes.append(Route(method, pattern, handler, locked, public))
            return handler

        return register

    def include(self, other: "Router") -> None:
        """Take over another module's routes."""
        self.routes += other.routes

    def matches(self, path: str) -> Iterator[tuple[Route, dict[str, str]]]:
        """Every route whose pattern fits `path`, with the path's parts."""
        for route in self.routes:
            hit = route.pattern.fullmatch(path)
            if hit:
                yield route, hit.groupdict()

    def find(self, call: Call) -> tuple[Route, dict[str, str]]:
        """The route of a request. Raises ArmError 404 when there is none, 405 when only its method is unknown."""
        methods = set()
        for route, params in self.matches(call.path):
            if route.method == call.method:
                return route, params
            if call.method == "HEAD" and route.method == "GET":
                return Route("HEAD", route.pattern, _existence(route.handler), route.locked, route.public), params
            methods.add(route.method)
        if methods:
            message = f"The requested resource does not support http method '{call.method}'."
            raise ArmError(405, "MethodNotAllowed", message, headers={"Allow": ", ".join(sorted(methods))})
        provider = re.search(r".*/providers/([^/]+)/([^/]+)", call.path, re.IGNORECASE)
        if provider:
            message = f"The resource type '{provider[2]}' could not be found in the namespace '{provider[1]}'."
            raise ArmError(404, "InvalidResourceType", message)
        raise ArmError(404, "NotFound", f"No route registered for '{call.path}'.")
