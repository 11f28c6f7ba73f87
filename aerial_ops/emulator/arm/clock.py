"""The emulated cloud's clock: it may run faster than the real one, and be set ahead."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aerial_ops.emulator.arm.errors import bad_request

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.store import Store

SETTING = "clock"
OPTION = "clock-option"  # the speed that the last start asked for: a later change by a control call outlives a restart


class Clock:
    """Emulated time, kept in the store: it goes on while the server is down, as a cloud's does.

    `speed` is in emulated seconds per real second.
    """

    def __init__(self, store: "Store", speed: float | None = None, real: Callable[[], float] = time.time) -> None:
        self._store = store
        self._real = real
        kept = store.setting(SETTING)
        start = self._real()
        self._real_start = float(kept["real"]) if kept else start
        self._emulated_start = float(kept["emulated"]) if kept else start
        self.speed = float(kept["speed"]) if kept else 1.0
        if not kept or (speed is not None and speed != store.setting(OPTION)):
            self._restart(self.now(), speed if speed is not None else self.speed)
        store.keep(OPTION, speed)

    def now(self) -> float:
        """The emulated time, seconds since 1970."""
        return self._emulated_start + (self._real() - self._real_start) * self.speed

    def moment(self) -> datetime:
        """The emulated time in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)

    def text(self) -> str:
        """The emulated time as ARM writes it: 2026-11-24T05:30:00.1234560Z."""
        return self.moment().strftime("%Y-%m-%dT%H:%M:%S.%f0Z")

    def jump(self, seconds: float) -> None:
        """Set the clock ahead (or back)."""
        self._restart(self.now() + seconds, self.speed)

    def run_at(self, speed: float) -> None:
        """Change the speed from now on."""
        self._restart(self.now(), speed)

    def real_seconds(self, emulated: float) -> float:
        """How long `emulated` seconds take."""
        return emulated / self.speed

    def _restart(self, emulated: float, speed: float) -> None:
        self._real_start, self._emulated_start, self.speed = self._real(), emulated, speed
        self._store.keep(SETTING, {"real": self._real_start, "emulated": emulated, "speed": speed})


def parse_time(text: object) -> datetime:
    """A moment out of a request, in its own zone; UTC when none is given. Raises ArmError 400."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise bad_request(f"The value '{text}' is not a valid date and time.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
