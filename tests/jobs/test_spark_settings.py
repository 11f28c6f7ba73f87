import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerial_ops.jobs.spark_settings import Node, spark_settings

SIZES = ["Standard_A4_v2", "Standard_D12_V2", "Standard_D14_V2", "Standard_E16_v3", "Standard_D3_V2"]


def values(size: str, workers: int, batches: int = 1) -> dict[str, str]:
    node = Node.of(size)
    assert node is not None
    return {setting.name: setting.value for setting in spark_settings(node, workers, batches)}


def megabytes(settings: dict[str, str], *names: str) -> int:
    return sum(int(settings[name].removesuffix("m")) for name in names)


def test_the_missions_cluster() -> None:
    found = values("Standard_D12_V2", 40)
    assert found["spark.executor.instances"] == "40"
    assert found["spark.executor.cores"] == "4"
    assert found["spark.executor.memory"] == "8192m"
    assert found["spark.executor.memoryOverhead"] == "12288m"
    assert found["spark.driver.memory"] == "4096m"


@given(st.sampled_from(SIZES), st.integers(1, 200), st.integers(1, 8))
def test_an_executor_and_a_driver_fit_on_every_node_together(size: str, workers: int, batches: int) -> None:
    node, found = Node.of(size), values(size, workers, batches)
    assert node is not None
    executor = megabytes(found, "spark.executor.memory", "spark.executor.memoryOverhead")
    driver = megabytes(found, "spark.driver.memory", "spark.driver.memoryOverhead")
    assert executor + driver <= 1024 * node.yarn_gb < 1024 * node.memory_gb
    # An ONNX Runtime session with AlexNet, the largest of the catalogue, takes half a gigabyte.
    assert megabytes(found, "spark.executor.memoryOverhead") >= 512 * node.cores
    assert 1 <= int(found["spark.executor.instances"]) <= workers


@given(st.integers(1, 200), st.integers(1, 8))
def test_batches_side_by_side_share_the_nodes(workers: int, batches: int) -> None:
    together = batches * int(values("Standard_D12_V2", workers, batches)["spark.executor.instances"])
    assert together <= max(workers, batches)


def test_every_setting_says_why() -> None:
    node = Node.of("standard_d12_v2")
    assert node == Node(4, 28)
    assert all(setting.why for setting in spark_settings(node, 2))


@pytest.mark.parametrize("size", ["Standard_Unknown", ""])
def test_a_size_that_is_not_known(size: str) -> None:
    assert Node.of(size) is None
