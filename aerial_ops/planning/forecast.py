"""Time and price of an experiment on a number of workers, stage by stage, each with what limits it."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aerial_ops.infrastructure.cost import paid_minutes
from aerial_ops.infrastructure.terraform.progress import AZURE_TAKES, CLUSTER
from aerial_ops.planning.rates import Rates
from spark_jobs.cutting import slice_counts

REQUESTS_A_SECOND = 20_000  # Azure's target for one standard storage account
COPIES_A_SECOND = 600.0  # sync, measured against one account (docs/benchmarks.md)
DATA_MINUTES = 2.0  # to make the data layer
CREATE_MINUTES, REMOVE_MINUTES = (AZURE_TAKES[CLUSTER, action] / timedelta(minutes=1) for action in ("create", "delete"))
START, LIST, MAP_FEATURES, MAP_CLASSES, REMOVE = (  # stages
    "start the jobs", "list the tiles", "features of the map", "predict the map", "remove everything"
)  # fmt: skip

USUAL = "Azure, as it usually takes"


@dataclass(frozen=True)
class Workload:
    """How many tiles are used to train, to test, and mapped; by how many networks and classifiers on each.

    `create_minutes` and `remove_minutes` are what making and removing the cluster take; `create_from` and `remove_from` say
    how that is known.
    """

    train: int
    test: int
    county: int
    backbones: int = 1
    classifiers: int = 1
    create_minutes: float = CREATE_MINUTES
    remove_minutes: float = REMOVE_MINUTES
    create_from: str = USUAL
    remove_from: str = USUAL


@dataclass(frozen=True)
class Stage:
    """One stage: its wall time in seconds, and what limits it."""

    name: str
    seconds: float
    limit: str


@dataclass(frozen=True)
class Forecast:
    """All stages on `workers` workers. The cluster is paid from its order to its removal, `billed_seconds`."""

    workers: int
    cores: int
    stages: tuple[Stage, ...]
    billed_seconds: float
    usd_per_hour: float | None

    @property
    def seconds(self) -> float:
        """From `up` to the proof of emptiness."""
        return sum(stage.seconds for stage in self.stages)

    @property
    def usd(self) -> float | None:
        """The cluster's price, each minute begun counted whole; None when its hourly price is not known."""
        return None if self.usd_per_hour is None else paid_minutes(self.billed_seconds) / 60 * self.usd_per_hour

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "workers": self.workers,
            "cores": self.cores,
            "seconds": round(self.seconds, 1),
            "billed_seconds": round(self.billed_seconds, 1),
            "usd_per_hour": self.usd_per_hour,
            "usd": None if self.usd is None else round(self.usd, 2),
            "stages": [{"stage": one.name, "seconds": round(one.seconds, 1), "limit": one.limit} for one in self.stages],
        }


def forecast(work: Workload, workers: int, cores_each: int, rates: Rates, usd_per_hour: float | None = None) -> Forecast:
    """What `work` takes on `workers` nodes of `cores_each` cores. Pure arithmetic; docs/estimate.md explains each line."""
    cores = workers * cores_each
    create, remove = 60 * work.create_minutes, 60 * work.remove_minutes
    copying = (work.train + work.test + work.county) / COPIES_A_SECOND
    trainings = work.backbones * work.classifiers
    stages = [
        Stage("make the data layer", 60 * DATA_MINUTES, "Azure"),
        Stage("make the cluster", create, f"{work.create_from}; the images are copied meanwhile"),
        Stage("copy the rest of the images", max(0.0, copying - create), f"{COPIES_A_SECOND:.0f} copies a second"),
        Stage(START, (trainings + bool(work.county)) * rates.start, "YARN and Spark, once a job"),
        Stage(LIST, (trainings * (work.train + work.test) + work.county) / rates.listing, "one listing a job"),
        _featurise("features to train and test", [work.train, work.test], work.backbones, cores, rates),
        Stage("fit", trainings * work.train * rates.fit / cores, f"{cores} cores"),
        Stage("test", trainings * work.test * rates.predict / cores, f"{cores} cores"),
        _featurise(MAP_FEATURES, [work.county], 1, cores, rates),
        Stage(MAP_CLASSES, work.county * rates.predict / cores, f"{cores} cores"),
        Stage(REMOVE, remove, work.remove_from),
    ]
    billed = sum(stage.seconds for stage in stages[1:])
    return Forecast(workers, cores, tuple(stages), billed, usd_per_hour)


def cheapest(candidates: Iterable[int], of: Callable[[int], Forecast], within_seconds: float) -> Forecast | None:
    """The cheapest of the candidates that ends in time, by price and then by time; None when none does."""
    in_time = [found for found in map(of, candidates) if found.seconds <= within_seconds]
    return min(in_time, key=lambda found: (found.usd if found.usd is not None else found.workers, found.seconds), default=None)


def _featurise(name: str, sets: list[int], times: int, cores: int, rates: Rates) -> Stage:
    """Tasks of equal size go over the cores in full waves, if there are tiles enough; storage has a limit of its own."""
    slices = sum(slice_counts(sets, cores))
    tiles = sum(sets)
    if not tiles:
        return Stage(name, 0.0, "nothing to do")
    waves = math.ceil(slices / cores)
    computing = times * waves * (tiles / slices) / rates.featurise
    reading = times * tiles / REQUESTS_A_SECOND
    if reading > computing:
        return Stage(name, reading, f"{REQUESTS_A_SECOND:,} storage requests a second")
    return Stage(name, computing, f"{slices} tasks on {cores} cores: {waves} wave(s)")
