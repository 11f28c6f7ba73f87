"""How fast one core works, as runs of the past have measured it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from aerial_ops.runs.record import RunRecord

_ENOUGH = 100  # computed tiles below which start-up and chance outweigh the work


@dataclass(frozen=True)
class Rates:
    """Figures of one core, and those that do not depend on the cores.

    `featurise`: tiles a second and core. `fit`, `predict`: core seconds a tile for the classifier's training and for prediction.
    `listing`: paths a second. `start`: seconds from the order of a job to its first stage. `source` says where they are from.
    """

    featurise: float
    fit: float
    predict: float
    listing: float
    start: float
    source: str


# docs/benchmarks.md: efficientnet-lite0, the demo's jobs on 2 cores of an x86-64 server. YARN starts a job more slowly.
MEASURED_BEFORE = Rates(
    81.0, 0.006, 0.002, 5000.0, 40.0, "the project's own measurements on another machine (docs/benchmarks.md)"
)


def rates_from(records: Iterable[RunRecord], backbone: str | None = None) -> Rates | None:
    """The medians over succeeded runs that computed features themselves (of `backbone`, if given); None when there is none.

    Calibration runs, when there are any, are believed alone: they measure nothing else.
    """
    usable = [run for run in records if _computed(run) >= _ENOUGH and _featurise(run) and backbone in (None, _backbone(run))]
    chosen = [run for run in usable if run.kind == "calibrate"] or usable
    if not chosen:
        return None
    return Rates(
        featurise=median(_featurise(run) for run in chosen),
        fit=_median(usable, _fit, MEASURED_BEFORE.fit),
        predict=_median(usable, _predict, MEASURED_BEFORE.predict),
        listing=_median(usable, _listing, MEASURED_BEFORE.listing),
        start=_median(usable, _start, MEASURED_BEFORE.start),
        source=f"{len(chosen)} {'calibration' if chosen[0].kind == 'calibrate' else 'earlier'} run(s) here",
    )


def _median(runs: Sequence[RunRecord], figure: Callable[[RunRecord], float], otherwise: float) -> float:
    found = [value for value in map(figure, runs) if value > 0]
    return median(found) if found else otherwise


def _computed(run: RunRecord) -> int:
    return run.features.computed if run.features and run.state == "succeeded" and run.cores else 0


def _backbone(run: RunRecord) -> str:
    return run.backbone.name if run.backbone else ""


def _featurise(run: RunRecord) -> float:
    seconds = run.timings.get("featurise", 0.0)
    return _computed(run) / (seconds * (run.cores or 1)) if seconds > 0 else 0.0


def _fit(run: RunRecord) -> float:
    return run.timings.get("fit", 0.0) * (run.cores or 1) / max(_tiles(run, "train", "used"), 1)


def _predict(run: RunRecord) -> float:
    seconds = run.timings.get("predict", 0.0) + run.timings.get("evaluate", 0.0)
    return seconds * (run.cores or 1) / max(_tiles(run, "test", "used") + _tiles(run, "tiles", "used"), 1)


def _listing(run: RunRecord) -> float:
    seconds = run.timings.get("list", 0.0)
    return sum(counts.get("listed", 0) for counts in run.counts.values()) / seconds if seconds > 0 else 0.0


def _start(run: RunRecord) -> float:
    before = (run.started_at - run.created_at).total_seconds() if run.started_at else 0.0
    return before + max(0.0, (run.seconds or 0.0) - sum(run.timings.values()))


def _tiles(run: RunRecord, images: str, what: str) -> int:
    return run.counts.get(images, {}).get(what, 0)
