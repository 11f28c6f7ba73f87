from collections.abc import Iterator
from dataclasses import replace

import pytest

from aerial_ops.errors import ClusterError
from aerial_ops.jobs.livy import BatchRequest, LivyClient

from .livy_server import LivyServer, livy_server

REQUEST = BatchRequest(name="rf1-train-1", file="wasbs://cluster@a/jobs/main.py", py_files=["wasbs://cluster@a/jobs/x.zip"])


@pytest.fixture
def server() -> Iterator[LivyServer]:
    with livy_server() as server:
        yield server


@pytest.fixture
def client(server: LivyServer) -> LivyClient:
    return LivyClient(server.endpoint(), pause=lambda _: None)


def test_a_batch_is_submitted_and_found_again(server: LivyServer, client: LivyClient) -> None:
    batch = client.submit(REQUEST)
    assert client.find("rf1-train-1") == batch
    assert client.get(batch.id) == batch


def test_the_clusters_own_settings_go_with_every_batch(server: LivyServer) -> None:
    bodies = []
    accept = server.accept
    server.accept = lambda body: bodies.append(body) or accept(body)  # type: ignore[method-assign,func-returns-value]
    endpoint = replace(server.endpoint(), conf={"spark.pyspark.python": "/opt/python", "a": "1"})
    LivyClient(endpoint).submit(REQUEST.model_copy(update={"conf": {"a": "2"}}))
    assert bodies[0]["conf"] == {"spark.pyspark.python": "/opt/python", "a": "2"}


@pytest.mark.parametrize("fault", ["lose", "drop", 502, 503, 500, 429])
def test_a_lost_answer_never_submits_twice(server: LivyServer, client: LivyClient, fault: str | int) -> None:
    server.faults = [fault]
    batch = client.submit(REQUEST)
    assert [b["name"] for b in server.batches] == ["rf1-train-1"]
    assert batch.id == 0


def test_an_answer_lost_twice_with_a_slow_list_ends_in_one_batch(server: LivyServer, client: LivyClient) -> None:
    server.faults = ["lose", "drop", 503]
    client.submit(REQUEST)
    assert len(server.batches) == 1


def test_submitting_the_same_name_again_gives_the_first_batch(server: LivyServer, client: LivyClient) -> None:
    assert client.submit(REQUEST) == client.submit(REQUEST)
    assert len(server.batches) == 1


def test_a_refusal_is_not_repeated(server: LivyServer, client: LivyClient) -> None:
    server.faults = [400]
    with pytest.raises(ClusterError, match="refused to start the batch rf1-train-1: HTTP 400 as told"):
        client.submit(REQUEST)
    assert server.posts == 1


def test_a_wrong_password_names_the_settings(server: LivyServer, client: LivyClient) -> None:
    server.faults = [401]
    with pytest.raises(ClusterError) as caught:
        client.get(3)
    assert "AERIAL_OPS_CLUSTER_PASSWORD" in caught.value.suggestion


def test_a_server_that_stays_away_is_named_with_the_next_step(client: LivyClient, server: LivyServer) -> None:
    server.faults = ["drop"] * 100
    with pytest.raises(ClusterError, match=r"Could not read batches/3 at http://127.0.0.1:\d+/livy in 90 s"):
        client.get(3)


def test_a_forgotten_batch_is_none_and_has_no_log(client: LivyClient) -> None:
    assert client.get(99) is None
    assert client.log(99) == []
    client.kill(99)


def test_more_than_a_page_of_batches_is_listed(server: LivyServer, client: LivyClient) -> None:
    for number in range(250):
        server.accept({"name": f"b{number}"})
    assert len(list(client.batches())) == 250
    assert client.find("b249") is not None


def test_killing_is_repeated_until_the_server_has_heard_it(server: LivyServer, client: LivyClient) -> None:
    batch = client.submit(REQUEST)
    server.faults = ["drop", 503]
    client.kill(batch.id)
    assert server.batches[0]["state"] == "killed"
