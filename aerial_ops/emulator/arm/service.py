"""The emulated Azure Resource Manager as a whole: its parts, and the way of a request through them."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from aerial_ops.emulator.arm import auth, control, deadline, operations, prices, recovery
from aerial_ops.emulator.arm.backends import BackendError, Backends
from aerial_ops.emulator.arm.clock import Clock
from aerial_ops.emulator.arm.directory import Directory
from aerial_ops.emulator.arm.errors import ArmError, bad_request
from aerial_ops.emulator.arm.faults import Fault, Faults
from aerial_ops.emulator.arm.identity import Identity
from aerial_ops.emulator.arm.messages import Answer, Call, Router
from aerial_ops.emulator.arm.meter import Meter
from aerial_ops.emulator.arm.resources import ROUTERS
from aerial_ops.emulator.arm.resources.simple import check_locks
from aerial_ops.emulator.arm.resources.subscriptions import check_registered
from aerial_ops.emulator.arm.roles import Access
from aerial_ops.emulator.arm.store import SUFFIX, Store
from aerial_ops.emulator.arm.versions import check_version
from aerial_ops.emulator.arm.worker import Worker

__all__ = ["Arm", "Durations", "Options", "deadline"]
log = logging.getLogger("aerial_ops.emulator.arm")
_NAMESPACE = re.compile(r".*/resourceGroups/[^/]+/providers/([^/]+)/.*", re.IGNORECASE)
_SUBSCRIPTION = re.compile(r"/subscriptions/([^/]+)(?:/.*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Durations:
    """How long things take, in seconds of emulated time at pace 1."""

    storage_create: float = 20
    cluster_create: float = 1200
    cluster_delete: float = 300
    cluster_resize: float = 300
    cluster_update: float = 60
    group_delete: float = 30
    network: float = 5
    runbook: float = 5
    runbook_step: float = 60
    poll: float = 15


@dataclass(frozen=True)
class Options:
    """What may be chosen when the emulator starts.

    `speed`: emulated seconds per real second. `pace`: durations are divided by it, while the clock runs on as it does.
    `storage_suffix`: blob endpoints are https://NAME.blob.SUFFIX/. `cores`: the quota of each region.
    """

    storage_suffix: str
    speed: float | None = None
    pace: float = 1.0
    cores: int = 300
    page_size: int = 100
    token_lifetime: int = auth.LIFETIME
    durations: Durations = field(default_factory=Durations)


class Arm:
    """One emulated cloud. Not bound to any server: `handle` takes a request and gives its answer."""

    regions: tuple[str, ...] = (
        "centralus",
        "eastus",
        "eastus2",
        "northeurope",
        "southcentralus",
        "westeurope",
        "westus",
        "westus2",
    )

    def __init__(self, store: Store, identity: Identity, options: Options, backends: Callable[[Store], Backends]) -> None:
        self.store = store
        self.identity = identity
        self.options = options
        self.durations = options.durations
        self.storage_suffix = options.storage_suffix
        store.keep(SUFFIX, options.storage_suffix)
        self.token_lifetime = options.token_lifetime
        self.clock = Clock(store, options.speed)
        self.directory = Directory(store, identity)
        self.access = Access(store, self.directory)
        self.faults = Faults(store)
        self.meter = Meter(store, self.clock)
        self.backends = backends(store)
        self.worker = Worker(self)
        self.restart: Callable[[float], None] = lambda down: None  # the server says how
        self.unwell: dict[str, str] = {}  # what did not run again after a start, by resource, and why
        self._router = Router()
        for routes in (auth.routes, control.routes, prices.routes, *ROUTERS, operations.routes):
            self._router.include(routes)
        for subscription in identity.subscriptions:
            self.access.assign(identity.object_id, "Owner", f"/subscriptions/{subscription}")

    def start(self) -> None:
        """Have everything that the store knows of run, and let time go on."""
        recovery.recover(self)
        self.worker.start()

    def stop(self) -> None:
        """End in good order; what the backends run goes on."""
        self.worker.stop()
        self.backends.close()
        self.store.close()

    def after(self, seconds: float, action: str, target: str, **data: object) -> None:
        """Let `action` happen to `target` when an activity that takes `seconds` at pace 1 is over."""
        self.at(self.clock.now() + seconds / self.options.pace, action, target, **data)

    def at(self, due: float, action: str, target: str, **data: object) -> None:
        """Let `action` happen to `target` at a moment of emulated time."""
        self.store.plan(due, action, target, data)
        self.worker.wake()

    def retry_after(self, seconds: float) -> dict[str, str]:
        """The header that asks a client to wait for `seconds` at pace 1; below a real second in a form that only some know."""
        real = self.clock.real_seconds(seconds / self.options.pace)
        return {"Retry-After": str(round(real))} if real >= 1 else {"x-ms-retry-after-ms": str(max(1, round(real * 1000)))}

    def cores_limit(self, location: str) -> int:
        """The core quota of a region."""
        limits: dict[str, int] = self.store.setting("cores") or {}
        return limits.get(location.lower(), limits.get("*", self.options.cores))

    def handle(self, call: Call) -> tuple[Answer, Fault | None]:
        """Answer a request; with it the fault that the server itself must carry out (lose, drop, delay, restart), if any."""
        fault: Fault | None = None
        try:
            route, call.params = self._router.find(call)
            if not route.public:
                call.principal = auth.principal_of(self, call)
                self._check(call)
                fault = self.faults.for_request(call)
                refused = self._refusal(call, fault)
                if refused:
                    raise refused
                if fault and (fault.kind == "drop" or (fault.kind == "restart" and fault.args.get("when") == "before")):
                    self._log(call, Answer(0), fault)
                    return Answer(0), fault
            if route.locked:
                with self.store.transaction():
                    answer = route.handler(self, call)
            else:
                answer = route.handler(self, call)
        except ArmError as error:
            answer = Answer(error.status, error.body(), dict(error.headers))
            self.faults.restore()  # a fault that the request met is not undone with it
        except BackendError as error:
            answer = Answer(503, ArmError(503, "ServiceUnavailable", str(error)).body(), self.retry_after(self.durations.poll))
        except Exception as error:
            log.exception("%s %s failed.", call.method, call.path)
            answer = Answer(500, ArmError(500, "InternalServerError", f"{type(error).__name__}: {error}").body())
        self._log(call, answer, fault)
        return answer, fault

    def _check(self, call: Call) -> None:
        check_version(call)
        found = _SUBSCRIPTION.fullmatch(call.path)
        if found is None:
            return
        if not re.fullmatch(r"[0-9a-fA-F-]{36}", found[1]):
            message = f"The provided subscription identifier '{found[1]}' is malformed or invalid."
            raise bad_request(message, "InvalidSubscriptionId")
        if found[1].lower() not in self.identity.subscriptions:
            raise ArmError(404, "SubscriptionNotFound", f"The subscription '{found[1]}' could not be found.")
        self.access.check(call)
        namespace = _NAMESPACE.fullmatch(call.path)
        if namespace:
            check_registered(self, namespace[1], found[1])
        check_locks(self, call.method, call.path)
        self._check_conditions(call)

    def _check_conditions(self, call: Call) -> None:
        """If-Match and If-None-Match against the resource's etag. Raises ArmError 412."""
        match, none = call.headers.get("if-match"), call.headers.get("if-none-match")
        if call.method not in ("PUT", "PATCH", "DELETE") or not (match or none):
            return
        found = self.store.get(call.path)
        etag = str(found.body.get("etag") or found.body.get("eTag") or "") if found else None
        if (match and (etag is None or match not in ("*", etag))) or (none == "*" and etag is not None):
            message = "The condition specified using HTTP conditional header(s) is not met."
            raise ArmError(412, "PreconditionFailed", message)

    def _refusal(self, call: Call, fault: Fault | None) -> ArmError | None:
        if fault is None or fault.kind not in ("throttle", "error", "expired-token"):
            return None
        if fault.kind == "expired-token":
            return auth.expired(self, call)
        if fault.kind == "throttle":
            wait = str(fault.args.get("retry_after", 1))
            message = f"The request is being throttled as the limit has been reached. Please try again after '{wait}' seconds."
            return ArmError(429, "TooManyRequests", message, headers={"Retry-After": wait})
        code, message = str(fault.args.get("code", "InternalServerError")), str(fault.args.get("message", "Told to fail."))
        return ArmError(int(fault.args.get("status", 500)), code, message)

    def _log(self, call: Call, answer: Answer, fault: Fault | None) -> None:
        if call.path.startswith("/__emulator"):
            return
        code = answer.body["error"].get("code", "") if _is_error(answer.body) else ""
        record = {"at": self.clock.text(), "method": call.method, "path": call.path, "query": dict(call.query)}
        self.store.log({**record, "status": answer.status, "code": code, "fault": fault.kind if fault else ""})


def _is_error(body: object) -> bool:
    return isinstance(body, dict) and isinstance(body.get("error"), dict)
