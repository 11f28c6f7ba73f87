"""How features are computed: by ONNX Runtime in Python on the workers, or by SynapseML in their JVMs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Sequence

from spark_jobs import synapse
from spark_jobs.errors import SpecError
from spark_jobs.network import Network, checked_file
from spark_jobs.places import Place
from spark_jobs.slices import Slice
from spark_jobs.spec import Backbone
from spark_jobs.stores import Access, Store
from spark_jobs.tally import Tally, new_tally


class Engine(Protocol):
    """Made for one job: `prepare`, `hand_out`, then `rows` once; `done` and `tally` may be asked at any time."""

    def prepare(self, network: Network, container: str, file: str) -> None:
        """Have the network checked and at hand. May run beside other work."""

    def hand_out(self) -> None:
        """Have it where features are computed."""

    def rows(self, slices: Sequence[Slice], network: Network, cache: str) -> Any:
        """A lazy frame (set, path, label, features, reason), a slice a partition; either features or reason is null."""

    def done(self) -> int:
        """How many tiles are through."""

    def tally(self) -> Tally:
        """What became of the tiles, once the frame was computed."""


@dataclass
class OnnxRuntime:
    """The default. `workers` is what the workers may read and write; from `folder`, executors fetch the network's file."""

    spark: Any
    store: Store
    workers: Access
    folder: Path
    _file: Path | None = None
    _told: Any = None

    def prepare(self, network: Network, container: str, file: str) -> None:
        """Fetch and check the file. Raises BackboneError."""
        self._file = checked_file(self.store, container, file, network, self.folder)

    def hand_out(self) -> None:
        """Have Spark give the file to the executors."""
        self.spark.sparkContext.addFile(str(self._file))

    def rows(self, slices: Sequence[Slice], network: Network, cache: str) -> Any:
        """See Engine."""
        from spark_jobs.featurise import Work, featurise

        self._told = new_tally(self.spark.sparkContext)
        return featurise(self.spark, slices, Work(self.workers, network, cache), self._told.add)

    def done(self) -> int:
        """Counted on the workers."""
        return int(self.tally().done)

    def tally(self) -> Tally:
        """Counted on the workers."""
        return self._told.value if self._told else Tally()


@dataclass
class SynapseMl:
    """For clusters without Python packages; `backbone` is the order's."""

    spark: Any
    store: Store
    place: Place
    backbone: Backbone | None
    _network: bytes = b""
    _total: int = 0

    def prepare(self, network: Network, container: str, file: str) -> None:
        """Fetch the network that takes floats. Raises JobError without SynapseML, SpecError for a retrained network."""
        synapse.check_there(self.spark.sparkContext, "onnx.ONNXModel", "or use the default engine: --engine onnxruntime")
        if self.backbone is None or self.backbone.values is None:
            raise SpecError(
                "The engine synapseml needs a backbone with its network of floats; the order names none.",
                "A network retrained elsewhere runs on the default engine: --engine onnxruntime",
            )
        self._network = synapse.load_network(self.store, container, self.backbone.values)

    def hand_out(self) -> None:
        """The plan takes it along."""

    def rows(self, slices: Sequence[Slice], network: Network, cache: str) -> Any:
        """See Engine; nothing is looked up in the cache or kept there."""
        self._total = sum(len(part.orders) for part in slices)
        return synapse.featurise(self.spark, self.place, slices, self._network, network.side)

    def done(self) -> int:
        """By the share of Spark's tasks that have ended."""
        return int(synapse.share_done(self.spark) * self._total)

    def tally(self) -> Tally:
        """All were computed."""
        return Tally(done=self._total)
