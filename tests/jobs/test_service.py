from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from aerial_ops.clouds.base import StorageEndpoint
from aerial_ops.errors import ClusterError, DetachedError, JobFailedError, RefusedError, UsageError
from aerial_ops.jobs.files import RunFiles
from aerial_ops.jobs.livy import LivyClient
from aerial_ops.jobs.service import Jobs
from aerial_ops.jobs.spec import Backbone, Classifier, JobOrder, ScoreSpec, TrainSpec, new_run_id
from tests.memory_store import MemoryStore

from .livy_server import LivyServer, livy_server

NETWORK = Backbone(name="tiny", file="tiny.onnx", sha256="00", side=224, length=4)


class Store(MemoryStore):
    endpoint = StorageEndpoint("a", "https://a.blob.localhost:1", SecretStr("k"))

    def ensure_containers(self, names: Iterable[str]) -> None:
        self.made = set(names)


class Bench:
    """A store, a Livy server, and a job that goes on by one step each time the client looks."""

    def __init__(self, server: LivyServer) -> None:
        self.server, self.store = server, Store()
        self.steps: list[Callable[[], None]] = []
        livy = LivyClient(server.endpoint(), pause=lambda _: None)
        self.jobs = Jobs(self.store, livy, pause=self.go_on, synapseml=lambda *, python: {})  # type: ignore[arg-type]

    def go_on(self, _: float) -> None:
        self.steps.pop(0)()

    def state(self, state: str) -> Callable[[], None]:
        return lambda: self.server.batches[-1].update(state=state)

    def result(self, **more: Any) -> Callable[[], None]:
        document = {
            "status": "succeeded",
            "metrics": {"classes": ["Barren", "Forest"], "confusion": [[9, 1], [0, 10]]},
            "counts": {"train": {"used": 20}},
            "timings": {"fit": 1.0},
            "started_at": "2026-01-01T00:00:00Z",
            "finished_at": "2026-01-01T00:00:09Z",
            **more,
        }
        return lambda: RunFilesWriter(self.store).result(self.server.batches[-1]["name"], document)


class RunFilesWriter:
    def __init__(self, store: Store) -> None:
        self.store = store

    def result(self, run_id: str, document: dict[str, Any]) -> None:
        import json

        self.store.write("runs", f"{run_id}/result.json", json.dumps(document))


def order(name: str = "rf1", **more: Any) -> TrainSpec:
    given = {"classifier": Classifier.of("random-forest", {}, 0), "data": {"train": "aa", "test": "bb"}, **more}
    return TrainSpec(run_id=new_run_id(name, "train"), name=name, backbone=NETWORK, **given)


@pytest.fixture
def bench() -> Iterator[Bench]:
    with livy_server() as server:
        yield Bench(server)


def test_a_job_is_submitted_followed_and_recorded(bench: Bench) -> None:
    bench.steps = [bench.state("running"), bench.result()]
    record = bench.jobs.run(order())
    assert record.state == "succeeded"
    assert record.metrics is not None
    assert record.metrics.accuracy == 0.95
    assert record.data == {"train": "aa", "test": "bb"}
    assert record.batch is not None
    assert record.batch.name == record.run_id
    assert bench.jobs.history.get(record.run_id) == record


def test_a_run_has_its_share_of_the_clusters_price(bench: Bench) -> None:
    bench.jobs.livy.endpoint = replace(bench.jobs.livy.endpoint, usd_per_hour=40.0)
    bench.steps = [bench.result()]
    assert bench.jobs.run(order()).cost_usd == pytest.approx(40 * 9 / 3600)
    beside = replace(bench.jobs, batches=4)
    bench.steps = [bench.result()]
    assert beside.run(order(name="other")).cost_usd == pytest.approx(10 * 9 / 3600)


def test_only_storage_addresses_go_to_the_cluster(bench: Bench) -> None:
    bench.steps = [bench.result()]
    bodies = []
    accept = bench.server.accept
    bench.server.accept = lambda body: bodies.append(body) or accept(body)  # type: ignore[method-assign,func-returns-value]
    record = bench.jobs.run(order())
    [body] = bodies
    assert body["args"] == [f"wasbs://runs@a.blob.localhost:1/{record.run_id}/spec.json"]
    assert body["file"].startswith("wasbs://cluster@a.blob.localhost:1/jobs/")
    assert body["pyFiles"][0].endswith("/spark_jobs.zip")
    assert "k" not in body["args"]


