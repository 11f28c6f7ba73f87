"""A few schedules of the many; `make chaos` carries out all of them and prints what each has left."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.carry_out import carry_out
from tests.chaos.grounds import City, Theatre
from tests.chaos.schedule import COMMANDS, FAULTS, SIGNALS, draw
from tests.chaos.verdict import Outcome, complete, truth

pytestmark = pytest.mark.timeout(900)
SEED = 1
IN_THE_CITY, ON_STAGE = (0, 2, 3, 11, 14), (6,)


@pytest.fixture(scope="module")
def city() -> Iterator[City]:
    ground = City()
    yield ground
    ground.close()


@pytest.fixture(scope="module")
def theatre() -> Iterator[Theatre]:
    ground = Theatre()
    yield ground
    ground.close()


def held(outcome: Outcome) -> None:
    assert outcome.broken == [], f"{outcome.said}\n{outcome.schedule.again()}"


@pytest.mark.slow
@pytest.mark.parametrize("number", IN_THE_CITY)
def test_nothing_is_left_and_the_exit_code_is_true(city: City, number: int) -> None:
    held(carry_out(city, draw(SEED, number)))


@pytest.mark.slow
@pytest.mark.parametrize("number", ON_STAGE)
def test_a_run_leaves_nothing_and_no_half_result(theatre: Theatre, number: int) -> None:
    held(carry_out(theatre, draw(SEED, number)))


def test_200_schedules_meet_every_command_fault_and_signal() -> None:
    drawn = [draw(SEED, number) for number in range(200)]
    assert {(one.command, one.fault) for one in drawn} == {(command, fault) for command in COMMANDS for fault in FAULTS[command]}
    assert {one.signal for one in drawn} == set(SIGNALS)
    assert all(one.fault != "none" or one.signal != "none" for one in drawn)
    assert drawn == [draw(SEED, number) for number in range(200)]
    assert drawn != [draw(SEED + 1, number) for number in range(200)]


def test_a_lie_is_noticed() -> None:
    """The judge itself: each kind of broken promise, told apart from a kept one."""
    up, down = draw(SEED, 0), draw(SEED, 4)
    group = [{"id": "/subscriptions/s/resourceGroups/aerial-ops-chaos0", "kind": "Microsoft.Resources/resourceGroups"}]
    assert truth(down, 0, False, group, [], "") == []
    assert "1 resources are left" in truth(down, 0, False, group, group, "")[0]
    assert "clusters are []" in truth(up, 0, False, [], group, "")[0]
    assert truth(up, 3, False, [], [], "") == []
    assert "nothing was changed" in truth(up, 1, False, [], group, "")[0]
    assert truth(up, 4, True, [], group, "Remove it: aerial-ops down") == []
    assert "next step" in truth(up, 4, True, [], group, "")[0]
    assert "nobody sent" in truth(up, -9, False, [], [], "")[0]
    assert truth(up, -9, True, [], group, "") == []
    assert "traceback" in truth(up, 4, False, [], [], "aerial-ops Traceback")[0]
    starting = 'Traceback\n  File "<frozen site>", line 73, in <module>\nKeyboardInterrupt'
    assert truth(up, 1, True, [], [], starting) == []
    assert "traceback" in truth(up, 1, True, [], [], starting.replace("<frozen site>", "/x/aerial_ops/cli/app.py"))[0]


def test_a_half_result_is_noticed(tmp_path: Path) -> None:
    assert "without a report" in complete("", tmp_path, 5)[0]
    (tmp_path / "report.html").write_text("<html>one training failed</html>\n")
    assert complete("", tmp_path, 5) == []
    (tmp_path / "report.html").write_text("<html>all is we")
    assert len(complete("", tmp_path, 5)) == 2
