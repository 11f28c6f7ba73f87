"""How long things usually take."""

from datetime import timedelta
from pathlib import Path

import pytest

from aerial_ops.infrastructure.durations import rough_text
from aerial_ops.infrastructure.environments import Environment
from aerial_ops.infrastructure.history import History
from aerial_ops.infrastructure.terraform.progress import NoTimes, Progress, Times
from tests.infrastructure.terraform.test_adapter import Notes

CLUSTER, OTHER = "azurerm_hdinsight_spark_cluster", "azurerm_storage_account"


def history(home: Path, environment: str = "one", cloud: str = "here") -> History:
    return History(Environment(environment, home).journal, home, cloud)


def test_the_median_of_the_last_times_of_all_environments_counts(tmp_path: Path) -> None:
    one, two = history(tmp_path), history(tmp_path, "two")
    assert one.usual(CLUSTER, "create") is None
    for seconds in (1000, 1000, 1000, 10, 20, 30):
        one.took(CLUSTER, "create", timedelta(seconds=seconds))
    Environment("one", tmp_path).forget()
    two.took(CLUSTER, "create", timedelta(seconds=40))
    two.took(CLUSTER, "delete", timedelta(seconds=7))
    two.took(OTHER, "create", timedelta(seconds=8))
    assert two.usual(CLUSTER, "create") == timedelta(seconds=30)  # of 1000, 10, 20, 30, 40
    assert two.usual(CLUSTER, "delete") == timedelta(seconds=7)
    assert history(tmp_path, cloud="there").usual(CLUSTER, "create") is None


def test_a_step_that_is_open_stays_so(tmp_path: Path) -> None:
    times = history(tmp_path)
    times.journal.write("begun", "make the cluster")
    times.took(CLUSTER, "create", timedelta(seconds=1))
    unfinished = times.journal.unfinished()
    assert unfinished is not None and unfinished.what == "make the cluster"


def test_progress_tells_what_is_usual_and_keeps_what_it_took(tmp_path: Path) -> None:
    def made(times: Times, *seconds: int) -> list[str]:
        notes = Notes()
        with Progress(notes, times, destroys=False, total=1) as progress:
            hook = {"resource": {"addr": "cluster", "resource_type": CLUSTER}, "action": "create"}
            progress.event({"type": "apply_start", "hook": hook})
            for elapsed in seconds:
                progress.event({"type": "apply_progress", "hook": {**hook, "elapsed_seconds": elapsed}})
            progress.event({"type": "apply_complete", "hook": hook})
        return notes.texts

    assert made(NoTimes()) == ["Creating cluster (Azure takes about 20 minutes) ..."]
    times = history(tmp_path)
    made(times)
    assert made(times, 50, 61, 71, 121) == [
        "Creating cluster (usually about 1 second) ...",
        "Creating cluster: 60 seconds so far",
        "Creating cluster: 2 minutes so far",
    ]
    assert [entry.details["kind"] for entry in times.journal.entries()] == [CLUSTER, CLUSTER]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1 second"), (8.4, "8 seconds"), (99, "99 seconds"), (100, "2 minutes"), (1210, "20 minutes")]
)
def test_lengths_are_told_roughly(seconds: float, text: str) -> None:
    assert rough_text(timedelta(seconds=seconds)) == text
