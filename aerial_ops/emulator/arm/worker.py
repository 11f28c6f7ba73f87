"""What happens by itself: events of the store, carried out when the emulated clock reaches them."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from aerial_ops.emulator.arm import operations
from aerial_ops.emulator.arm.errors import ArmError
from aerial_ops.emulator.arm.store import Event

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.service import Arm

Action = Callable[["Arm", str, dict[str, Any]], None]
SETTLE_POLL = 0.005
LONGEST_SLEEP = 1.0  # real seconds: a laptop that slept is noticed by then
log = logging.getLogger("aerial_ops.emulator.arm")
_actions: dict[str, tuple[Action, bool]] = {}


def action(name: str, *, blocking: bool = False) -> Callable[[Action], Action]:
    """Register what an event called `name` does, given its target and data.

    A plain action runs inside the transaction that forgets its event. A `blocking` one runs beside, makes its own transactions,
    and must bear to be run again: after a kill in its middle its event is still there.
    """

    def register(function: Action) -> Action:
        _actions[name] = (function, blocking)
        return function

    return register


class Worker:
    """One thread that carries out what is due, and a few for what takes real time. Events of one target happen in their order."""

    def __init__(self, arm: "Arm") -> None:
        self._arm = arm
        self._signal = threading.Event()
        self._stopping = False
        self._busy: dict[str, int] = {}  # target: number of its event under way
        self._pool = ThreadPoolExecutor(4, thread_name_prefix="arm-blocking")
        self._thread = threading.Thread(target=self._run, name="arm-worker", daemon=True)

    def start(self) -> None:
        """Begin; what came due while nobody looked happens now."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what runs and end."""
        self._stopping = True
        self._signal.set()
        self._thread.join()
        self._pool.shutdown()

    def wake(self) -> None:
        """Look again: an event was planned, or the clock was set."""
        self._signal.set()

    def settle(self, timeout: float = 60.0) -> bool:
        """Wait, in real seconds, until all that is due has happened. False when it has not by then."""
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            if not self._arm.store.planned(until=self._arm.clock.now()) and not self._busy:
                return True
            self._signal.set()
            time.sleep(SETTLE_POLL)
        return False

    def _run(self) -> None:
        while not self._stopping:
            self._signal.clear()
            due = self._due()
            for event in due:
                self._carry_out(event)
            if not due:
                self._signal.wait(self._sleep())

    def _due(self) -> list[Event]:
        """What may happen now: not after an earlier event of the same target that is still under way."""
        ready, held = [], set(self._busy)
        for event in self._arm.store.planned(until=self._arm.clock.now()):
            if event.target not in held:
                ready.append(event)
                held.add(event.target)
        return ready

    def _sleep(self) -> float:
        due = next((event.due for event in self._arm.store.planned() if event.target not in self._busy), None)
        if due is None:
            return LONGEST_SLEEP
        return min(LONGEST_SLEEP, max(0.0, self._arm.clock.real_seconds(due - self._arm.clock.now())))

    def _carry_out(self, event: Event) -> None:
        function, blocking = _actions[event.action]
        if blocking:
            self._busy[event.target] = event.number
            self._pool.submit(self._beside, event, function)
        else:
            self._attempt(event, function)

    def _beside(self, event: Event, function: Action) -> None:
        try:
            self._attempt(event, function, apart=True)
        finally:
            del self._busy[event.target]
            self._signal.set()

    def _attempt(self, event: Event, function: Action, *, apart: bool = False) -> None:
        store = self._arm.store
        try:
            if apart:
                function(self._arm, event.target, event.data)
                store.done(event.number)
            else:
                with store.transaction():
                    if any(other.number == event.number for other in store.planned(target=event.target)):
                        function(self._arm, event.target, event.data)
                        store.done(event.number)
        except Exception as error:
            # The event would fail again for ever: its operation fails instead, and the log keeps why.
            log.exception("The event %s of %s failed.", event.action, event.target)
            with store.transaction():
                store.done(event.number)
                if "operation" in event.data:
                    text = f"An internal error occurred: {error}"
                    operations.finish(self._arm, event.data["operation"], ArmError(500, "InternalServerError", text))
