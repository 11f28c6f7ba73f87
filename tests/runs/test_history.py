import pytest

from aerial_ops.errors import DataError, UsageError
from aerial_ops.runs.history import History, best_of
from tests.memory_store import MemoryStore
from tests.runs.conftest import Maker


class Notes:
    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, text: str) -> None:
        self.said.append(text)


def test_newest_first_whatever_the_names(history: History, record: Maker) -> None:
    for name, minute in (("b", 2), ("a", 3), ("c", 1)):
        history.save(record(name, minute=minute))
    assert [r.name for r in history.list()] == ["a", "b", "c"]
    assert [r.name for r in history.list(limit=2)] == ["a", "b"]


def test_filters(history: History, record: Maker) -> None:
    history.save(record("a", minute=1))
    history.save(record("a", minute=2, run_id="s", kind="score", metrics=None))
    history.save(record("b", minute=3))
    assert [r.run_id for r in history.list(kind="score")] == ["s"]
    assert {r.name for r in history.list(name="a")} == {"a"}


def test_other_files_of_a_run_are_not_records(history: History, memory: MemoryStore, record: Maker) -> None:
    history.save(record())
    memory.write("runs", "rf1-train-000/spec.json", "{}")
    memory.write("runs", "open/spec.json", "{}")
    assert len(history.list()) == 1


def test_saving_again_replaces(history: History, record: Maker) -> None:
    history.save(record(right=5))
    history.save(record(right=9))
    assert [r.metrics.accuracy for r in history.list() if r.metrics] == [0.95]


def test_no_container_is_an_empty_history(history: History) -> None:
    assert history.list() == []
    assert history.newest() == []


@pytest.mark.parametrize("raw", ["{", '{"schema_version": 9}'])
def test_a_record_that_cannot_be_read_is_left_out_with_a_note(memory: MemoryStore, record: Maker, raw: str) -> None:
    notes = Notes()
    history = History(memory, notes)  # type: ignore[arg-type]
    history.save(record())
    memory.write("runs", "broken/record.json", raw)
    assert [r.run_id for r in history.list()] == ["rf1-train-000"]
    assert len(notes.said) == 1 and "runs/broken/record.json" in notes.said[0]
    with pytest.raises(DataError):
        history.get("broken")


def test_get_by_run_id_or_by_the_newest_success_of_a_name(history: History, record: Maker) -> None:
    for minute, state in ((1, "succeeded"), (2, "succeeded"), (3, "failed")):
        history.save(record(minute=minute, state=state))
    assert history.get("rf1").run_id == "rf1-train-002"
    assert history.get("rf1-train-003").state == "failed"


def test_get_of_nothing_tells_what_there_is(history: History, record: Maker) -> None:
    with pytest.raises(UsageError) as nothing:
        history.get("x")
    assert "Nothing has been trained yet" in nothing.value.suggestion
    history.save(record("lr1"))
    with pytest.raises(UsageError) as other:
        history.get("x")
    assert "lr1" in other.value.suggestion


def test_best_is_among_the_newest_of_each_name(history: History, record: Maker) -> None:
    history.save(record("a", right=10, minute=1))
    history.save(record("a", right=4, minute=2))
    history.save(record("b", right=7, minute=3))
    history.save(record("c", right=10, minute=4, state="failed"))
    assert history.best().name == "b"


def test_best_by_each_metric(record: Maker) -> None:
    def of(name: str, classes: list[str], confusion: list[list[int]]) -> object:
        return record(name, metrics={"classes": classes, "confusion": confusion})

    classes = ["Barren", "Cultivated", "Forest"]
    accurate = of("accurate", classes, [[0, 5, 0], [0, 90, 0], [0, 5, 0]])
    grouped = of("grouped", classes, [[0, 0, 5], [0, 85, 5], [5, 0, 0]])
    even = of("even", classes, [[5, 0, 0], [8, 74, 8], [0, 0, 5]])
    runs = [accurate, grouped, even]
    assert [best_of(runs, metric).name for metric in ("accuracy", "groups", "macro_f1", "kappa")] == [  # type: ignore[arg-type]
        "accurate", "grouped", "even", "even",
    ]  # fmt: skip


def test_equal_runs_the_older_wins(record: Maker) -> None:
    assert best_of([record("new", minute=2), record("old", minute=1)]).name == "old"


def test_no_success_or_no_such_metric(history: History, record: Maker) -> None:
    with pytest.raises(DataError, match="none is the best"):
        history.best()
    with pytest.raises(UsageError, match="'speed'"):
        best_of([record()], "speed")  # type: ignore[arg-type]
