import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from aerial_ops.errors import DataError, UsageError
from aerial_ops.runs.history import History, best_of, newest_trainings
from aerial_ops.runs.record import RunRecord
from tests.memory_store import MemoryStore
from tests.runs.conftest import START, Maker


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


class CountingStore(MemoryStore):
    """Counts what is read; the run ids that `thousands` makes are those of the kit."""

    reads = 0

    def read(self, container: str, name: str) -> bytes:
        self.reads += 1
        return super().read(container, name)


def thousands(record: Maker, seed: int = 0, runs: int = 400, models: int = 7) -> tuple[CountingStore, list[RunRecord]]:
    """A history in a store, and its records newest first. Moments repeat, and differ a little between id and record."""
    chance, store, made = random.Random(seed), CountingStore(), []
    for number in range(runs):
        moment = START + timedelta(seconds=chance.randrange(2 * runs))
        kind, name = chance.choice(["train", "train", "score"]), f"model-{number % models}"
        made.append(
            record(
                name,
                right=chance.randrange(10),
                run_id=f"{name}-{kind}-{moment:%Y%m%dT%H%M%S}-{number:04x}",
                kind=kind,
                created_at=moment + timedelta(milliseconds=chance.randrange(-900, 900)),
                state=chance.choice(["succeeded", "succeeded", "failed"]),
                **({} if kind == "train" else {"metrics": None}),
            )
        )
    for one in made:
        History(store).save(one)  # type: ignore[arg-type]
    return store, sorted(made, key=lambda one: (one.created_at, one.run_id), reverse=True)


def test_thousands_of_records_are_listed_in_order(record: Maker) -> None:
    for seed in range(3):
        store, made = thousands(record, seed)
        history = History(store)  # type: ignore[arg-type]
        assert history.list() == made
        assert history.list(kind="score", limit=30) == [one for one in made if one.kind == "score"][:30]
        assert history.list(name="model-3", limit=5) == [one for one in made if one.name == "model-3"][:5]
        assert history.newest() == newest_trainings(made)


def test_the_newest_are_found_without_reading_all(record: Maker) -> None:
    store, made = thousands(record)
    history = History(store)  # type: ignore[arg-type]
    asked: dict[str, Callable[[], object]] = {
        "limit": lambda: history.list(limit=20),
        "name": lambda: history.get("model-2"),
        "last": lambda: history.list(kind="train", name="model-1", limit=1),
        "newest": history.newest,
    }
    for question in asked.values():
        store.reads = 0
        question()
        assert 0 < store.reads < 120
    assert len(made) == 400


def test_an_id_of_another_form_is_not_overlooked(record: Maker) -> None:
    store, made = thousands(record, runs=100)
    history = History(store)  # type: ignore[arg-type]
    own = record("own", run_id="model-1-train-20261399T999999-00", minute=-60)
    history.save(own)
    assert history.list() == [*made, own]
    assert history.newest()[-1] == own


def test_a_record_that_changes_while_it_is_read_is_read_as_it_is_now(record: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    store = CountingStore()
    history = History(store)  # type: ignore[arg-type]
    history.save(record(right=5))
    listed = list(store.list("runs"))
    history.save(record(right=9))
    monkeypatch.setattr(store, "list", lambda *_: iter(listed))
    assert [one.metrics.accuracy for one in history.list() if one.metrics] == [0.95]
