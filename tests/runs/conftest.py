from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aerial_ops.runs.history import History
from aerial_ops.runs.record import RunRecord
from tests.memory_store import MemoryStore

START = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)
Maker = Callable[..., RunRecord]


def make_record(name: str = "rf1", right: int = 9, minute: int = 0, **fields: Any) -> RunRecord:
    document = {
        "run_id": f"{name}-train-{minute:03d}",
        "kind": "train",
        "name": name,
        "state": "succeeded",
        "created_at": START + timedelta(minutes=minute),
        "metrics": {"classes": ["Cultivated", "Forest"], "confusion": [[right, 10 - right], [0, 10]]},
        **fields,
    }
    return RunRecord.model_validate(document)


@pytest.fixture
def record() -> Maker:
    return make_record


@pytest.fixture
def memory() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def history(memory: MemoryStore) -> History:
    return History(memory)  # type: ignore[arg-type]
