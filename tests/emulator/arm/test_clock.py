from aerial_ops.emulator.arm.clock import Clock
from aerial_ops.emulator.arm.store import Store


class Real:
    """The machine's clock."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_it_runs_at_its_speed_jumps_and_goes_on_while_the_server_is_down() -> None:
    store, real = Store(":memory:"), Real()
    clock = Clock(store, 60.0, real)
    assert clock.now() == 1000
    real.now += 10
    assert clock.now() == 1600
    clock.jump(3600)
    assert clock.now() == 5200
    real.now += 5
    again = Clock(store, 60.0, real)
    assert again.now() == 5500
    assert again.real_seconds(60) == 1


def test_a_speed_set_by_a_control_call_outlives_a_restart_until_another_is_asked_for() -> None:
    store, real = Store(":memory:"), Real()
    Clock(store, 60.0, real).run_at(2.0)
    assert Clock(store, 60.0, real).speed == 2
    real.now += 10
    changed = Clock(store, 5.0, real)
    assert (changed.speed, changed.now()) == (5, 1020)


def test_arm_writes_times_with_seven_decimals() -> None:
    assert Clock(Store(":memory:"), real=Real()).text() == "1970-01-01T00:16:40.0000000Z"
