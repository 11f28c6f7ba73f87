"""Is everything in place for `up`? Each line says what is and, when it is not right, how to mend it."""

from collections.abc import Callable
from dataclasses import dataclass

from aerial_ops.errors import AerialOpsError
from aerial_ops.infrastructure.allowance import refuse_price
from aerial_ops.infrastructure.cost import rate_of
from aerial_ops.infrastructure.description import UpOrder, wanted
from aerial_ops.infrastructure.durations import duration_text
from aerial_ops.infrastructure.environments import Description
from aerial_ops.infrastructure.preflight import check, nodes_of
from aerial_ops.infrastructure.site import Site


@dataclass(frozen=True)
class Line:
    """One check: what, whether it is right, what was found, and how to mend it."""

    what: str
    right: bool
    found: str
    mend: str = ""

    def as_dict(self) -> dict[str, object]:
        """JSON-ready."""
        return {"what": self.what, "right": self.right, "found": self.found, "mend": self.mend}


def examine(site: Site, workers: int | None = None) -> list[Line]:
    """Every check, the later ones only when those they need are right."""
    terraform, opened = _line("Terraform", lambda: str(site.program)), _line("The cloud answers", lambda: _opened(site))
    if not opened.right:
        return [terraform, opened]
    lines = [terraform, _line("Settings", lambda: _settings(site, workers)), opened]  # a deadline goes by the cloud's clock
    lines.append(_line("Sign-in", lambda: f"subscription {site.plane.signed_in_as()}"))
    if not all(line.right for line in lines):
        return lines
    described = wanted(site, UpOrder(workers=workers))
    lines.append(_line("Quota and names", lambda: _quota(site, described)))
    lines.append(_line("Price", lambda: _price(site, described)))
    return lines


def _line(what: str, ask: Callable[[], str]) -> Line:
    try:
        return Line(what, True, ask())
    except AerialOpsError as error:
        return Line(what, False, error.message, error.suggestion)


def _settings(site: Site, workers: int | None) -> str:
    described = wanted(site, UpOrder(workers=workers))
    life = duration_text(described.deadline - site.now())
    return f"environment {described.name} in {described.location}, {described.workers} workers, for {life}"


def _opened(site: Site) -> str:
    site.cloud.open(site.report)
    return site.cloud.arm().url


def _quota(site: Site, described: Description) -> str:
    cores = check(site, described, with_cluster=True, with_price=False).cores
    return f"{cores.wanted} cores needed, {cores.limit - cores.used} of {cores.limit} free" if cores else ""


def _price(site: Site, described: Description) -> str:
    rate, length = rate_of(nodes_of(described), described.location, site.prices), described.deadline - site.now()
    refuse_price(rate, described, length)
    return f"{rate.usd_per_hour:.2f} $/h, {rate.usd(length):.2f} $ in {duration_text(length)} ({rate.source} of {rate.listed_on})"
