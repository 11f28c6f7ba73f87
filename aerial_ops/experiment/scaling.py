"""Before the county is classified: the number of workers that the file asks for, if that costs less than to stay as it is."""

from collections.abc import Mapping

from aerial_ops.errors import AerialOpsError, LeftBehindError
from aerial_ops.experiment import agenda
from aerial_ops.experiment.context import Run
from aerial_ops.infrastructure.changes import scale
from aerial_ops.infrastructure.cost import Nodes, rate_of
from aerial_ops.jobs.spark_settings import Node
from aerial_ops.planning.estimate import known_rates
from aerial_ops.planning.forecast import LIST, MAP_CLASSES, MAP_FEATURES, REMOVE, START, Workload, forecast
from aerial_ops.planning.rates import Rates
from aerial_ops.runs.record import RunRecord
from aerial_ops.storage.layout import COUNTY
from aerial_ops.storage.manifest import read_manifest

SCALE_SECONDS = 300.0  # what HDInsight usually takes; it bills the larger number meanwhile
STAGES = (START, LIST, MAP_FEATURES, MAP_CLASSES, REMOVE)


def scale_for_scoring(run: Run, best: RunRecord) -> None:
    """Scale, or say why not. A scaling that is refused changes nothing: the county is classified on the cluster as it is."""
    asked, described = run.plan.score.workers if run.plan.score else None, run.site.environment.description()
    if asked is None or described is None:
        return
    if asked == described.workers:
        run.steps.skipped(agenda.SCALE, f"The cluster has {asked} workers.")
        return
    try:
        why_not = _why_not(run, best, asked)
    except AerialOpsError as error:
        why_not = f"What it would cost is not known: {error.message}"
    if why_not:
        run.steps.skipped(agenda.SCALE, why_not)
        return
    with run.steps.step(agenda.SCALE, f"from {described.workers} to {asked} workers"), run.journal.step(agenda.SCALE):
        try:
            changed = scale(run.site, asked, check_price=run.order.check_price)
            if changed.rate:
                run.steps.pays(changed.rate.usd_per_hour)
        except LeftBehindError:
            raise
        except AerialOpsError as error:
            run.report.note(f"The cluster stays as it is. {error.message}")


def usd_to_score(tiles: int, workers: int, cores_each: int, rates: Rates, hourly: float) -> float:
    """What the cluster costs from now until it is gone, when it classifies so many tiles."""
    work = Workload(0, 0, tiles, backbones=0, classifiers=0)
    return (
        sum(stage.seconds for stage in forecast(work, workers, cores_each, rates).stages if stage.name in STAGES) / 3600 * hourly
    )


def saves(now: int, asked: int, usd: Mapping[int, float], hourly: Mapping[int, float]) -> bool:
    """Whether scaling, during which the larger of the two is paid, and then going on is cheaper than going on at once."""
    return SCALE_SECONDS / 3600 * max(hourly[now], hourly[asked]) + usd[asked] < usd[now]


def _why_not(run: Run, best: RunRecord, asked: int) -> str:
    """Why the cluster is not scaled; empty when that saves money."""
    described, manifest = run.site.environment.description(), read_manifest(run.store, COUNTY)
    node = Node.of(described.worker_size) if described else None
    if described is None or node is None or manifest is None:
        return "What it would save is not known."
    rates = known_rates(run.site, best.backbone.name if best.backbone else None)
    hourly, usd = {}, {}
    for workers in (described.workers, asked):
        nodes = Nodes(workers, described.worker_size, described.head_size)
        hourly[workers] = rate_of(nodes, described.location, run.site.prices).usd_per_hour
        usd[workers] = usd_to_score(manifest.count, workers, node.cores, rates, hourly[workers])
    if saves(described.workers, asked, usd, hourly):
        return ""
    then = SCALE_SECONDS / 3600 * max(hourly.values()) + usd[asked]
    return f"It would not save: about {then:.2f} $ until the end with {asked} workers, {usd[described.workers]:.2f} $ as it is."
