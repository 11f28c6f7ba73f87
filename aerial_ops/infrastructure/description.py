"""What an environment shall be: what it was, what is asked for now, and the settings for the rest."""

import secrets
import string
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from aerial_ops.errors import RefusedError, UsageError
from aerial_ops.infrastructure.cost import Nodes
from aerial_ops.infrastructure.durations import parse_duration
from aerial_ops.infrastructure.environments import Description
from aerial_ops.infrastructure.facts import OWNER_TAG, RUN_TAG, deadline_of, keeps_data
from aerial_ops.infrastructure.site import Site

SHORTEST = timedelta(minutes=15)  # Azure refuses a switch that fires within 5 minutes, Terraform's roots one within 10
NOT_MADE = "gone"  # the name of what another machine has not made, or what is there no more
_LETTERS = string.ascii_lowercase + string.digits
ACCOUNT_TYPE, CLUSTER_TYPE = "microsoft.storage/storageaccounts", "microsoft.hdinsight/clusters"


@dataclass(frozen=True)
class UpOrder:
    """What is asked for; what is None stays as it is, or comes from the settings.

    `workers`: "auto" is the number of the settings, made smaller where quota and `max_cost` do not allow it. `keep_data`: the
    data outlives the deadline. `data_only`: no cluster. `run` is the run that asks. `unlock`: break the lock of a command that
    is dead. `unguarded`: make the cluster also when the dead man's switch is not armed.
    """

    workers: int | Literal["auto"] | None = None
    ttl: timedelta | None = None
    max_cost: float | None = None
    keep_data: bool | None = None
    run: str | None = None
    data_only: bool = False
    unlock: bool = False
    unguarded: bool = False
    check_price: bool = True


def known(site: Site) -> Description | None:
    """The environment as it is; with a shared state, also when another machine has made it."""
    return site.environment.description() or (found_by_tags(site) if site.settings.backend else None)


def wanted(site: Site, order: UpOrder) -> Description:
    """The environment as it shall be. Raises UsageError for what cannot be changed any more."""
    before = known(site)
    described = _named(site, _changed(site, before, order)) if before else _new(site, order)
    if described.deadline - site.now() < SHORTEST:
        raise UsageError(
            "An environment lives 15 minutes at least: its dead man's switch needs time to be armed.",
            suggestion="Give it longer: --ttl 1h",
        )
    return described


def found_by_tags(site: Site) -> Description | None:
    """What this machine does not know, as the tags in Azure tell it; None when nothing carries the environment's tag."""
    found = site.plane.inventory(site.environment.name)
    if not found:
        return None
    names = {one.type.lower(): one.name for one in found}
    tags = {name: next((value for one in found if (value := one.tag(name))), "") for name in (OWNER_TAG, RUN_TAG)}
    home = next((one for one in found if one.type == "group"), found[0])
    cluster = next(iter(site.plane.clusters(home.group)), None)
    nodes = Nodes.of(cluster) if cluster else Nodes(site.settings.workers, site.settings.worker_size, site.settings.head_size)
    return Description(
        name=site.environment.name,
        cloud=site.cloud.name,
        location=home.location.replace(" ", "").lower() or site.settings.location,
        owner=tags[OWNER_TAG] or site.owner,
        run=tags[RUN_TAG] or "none",
        resource_group=home.group,
        storage_account=names.get(ACCOUNT_TYPE, NOT_MADE),
        cluster=names.get(CLUSTER_TYPE, NOT_MADE),
        workers=nodes.workers,
        worker_size=nodes.worker_size,
        head_size=nodes.head_size,
        created_at=site.now(),
        deadline=deadline_of(found) or site.now(),
        keep_data=keeps_data(found),
    )


def _new(site: Site, order: UpOrder) -> Description:
    settings, now = site.settings, site.now().replace(microsecond=0)
    name = site.environment.name
    account, cluster = _new_names(name)
    return Description(
        name=name,
        cloud=site.cloud.name,
        location=settings.location,
        owner=site.owner,
        run=order.run or "none",
        resource_group=site.group,
        storage_account=account,
        cluster=cluster,
        workers=_asked_workers(site, order) or settings.workers,
        worker_size=settings.worker_size,
        head_size=settings.head_size,
        created_at=now,
        deadline=now + (order.ttl or parse_duration(settings.ttl)),
        keep_data=bool(order.keep_data),
        max_cost_usd=order.max_cost if order.max_cost is not None else settings.max_cost,
    )


def _changed(site: Site, before: Description, order: UpOrder) -> Description:
    if before.cloud != site.cloud.name:
        raise UsageError(
            f"The environment {before.name!r} is on the cloud {before.cloud}, not on {site.cloud.name}.",
            suggestion=f"Choose another name (--env), or that cloud (--cloud {before.cloud}).",
        )
    now = site.now().replace(microsecond=0)
    deadline = before.deadline
    if order.ttl or deadline - now < SHORTEST:
        deadline = now + (order.ttl or parse_duration(site.settings.ttl))
    workers = _asked_workers(site, order)
    asked = {"workers": workers, "run": order.run, "keep_data": order.keep_data, "max_cost_usd": order.max_cost}
    return before.model_copy(update={name: value for name, value in asked.items() if value is not None} | {"deadline": deadline})


def _asked_workers(site: Site, order: UpOrder) -> int | None:
    return site.settings.workers if order.workers == "auto" else order.workers


def _new_names(environment: str) -> tuple[str, str]:
    """Names of a storage account and a cluster, unique in all of Azure; a cluster's first six characters in its network too."""
    unique = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return f"aops{environment.replace('-', '')[:12]}{unique}", f"ao{unique[:4]}-{environment}"


def _named(site: Site, described: Description) -> Description:
    made = zip(("storage_account", "cluster"), _new_names(described.name), strict=True)
    return described.model_copy(update={what: name for what, name in made if getattr(described, what) == NOT_MADE})


def refuse_unknown(site: Site) -> None:
    """Raises RefusedError when Azure holds an environment of this name that this machine knows nothing of."""
    if site.settings.backend or site.environment.description() or not site.plane.inventory(site.environment.name):
        return
    raise RefusedError(
        f"Azure already holds an environment {site.environment.name!r}, and this machine has no state of it.",
        left="Nothing was changed.",
        suggestion="Choose another name (--env NAME). If it is yours and not needed: aerial-ops down",
    )
