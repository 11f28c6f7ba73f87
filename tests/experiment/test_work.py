"""What the file says of the jobs reaches their orders."""

from types import SimpleNamespace
from typing import Any

import pytest

from aerial_ops.experiment import work
from aerial_ops.experiment.plan import Experiment
from aerial_ops.experiment.progress import scoring_mark, training_mark

PLAN = {"name": "trial", "source": {"folder": "images"}, "train": [{"name": "rf", "sample_frac": 0.5}]}


def run_of(**top: Any) -> Any:
    return SimpleNamespace(plan=Experiment.model_validate({**PLAN, **top}), steps=None, store="the store", report=None)


@pytest.mark.parametrize("top", [{}, {"cache": False, "engine": "synapseml", "max_rejected": 0.5}])
def test_cache_and_engine_are_those_of_every_job(monkeypatch: pytest.MonkeyPatch, top: dict[str, Any]) -> None:
    orders: list[dict[str, Any]] = []
    for name in ("train_order", "score_order"):
        monkeypatch.setattr(work, name, lambda store, model, **order: orders.append(order))
    doing = work._Work(run_of(**top))
    best: Any = SimpleNamespace(name="rf")
    doing._order(doing._plan.train[0])
    doing._scoring_order(best)
    wanted = {"cache": True, "engine": "onnxruntime", "max_rejected": 0.01, **top}
    assert [{key: order[key] for key in wanted} for order in orders] == [wanted, wanted]


def test_another_engine_is_another_model() -> None:
    one, other, uncached = run_of(), run_of(engine="synapseml"), run_of(cache=False)
    best: Any = SimpleNamespace(run_id="rf-train-1")
    training = one.plan.train[0]
    assert training_mark(one, training) != training_mark(other, training)
    assert scoring_mark(one, best) != scoring_mark(other, best)
    assert training_mark(one, training) == training_mark(uncached, training)  # the cache changes no result