def test_spark_is_told_what_the_worker_nodes_are(bench: Bench) -> None:
    endpoint = replace(
        bench.jobs.livy.endpoint, workers=4, worker_size="Standard_D12_V2", conf={"spark.yarn.maxAppAttempts": "1"}
    )
    bench.jobs.livy.endpoint = endpoint
    bench.jobs.submit(order())
    conf = bench.server.batches[-1]["conf"]
    assert (conf["spark.executor.instances"], conf["spark.executor.cores"], conf["spark.yarn.maxAppAttempts"]) == ("4", "4", "1")
    replace(bench.jobs, batches=2).submit(order(name="beside"))
    assert bench.server.batches[-1]["conf"]["spark.executor.instances"] == "2"


def test_nodes_of_an_unknown_size_are_left_to_the_clusters_own_settings(bench: Bench) -> None:
    bench.jobs.livy.endpoint = replace(bench.jobs.livy.endpoint, workers=4, worker_size="Standard_Other")
    assert bench.jobs.settings() == []


@pytest.mark.parametrize(
    ("made", "python"),
    [
        (order(classifier=Classifier.of("lightgbm", {}, 0)), True),
        (order(engine="synapseml"), False),
        (ScoreSpec(run_id="rf1-score-1", name="rf1", backbone=NETWORK, model_type="lightgbm"), True),
        (order(), None),
        (ScoreSpec(run_id="rf1-score-2", name="rf1", backbone=NETWORK, model_type="random_forest"), None),
    ],
)
def test_synapseml_goes_to_the_cluster_where_it_is_needed(bench: Bench, made: JobOrder, python: bool | None) -> None:
    asked: list[bool] = []

    def settings(*, python: bool) -> dict[str, str]:
        asked.append(python)
        return {"spark.jars": "local:synapseml.jar"}

    replace(bench.jobs, synapseml=settings).submit(made)
    assert asked == ([] if python is None else [python])
    assert ("spark.jars" in bench.server.batches[-1]["conf"]) == bool(asked)


def test_where_synapseml_cannot_be_had_nothing_is_submitted(bench: Bench) -> None:
    def refuse(*, python: bool) -> dict[str, str]:
        raise UsageError("SynapseML is not there.")

    with pytest.raises(UsageError):
        replace(bench.jobs, synapseml=refuse).run(order(classifier=Classifier.of("lightgbm", {}, 0)))
    assert bench.server.posts == 0 and not RunFiles(bench.store).open("rf1", "train")  # type: ignore[arg-type]


def test_the_same_order_again_has_nothing_to_do(bench: Bench) -> None:
    bench.steps = [bench.result()]
    first = bench.jobs.run(order())
    assert bench.jobs.run(order()).run_id == first.run_id
    assert bench.server.posts == 1


def test_other_data_or_other_parameters_make_another_job_and_a_taken_name_is_refused(bench: Bench) -> None:
    bench.steps = [bench.result()]
    bench.jobs.run(order())
    bench.store.write("trainedmodels", "rf1/model.info", "model_source,mmlspark")
    with pytest.raises(RefusedError, match="There is a model 'rf1' already"):
        bench.jobs.run(order().model_copy(update={"data": {"train": "cc", "test": "bb"}}))
    bench.steps = [bench.result()]
    assert bench.jobs.run(order(overwrite=True)).state == "succeeded"
    assert bench.server.posts == 2


def test_the_cache_makes_no_other_order() -> None:
    assert order(cache=False).digest() == order().digest() != order(max_rejected=0.5).digest()


def test_a_killed_command_line_is_resumed_without_a_second_job(bench: Bench) -> None:
    first = order()
    bench.jobs.submit(first)  # and here the process died
    bench.steps = [bench.state("running"), bench.result()]
    assert bench.jobs.run(order()).run_id == first.run_id
    assert len(bench.server.batches) == 1


