"""Put rates, prices and node sizes together: what an experiment takes on so many workers, and which number is the cheapest."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from aerial_ops.errors import AerialOpsError, UsageError
from aerial_ops.infrastructure.cost import Nodes, Rate, rate_of
from aerial_ops.infrastructure.site import Site
from aerial_ops.infrastructure.terraform.progress import CLUSTER
from aerial_ops.jobs.spark_settings import Node
from aerial_ops.planning.forecast import Forecast, Workload, cheapest, forecast
from aerial_ops.planning.kept import KeptRates
from aerial_ops.planning.rates import MEASURED_BEFORE, Rates, rates_from
from aerial_ops.runs.history import History
from aerial_ops.storage.blobs import BlobStore

MOST_WORKERS = 200
NEWEST = 200  # runs that count as measurements
CURVE = (1, 2, 4, 8, 16, 24, 32, 40, 64)


@dataclass(frozen=True)
class Estimate:
    """`chosen` is for the number of workers that was asked for or found; `curve` shows others; `rates` say what it rests on."""

    chosen: Forecast
    curve: tuple[Forecast, ...]
    rates: Rates
    worker_size: str

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            **self.chosen.as_dict(),
            "worker_size": self.worker_size,
            "rates": {"images_per_second_and_core": round(self.rates.featurise, 2), "source": self.rates.source},
            "curve": [{key: one.as_dict()[key] for key in ("workers", "seconds", "usd")} for one in self.curve],
        }


def estimate(
    site: Site,
    work: Workload,
    workers: int | None = None,
    within_seconds: float | None = None,
    backbone: str | None = None,
) -> Estimate:
    """What `work` takes on `workers` workers; with `within_seconds` and no number, on the cheapest number that ends in time.

    `backbone` counts the speed of that network alone. Raises UsageError for a size whose cores are not known, and when no
    number ends in time.
    """
    size = site.settings.worker_size
    node = Node.of(size)
    if node is None:
        raise UsageError(
            f"The cores of {size} are not known here.", suggestion="Choose another worker_size, such as Standard_D12_V2."
        )
    rates = known_rates(site, backbone)
    work = with_own_times(site, work)
    price = _price(site)

    def of(count: int) -> Forecast:
        return forecast(work, count, node.cores, rates, price.with_workers(count).usd_per_hour if price else None)

    if workers is None and within_seconds is not None:
        found = cheapest(range(1, MOST_WORKERS + 1), of, within_seconds)
        if found is None:
            raise _too_short(min(map(of, range(1, MOST_WORKERS + 1)), key=lambda one: one.seconds))
    else:
        found = of(workers or site.settings.workers)
    counts = sorted({*CURVE, found.workers})
    return Estimate(found, tuple(map(of, counts)), rates, size)


def with_own_times(site: Site, work: Workload) -> Workload:
    """`work` with what making and removing a cluster has taken on this machine, where it has been done."""
    known: dict[str, Any] = {}
    for action, name in (("create", "create"), ("delete", "remove")):
        length = site.times.usual(CLUSTER, action)
        if length is not None:
            known[f"{name}_minutes"], known[f"{name}_from"] = length / timedelta(minutes=1), "the cloud, as the last times here"
    return replace(work, **known)


def known_rates(site: Site, backbone: str | None = None) -> Rates:
    """From the environment's run history, else as they were last known here, else the project's own figures."""
    kept = KeptRates(site.settings.home, backbone)
    try:
        measured = rates_from(History(BlobStore.of(site.cloud)).list(limit=NEWEST), backbone)
    except AerialOpsError:  # no environment, or none that answers: the estimate says what it rests on
        measured = None
    if measured:
        kept.write(measured)
    return measured or kept.read() or MEASURED_BEFORE


def _price(site: Site) -> Rate | None:
    settings = site.settings
    try:
        site.cloud.open(site.report)
        return rate_of(Nodes(1, settings.worker_size, settings.head_size), settings.location, site.prices)
    except AerialOpsError as error:
        site.report.note(f"Without prices: {error.message}")
        return None


def _too_short(fastest: Forecast) -> UsageError:
    return UsageError(
        f"No cluster of at most {MOST_WORKERS} workers ends so soon: {fastest.workers} workers take {fastest.seconds / 60:.0f} "
        "minutes, and most of that is making and removing the cluster.",
        suggestion=f"Allow more time: --within {fastest.seconds / 60 + 1:.0f}m",
    )
