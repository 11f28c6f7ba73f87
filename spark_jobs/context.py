"""What train and score share: the stores, the tiles, the features, and what is done with images that cannot be read."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Mapping, Sequence

from spark_jobs import cache
from spark_jobs.access import grant
from spark_jobs.cache import FeatureIndex
from spark_jobs.cutting import cores_of, cut, slice_counts
from spark_jobs.engines import Engine, OnnxRuntime, SynapseMl
from spark_jobs.errors import DataError, NotFoundError, TooManyRejectedError
from spark_jobs.learn import Predicted
from spark_jobs.network import Network
from spark_jobs.places import Place
from spark_jobs.plans import planned_once
from spark_jobs.progress import Progress
from spark_jobs.slices import Order, Slice
from spark_jobs.spec import Spec
from spark_jobs.stores import Store, open_store
from spark_jobs.tables import prediction_csv, prediction_parquet, read_csv, rejected_csv
from spark_jobs.tally import Tally
from spark_jobs.tiles import Tile, list_sets, sample_tiles

PREDICTIONS = "predictions"

log = logging.getLogger(__name__)


@dataclass
class Job:
    """One run of one order. `store` is the driver's; what workers may touch, the engine has."""

    spark: Any
    place: Place
    spec: Spec
    store: Store
    progress: Progress
    engine: Engine
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    rejected: list[tuple[str, str]] = field(default_factory=list)
    lost: set[tuple[str, str]] = field(default_factory=set)  # the same by set and path
    tally: Tally = field(default_factory=Tally)
    cache: str = ""
    _kept: list[Any] = field(default_factory=list)
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, thread_name_prefix="prepare"))
    _preparing: list[Future[None]] = field(default_factory=list)
    _index: Future[FeatureIndex] | None = None

    @classmethod
    def open(cls, spark: Any, place: Place, spec: Spec, progress: Progress, folder: Path) -> Job:
        """Ask for the access that the order needs, and no more."""
        images = {images.container: "rl" for images in spec.sets.values()}
        outputs = {"pretrainedmodels": "r", "trainedmodels": "rwcd", PREDICTIONS: "rwc", "runs": "rwc"}
        features = {cache.CONTAINER: "rwcdl"} if spec.keeps_features else {}
        store = open_store(grant(spark, place, {**images, **outputs, **features}))
        engine: Engine
        if spec.engine == "synapseml":
            engine = SynapseMl(spark, store, place, spec.backbone)
        else:
            workers = grant(spark, place, {**dict.fromkeys(images, "r"), **dict.fromkeys(features, "rwcd")})
            engine = OnnxRuntime(spark, store, workers, folder)
        return cls(spark, place, spec, store, progress, engine)

    def find_tiles(self) -> dict[str, list[Tile]]:
        """The sampled tiles of each set, sorted by path. Raises DataError when a set is empty."""
        found = {}
        for name, tiles in list_sets(self.store, self.spec.sets).items():
            found[name] = sample_tiles(tiles, self.spec.fraction, self.spec.sample_seed, by_label=name != "tiles")
            self.counts[name] = {"listed": len(tiles), "sampled": len(found[name]), "used": 0, "rejected": 0}
        return found

    def hand_out(self, network: Network, container: str, file: str) -> None:
        """Begin to have the network checked and where features are computed, and the cache's index read.

        `featurise` waits for both, and raises what they raise; until then there are tiles to list.
        """
        self._preparing.append(self._threads.submit(self.engine.prepare, network, container, file))
        if self.spec.keeps_features:
            self.cache = cache.folder_of(network)
            self._index = self._threads.submit(FeatureIndex, self.store, self.cache)

    def featurise(self, sets: Mapping[str, Sequence[Tile]], classes: Sequence[str], network: Network) -> Any:
        """The features of all sets: a frame (set, path, label, features), kept in Spark, unreadable images left out.

        What the feature cache holds is not computed again; what is computed goes there. Raises TooManyRejectedError, with the
        list in runs/RUN_ID/rejected.csv, when more are unreadable than the order allows.
        """
        index = {label: at for at, label in enumerate(classes)}
        slices: list[Slice] = []
        counts = slice_counts([len(tiles) for tiles in sets.values()], cores_of(self.spark))
        for (name, tiles), count in zip(sets.items(), counts):
            container = self.spec.sets[name].container
            orders = [Order(name, container, tile.path, index.get(tile.label, -1), tile.size, tile.mark) for tile in tiles]
            slices += [Slice(part) for part in cut(orders, count)]
        with self.progress.stage("list"):
            for each in self._preparing:
                each.result()
            self.engine.hand_out()
            slices = self._look_up(slices)
        total = sum(len(part.orders) for part in slices)
        with self.progress.stage("featurise", total, self.engine.done):
            rows = self.engine.rows(slices, network, self.cache).persist(_storage_level())
            self._kept.append(rows)
            with planned_once(self.spark):
                found = rows.where("reason is not null").select("set", "path", "reason").collect()
        self.tally = self.tally.plus(self.engine.tally())
        self._judge(sorted((row[0], row[1], row[2]) for row in found))
        return rows.where("reason is null").drop("reason")

    def _look_up(self, slices: list[Slice]) -> list[Slice]:
        """The slices, each with the parts of the cache that it needs."""
        if self._index is None:
            return slices
        index = self._index.result()
        self.tally = Tally(damaged_parts=index.damaged)
        return [part._replace(parts=index.parts_of(order.digest for order in part.orders)) for part in slices]

    def about_features(self) -> dict[str, Any]:
        """Where features came from, as result.json tells it."""
        done, cached, damaged, unwritten, _ = self.tally
        parts = {"damaged_parts": damaged, "unwritten_parts": unwritten}
        return {"cache": self.cache or None, "from_cache": cached, "computed": max(0, done - cached), **parts}

    def close(self) -> None:
        """Let go of the features, and end what has been begun."""
        self._threads.shutdown()
        for frame in self._kept:
            frame.unpersist()

    def _judge(self, rejected: Sequence[tuple[str, str, str]]) -> None:
        for name, count in self.counts.items():
            count["rejected"] = sum(row[0] == name for row in rejected)
            count["used"] = count["sampled"] - count["rejected"]
        self.lost = {(name, path) for name, path, _ in rejected}
        self.rejected = [(f"{self.spec.sets[name].container}/{path}", reason) for name, path, reason in rejected]
        sampled = sum(count["sampled"] for count in self.counts.values())
        if len(rejected) > self.spec.max_rejected * sampled:
            listing = f"{self.spec.run_id}/rejected.csv"
            self.store.put("runs", listing, rejected_csv(self.rejected), "text/csv")
            raise TooManyRejectedError(
                f"{len(rejected)} of {sampled} images cannot be used; {self.spec.max_rejected:.2%} may.",
                f"All of them are in runs/{listing}. Repair or remove them, or allow more with --max-rejected.",
                [f"{path}: {reason}" for path, reason in self.rejected[:10]],
            )
        for name, count in self.counts.items():
            if not count["used"]:
                raise DataError(
                    f"Not one image of the {name} set can be used.", details=[": ".join(row) for row in self.rejected[:10]]
                )

    def write_predictions(self, base: str, predictions: Sequence[Predicted], classes: Sequence[str], labelled: bool) -> None:
        """predictions/BASE.csv, and BASE.parquet with probabilities where the driver has pyarrow."""
        self.store.put(PREDICTIONS, f"{base}.csv", prediction_csv(predictions, classes, labelled), "text/csv")
        try:
            table = prediction_parquet(predictions, classes, labelled)
        except ImportError:
            log.warning("The driver has no pyarrow: %s.parquet with the probabilities is left out.", base)
            return
        self.store.put(PREDICTIONS, f"{base}.parquet", table)

    def write_rejected(self) -> None:
        """predictions/NAME_rejected.csv: what this job set aside, beside what one on other containers did with this model."""
        name = f"{self.spec.name}_rejected.csv"
        own = tuple(f"{images.container}/" for images in self.spec.sets.values())
        kept: list[Sequence[str]] = []
        if self.spec.kind == "score":
            try:
                kept = [row for row in read_csv(self.store.get(PREDICTIONS, name)) if not row[0].startswith(own)]
            except NotFoundError:
                kept = []
        self.store.put(PREDICTIONS, name, rejected_csv([*kept, *self.rejected]), "text/csv")


def _storage_level() -> Any:
    from pyspark import StorageLevel

    # As they are: PySpark's own MEMORY_AND_DISK serialises each block, and Spark ML's every pass would undo that.
    return StorageLevel(useDisk=True, useMemory=True, useOffHeap=False, deserialized=True)
