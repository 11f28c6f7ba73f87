"""Things that go wrong on demand, or by a seeded schedule."""

import random
import re
import uuid
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args

from pydantic import BaseModel, Field, ValidationError

from aerial_ops.emulator.arm.errors import bad_request

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.messages import Call
    from aerial_ops.emulator.arm.store import Store

RequestKind = Literal["throttle", "error", "lose", "drop", "expired-token", "delay", "restart"]
ResourceKind = Literal["quota", "capacity", "create-fails", "delete-slow", "delete-stuck", "delete-fails"]
REQUEST_KINDS: tuple[str, ...] = get_args(RequestKind)
RESOURCE_KINDS: tuple[str, ...] = get_args(ResourceKind)
FAULTS, SCHEDULE = "faults", "fault-schedule"
_Model = TypeVar("_Model", bound=BaseModel)


class Fault(BaseModel):
    """One fault: what, on which requests or resources, how often.

    A request fault is met by the request that it fits; a resource fault by the cluster or group whose creation or deletion
    it fits. The first `skip` that fit are spared, the next `times` are hit; 0 means all of them.
    """

    id: str = Field(default_factory=lambda: uuid.uuid4().hex[:8])
    kind: RequestKind | ResourceKind
    method: str = ""  # regular expression; empty fits every method
    path: str = ""  # regular expression, searched in the path; empty fits every path
    skip: int = 0
    times: int = 1
    args: dict[str, Any] = Field(default_factory=dict)
    hits: int = 0

    def fits(self, method: str, path: str) -> bool:
        """Whether a request, or the id of a resource, is meant."""
        if self.method and method and not re.fullmatch(self.method, method, re.IGNORECASE):
            return False
        return not self.path or re.search(self.path, path, re.IGNORECASE) is not None


class Schedule(BaseModel):
    """Random faults by seed: of the requests that fit, a share of `rate` meets a fault of one of the `kinds`, at most `limit`."""

    seed: int | str = 0
    rate: float = 0.05
    kinds: list[RequestKind | ResourceKind] = ["throttle", "error", "lose", "drop"]
    method: str = "PUT|POST|PATCH|DELETE"
    path: str = ""
    limit: int = 10
    args: dict[str, dict[str, Any]] = Field(default_factory=dict)
    seen: int = 0
    hits: int = 0


class Faults:
    """The faults that wait, kept in the store: a restart does not forget them.

    What counts is in memory; a refused request undoes its changes in the store, but the fault that it met stays met.
    """

    def __init__(self, store: "Store") -> None:
        self._store = store
        kept = store.setting(SCHEDULE)
        self._waiting = [Fault.model_validate(fault) for fault in store.setting(FAULTS) or []]
        self._schedule = Schedule.model_validate(kept) if kept else None
        self._met = False  # whether something was met since the last restore()

    def add(self, data: dict[str, Any]) -> Fault:
        """Let something go wrong. Raises ArmError 400 for a fault that is none."""
        fault = _checked(Fault, data)
        self._waiting.append(fault)
        self.keep()
        return fault

    def all(self) -> list[Fault]:
        """Every fault that waits."""
        return list(self._waiting)

    def schedule(self) -> Schedule | None:
        """The seeded schedule in force."""
        return self._schedule

    def set_schedule(self, data: dict[str, Any]) -> Schedule:
        """Start a seeded schedule from its first draw."""
        self._schedule = _checked(Schedule, data)
        self.keep()
        return self._schedule

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self._waiting, self._schedule = [], None
        self.keep()

    def keep(self) -> None:
        """Write to the store what is in memory."""
        with self._store.transaction():
            self._store.keep(FAULTS, [fault.model_dump() for fault in self._waiting])
            self._store.keep(SCHEDULE, self._schedule.model_dump() if self._schedule else None)

    def restore(self) -> None:
        """After a transaction was undone: write again what was met in it."""
        if self._met:
            self._met = False
            self.keep()

    def for_request(self, call: "Call") -> Fault | None:
        """The fault that this request meets; it counts as met."""
        with self._store.transaction():
            drawn = self._draw(call)
            if drawn is not None and drawn.kind in REQUEST_KINDS:
                return drawn
            if drawn is not None:
                self._waiting.append(drawn)
                self.keep()
            return self._take(REQUEST_KINDS, call.method, call.path)

    def for_resource(self, kind: ResourceKind, id: str) -> Fault | None:
        """The fault that the creation or deletion of `id` meets; it counts as met."""
        with self._store.transaction():
            return self._take((kind,), "", id)

    def _take(self, kinds: tuple[str, ...], method: str, path: str) -> Fault | None:
        for fault in list(self._waiting):
            if fault.kind in kinds and fault.fits(method, path):
                fault.hits += 1
                self._met = True
                if fault.times and fault.hits >= fault.skip + fault.times:
                    self._waiting.remove(fault)
                self.keep()
                if fault.hits > fault.skip:
                    return fault
        return None

    def _draw(self, call: "Call") -> Fault | None:
        schedule = self._schedule
        if schedule is None or schedule.hits >= schedule.limit:
            return None
        if not Fault(kind="drop", method=schedule.method, path=schedule.path).fits(call.method, call.path):
            return None
        schedule.seen += 1
        dice = random.Random(f"{schedule.seed}/{schedule.seen}")  # noqa: S311 - chance, not a secret
        fault = None
        if dice.random() < schedule.rate:
            schedule.hits += 1
            kind = dice.choice(schedule.kinds)
            fault = Fault(kind=kind, args=schedule.args.get(kind, {}))
        self.keep()
        return fault


def _checked(model: type[_Model], data: dict[str, Any]) -> _Model:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise bad_request("; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())) from None
