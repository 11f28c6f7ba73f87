"""Spark's settings for a job, derived from the worker nodes: one executor a node, and most of its memory outside of the JVM.

A job's work is done by one Python process a core, which holds a network in ONNX Runtime and a few batches of tiles; the JVM
lists, schedules and fits the classifier. Spark's own defaults on HDInsight give the JVM nearly everything.
"""

from dataclasses import dataclass

# Cores and memory (GB) of the sizes that HDInsight offers for worker nodes, from Azure's documentation.
_SIZES = {
    "standard_a4_v2": (4, 8),
    "standard_a8_v2": (8, 16),
    "standard_a8m_v2": (8, 64),
    "standard_d3_v2": (4, 14),
    "standard_d4_v2": (8, 28),
    "standard_d5_v2": (16, 56),
    "standard_d12_v2": (4, 28),
    "standard_d13_v2": (8, 56),
    "standard_d14_v2": (16, 112),
    "standard_d4a_v4": (4, 16),
    "standard_d8a_v4": (8, 32),
    "standard_d16a_v4": (16, 64),
    "standard_e2_v3": (2, 16),
    "standard_e4_v3": (4, 32),
    "standard_e8_v3": (8, 64),
    "standard_e16_v3": (16, 128),
}
_SYSTEM_SHARE, _SYSTEM_LEAST_GB = 0.1, 3.0  # the operating system, HDInsight's own services, YARN's node manager
_JVM_SHARE = 0.4


@dataclass(frozen=True)
class Node:
    """One worker node: cores, and memory in GB."""

    cores: int
    memory_gb: float

    @classmethod
    def of(cls, size: str) -> "Node | None":
        """The node of that Azure size; None for a size that is not known here."""
        known = _SIZES.get(size.lower())
        return cls(*known) if known else None

    @property
    def yarn_gb(self) -> float:
        """What YARN may hand out on it."""
        return self.memory_gb - max(_SYSTEM_LEAST_GB, _SYSTEM_SHARE * self.memory_gb)


@dataclass(frozen=True)
class Setting:
    """One of Spark's settings, and the reason for its value."""

    name: str
    value: str
    why: str


def spark_settings(node: Node, workers: int, batches: int = 1) -> list[Setting]:
    """Settings of a batch that shares `workers` nodes with `batches` - 1 others of its kind.

    An executor leaves room for a driver beside it, as in cluster mode one of the nodes hosts that too.
    """
    driver_heap, driver_more = _driver(node)
    container = int(1024 * node.yarn_gb) - driver_heap - driver_more
    heap = int(container * _JVM_SHARE)
    executors = max(1, workers // batches)
    return [
        Setting("spark.dynamicAllocation.enabled", "false", "all tiles are known at once: executors are asked for at the start"),
        Setting("spark.executor.instances", str(executors), f"one a node; {workers} nodes, {batches} job(s) at once"),
        Setting("spark.executor.cores", str(node.cores), "a task a core: each runs ONNX Runtime on one thread"),
        Setting("spark.executor.memory", f"{heap}m", "the JVM: listings, features in memory, fitting the classifier"),
        Setting(
            "spark.executor.memoryOverhead",
            f"{container - heap}m",
            f"{node.cores} Python processes outside of the JVM: network, ONNX Runtime's arena, tiles read ahead",
        ),
        Setting("spark.executorEnv.OMP_NUM_THREADS", "1", "a task's libraries must not spread over the other tasks' cores"),
        Setting(
            "spark.driver.memory", f"{driver_heap}m", "the paths of all tiles, and the features that a report of errors needs"
        ),
        Setting("spark.driver.memoryOverhead", f"{driver_more}m", "the driver's Python process"),
        Setting("spark.locality.wait", "0s", "tiles come over the network: every node is as near as any other"),
        Setting("spark.task.maxFailures", "8", "a storage account that throttles for a while must not end the job"),
        Setting("spark.speculation", "true", "a slow node's last tasks are done again elsewhere; results are idempotent"),
        Setting("spark.speculation.quantile", "0.9", "only when nine of ten tasks are done"),
        Setting("spark.speculation.multiplier", "2", "and only for a task that takes twice as long as the median"),
        Setting("spark.excludeOnFailure.enabled", "true", "a node on which tasks keep failing gets no more of them"),
    ]


def _driver(node: Node) -> tuple[int, int]:
    """Heap and overhead of the driver in MB: 4 and 1 GB, less on small nodes."""
    heap = min(4096, int(1024 * node.yarn_gb / 5))
    return heap, max(384, heap // 4)
