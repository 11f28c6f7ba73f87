"""How many jobs go at once, in which order, and what ends them."""

import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from aerial_ops.clouds.base import ClusterEndpoint
from aerial_ops.errors import AerialOpsError, ClusterError, JobFailedError
from aerial_ops.experiment.batches import Batches, Pause, how_many, waves
from aerial_ops.experiment.plan import Training


@pytest.mark.parametrize(
    ("asked", "workers", "cores", "waiting", "many"),
    [
        ("auto", 40, None, 4, 4),
        ("auto", 40, None, 9, 4),
        ("auto", 12, None, 9, 3),
        ("auto", 7, None, 9, 1),
        ("auto", 2, None, 4, 1),
        ("auto", None, None, 4, 1),
        (6, 2, None, 9, 6),
        (6, 2, None, 3, 3),
        (1, 40, None, 4, 1),
        ("auto", 40, 2, 4, 1),  # an emulated cluster of 40 nodes, on a laptop
        ("auto", 40, 32, 4, 2),
        ("auto", 7, 64, 4, 1),
        (4, 40, 2, 4, 4),  # who asks for it gets it
    ],
)
def test_how_many(asked: Any, workers: int | None, cores: int | None, waiting: int, many: int) -> None:
    cluster = ClusterEndpoint(
        "https://c/livy", "admin", SecretStr("x"), workers=workers, worker_size="Standard_D12_V2", cores=cores
    )
    assert how_many(asked, cluster, waiting) == many


def test_the_first_of_each_network_goes_before_the_others() -> None:
    trainings = [
        Training(name="a", backbone="resnet18", sample_frac=0.1),
        Training(name="b", backbone="alexnet"),
        Training(name="c", backbone="resnet18"),
        Training(name="d", backbone="alexnet"),
    ]
    assert [[one.name for one in wave] for wave in waves(trainings)] == [["b", "c"], ["a", "d"]]
    assert [[one.name for one in wave] for wave in waves(trainings, cache=False)] == [["a", "b", "c", "d"]]
    assert waves([]) == waves([], cache=False) == []


def test_the_jobs_of_a_run_get_synapseml_from_its_cloud() -> None:
    store: Any = None
    cloud = SimpleNamespace(
        cluster=lambda: ClusterEndpoint("https://c/livy", "admin", SecretStr("x")),
        trust=lambda: None,
        synapseml_settings=lambda *, python: {"spark.jars": f"python {python}"},
    )
    run: Any = SimpleNamespace(site=SimpleNamespace(cloud=cloud), report=None)
    assert Batches.of(run, store).jobs.synapseml(python=False) == {"spark.jars": "python False"}


def batches(many: int) -> Batches:
    run: Any = SimpleNamespace()
    jobs: Any = SimpleNamespace(batches=many)
    return Batches(run, jobs, Pause())


def test_one_that_fails_by_itself_does_not_stop_the_others() -> None:
    record: Any = "record"

    def fail() -> Any:
        raise JobFailedError("its trees are too many")

    found = batches(2).at_once([fail, lambda: record, fail])
    assert [getattr(one, "message", one) for one in found] == ["its trees are too many", "record", "its trees are too many"]


def test_a_cluster_that_is_gone_ends_all_of_them() -> None:
    at, ended = batches(2), []

    def wait() -> Any:
        try:
            while True:
                at.pause(10)
        except KeyboardInterrupt:
            ended.append(1)
            raise AerialOpsError("killed") from None

    def gone() -> Any:
        time.sleep(0.05)
        raise ClusterError("nothing answers")

    with pytest.raises(ClusterError, match="nothing answers"):
        at.at_once([wait, gone, wait])
    assert ended == [1]  # the third was never begun


def test_as_many_as_asked_go_together(tmp_path: Path) -> None:
    together = threading.Barrier(3, timeout=10)
    record: Any = "record"

    def work() -> Any:
        together.wait()
        return record

    assert batches(3).at_once([work] * 3) == ["record"] * 3


def test_a_pause_that_is_stopped_ends_at_once() -> None:
    pause = Pause()
    pause(0.01)
    threading.Timer(0.05, pause.stop, [ValueError()]).start()
    with pytest.raises(KeyboardInterrupt):
        pause(30)
