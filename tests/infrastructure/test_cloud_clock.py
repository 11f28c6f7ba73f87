"""Deadlines go by the cloud's clock, not by this machine's."""

from datetime import UTC, datetime, timedelta

import pytest

from aerial_ops.clouds.base import ArmEndpoint
from aerial_ops.infrastructure.changes import extend
from aerial_ops.infrastructure.control_plane import ControlPlane
from aerial_ops.infrastructure.reap import reap
from aerial_ops.infrastructure.status import status
from aerial_ops.infrastructure.up import UpOrder, up
from tests.emulator.arm.cloud import EmulatedCloud
from tests.infrastructure.town import Town

SECOND = timedelta(seconds=1)


def test_the_clouds_time_is_read_off_its_answers(cloud: EmulatedCloud, plane: ControlPlane) -> None:
    assert abs(plane.now() - datetime.now(UTC)) < SECOND
    cloud.jump(3 * 3600)
    plane.inventory()
    assert abs(plane.now() - datetime.now(UTC) - timedelta(hours=3)) < 3 * SECOND


def test_a_refusal_tells_the_time_too(cloud: EmulatedCloud, plane: ControlPlane) -> None:
    cloud.jump(3600)
    cloud.fault("error", times=0, args={"status": 403, "code": "AuthorizationFailed", "message": "No."})
    assert abs(plane.now() - datetime.now(UTC) - timedelta(hours=1)) < 3 * SECOND


def test_without_an_answer_it_is_this_machines_time(arm: ArmEndpoint) -> None:
    away = ArmEndpoint("https://127.0.0.1:1", arm.scope, arm.subscription, arm.credential, arm.trust)
    plane = ControlPlane(away)
    assert abs(plane.now() - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.slow
def test_after_a_sleep_past_the_deadline_everything_knows_it(town: Town) -> None:
    """The laptop slept: the switch has removed the cluster meanwhile, and a command that comes late gives a new deadline."""
    first = up(town.site(), UpOrder(keep_data=True)).described.deadline
    town.arm.jump(5 * 3600)
    town.arm.settled()
    now = status(town.site())
    assert now.now > first and now.cluster is None
    assert now.switch is not None and not now.switch.armed
    assert reap(town.site(), dry_run=True).found[0].why == "its data is kept"
    again = up(town.site(), UpOrder()).described
    assert again.deadline > first + timedelta(hours=4)
    after = status(town.site())
    assert after.switch is not None and after.switch.armed and after.switch.fires_at == again.deadline
    moved = extend(town.site(), timedelta(hours=1)).described
    assert moved.deadline == again.deadline + timedelta(hours=1)
