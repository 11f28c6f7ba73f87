"""The jobs' featurise stage by itself: by the default engine in this process's Spark, by SynapseML in a Spark of its own."""

import hashlib
import multiprocessing
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.local_spark import session

PRETRAINED, NETWORK, VALUES = "pretrainedmodels", "network.onnx", "network.values.onnx"


class SparkStage:
    """The job's featurise stage on a warm Spark, over the container `tiles` of a place. The feature cache is off.

    `values` is the SHA-256 of the network that takes floats, which the engine synapseml wants.
    """

    def __init__(self, spark: Any, place: Any, network: Any, names: list[str], folder: Path, values: str = "") -> None:
        from spark_jobs.context import Job
        from spark_jobs.progress import Progress
        from spark_jobs.spec import Backbone, ImageSet, NetworkFile, Spec
        from spark_jobs.tiles import Tile

        self._network = network
        self._sets = {"tiles": [Tile(name, "") for name in names]}
        backbone = None
        if values:
            file = NetworkFile(VALUES, values)
            backbone = Backbone(network.name, NETWORK, network.sha256, network.side, network.length, file)
        spec = Spec(
            *("score", "benchmark", "benchmark", backbone, None, {"tiles": ImageSet("tiles")}),
            cache=False,
            engine="synapseml" if values else "onnxruntime",
        )
        folder.mkdir()
        self._job = Job.open(spark, place, spec, None, folder)
        self._job.progress = Progress(self._job.store, "benchmark/progress.json")
        self._job.hand_out(network, PRETRAINED, NETWORK)

    def seconds(self) -> float:
        """The stage, from the list of tiles to features in Spark's cache."""
        self._job.counts = {"tiles": {"sampled": len(self._sets["tiles"])}}
        started = time.perf_counter()
        self._job.featurise(self._sets, [], self._network)
        taken = time.perf_counter() - started
        self._job.close()
        return taken


def put_values(folder: Path, network: bytes) -> str:
    """Put the network that takes floats into FOLDER/pretrainedmodels; its SHA-256."""
    from aerial_ops.backbones import graph

    values = graph.serialise(graph.from_values(graph.load(network, NETWORK)))
    (folder / PRETRAINED / VALUES).write_bytes(values)
    return hashlib.sha256(values).hexdigest()


def synapseml_jars() -> str:
    """Spark's setting spark.jars; empty when SynapseML's jars are not in the cache."""
    from aerial_ops.emulator.jars import SYNAPSEML, complete, jars_folder, locked_jars

    folder = jars_folder(SYNAPSEML)
    jars = [f"local:{folder / jar.file}" for jar in locked_jars(SYNAPSEML)]
    return ",".join(jars) if complete(folder, SYNAPSEML) else ""


class SynapseStage:
    """The stage by SynapseML, from files, in a process and a Spark of its own: its JVM does the work and has both compilers."""

    def __init__(self, processes: int, folder: Path, network: Any, names: list[str], values: str) -> None:
        self._pipe, there = multiprocessing.get_context("spawn").Pipe()
        given = (there, processes, str(folder), network, names, values, synapseml_jars())
        self._process = multiprocessing.get_context("spawn").Process(target=_synapse_process, args=given)
        self._process.start()
        there.close()

    def seconds(self) -> float:
        """The stage, from the list of tiles to features in Spark's cache. Raises EOFError when that process is gone."""
        self._pipe.send("run")
        return float(self._pipe.recv())

    def stop(self) -> None:
        """End the process and its Spark."""
        if self._process.is_alive():
            self._pipe.send("stop")
        self._process.join()


def _synapse_process(
    pipe: Connection, processes: int, folder: str, network: Any, names: list[str], values: str, jars: str
) -> None:
    from spark_jobs.places import Place

    spark = session(processes, {"spark.jars": jars}, java_options="")
    try:
        stage = SparkStage(spark, Place(Path(folder).as_uri(), "file"), network, names, Path(folder, "synapseml"), values)
        while pipe.recv() != "stop":
            pipe.send(stage.seconds())
    finally:
        spark.stop()