def test_a_command_line_killed_before_the_submission_is_resumed(bench: Bench) -> None:
    first = order()
    RunFiles(bench.store).order(first)  # type: ignore[arg-type]
    bench.steps = [bench.result()]
    assert bench.jobs.run(order()).run_id == first.run_id


def test_a_forgotten_batch_is_known_by_its_result(bench: Bench) -> None:
    def forget() -> None:
        bench.result()()
        bench.server.batches.clear()

    bench.steps = [bench.state("running"), forget]
    assert bench.jobs.run(order()).state == "succeeded"


def test_a_batch_that_vanished_without_a_result_is_not_called_failed(bench: Bench) -> None:
    bench.steps = [bench.state("running"), bench.server.batches.clear]
    with pytest.raises(ClusterError, match="no longer knows the batch"):
        bench.jobs.run(order())
    assert bench.jobs.history.list() == []


def test_a_dead_batch_shows_the_part_of_the_log_that_matters(bench: Bench) -> None:
    def die() -> None:
        bench.server.batches[-1]["state"] = "dead"
        bench.server.logs[0] = ["INFO x", "Traceback (most recent call last):", '  File "main.py"', "OSError: disk full"]

    bench.steps = [die]
    with pytest.raises(JobFailedError, match="OSError: disk full") as caught:
        bench.jobs.run(order())
    assert "aerial-ops jobs logs rf1-train-" in caught.value.suggestion
    [record] = bench.jobs.history.list()
    assert record.state == "failed"


def test_after_a_failure_the_same_order_makes_a_new_job(bench: Bench) -> None:
    bench.steps = [bench.state("dead")]
    with pytest.raises(JobFailedError):
        bench.jobs.run(order())
    bench.steps = [bench.result()]
    assert bench.jobs.run(order()).state == "succeeded"
    assert len(bench.server.batches) == 2


def test_the_jobs_own_error_is_told_with_its_details(bench: Bench) -> None:
    error = {
        "type": "DataError",
        "message": "3 of 20 images were rejected.",
        "suggestion": "Mend them.",
        "details": ["a.png: empty"],
    }
    bench.steps = [bench.result(status="failed", error=error, metrics=None)]
    with pytest.raises(JobFailedError, match="3 of 20 images were rejected") as caught:
        bench.jobs.run(order())
    assert "a.png: empty" in caught.value.message
    assert caught.value.suggestion == "Mend them."
    assert bench.jobs.history.list()[0].state == "failed"


def test_control_c_detaches_and_says_how_to_go_on(bench: Bench) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    bench.steps = [interrupt]
    with pytest.raises(DetachedError) as caught:
        bench.jobs.run(order())
    assert "aerial-ops jobs follow rf1-train-" in caught.value.suggestion
    assert "aerial-ops jobs kill rf1-train-" in caught.value.suggestion
    assert caught.value.exit_code == 130


def test_killing_ends_the_batch_and_is_recorded(bench: Bench) -> None:
    first = order()
    bench.jobs.submit(first)
    assert bench.jobs.kill(first.run_id)
    assert not bench.jobs.kill(first.run_id)
    assert bench.jobs.history.get(first.run_id).state == "killed"


def test_an_unknown_run_is_named(bench: Bench) -> None:
    with pytest.raises(UsageError, match="no run 'nope'"):
        bench.jobs.follow("nope")


def test_jobs_are_listed_with_their_progress(bench: Bench) -> None:
    first = order()
    bench.jobs.submit(first)
    bench.store.write("runs", f"{first.run_id}/progress.json", '{"stage": "featurise", "done": 3, "total": 9}')
    [line] = bench.jobs.list()
    assert (line.run_id, line.state, line.stage, line.done, line.total, line.batch) == (
        first.run_id,
        "starting",
        "featurise",
        3,
        9,
        0,
    )


def test_the_log_of_a_forgotten_batch_points_to_the_record(bench: Bench) -> None:
    first = order()
    bench.jobs.submit(first)
    bench.server.batches.clear()
    with pytest.raises(UsageError, match="no longer has the log"):
        bench.jobs.log(first.run_id)
