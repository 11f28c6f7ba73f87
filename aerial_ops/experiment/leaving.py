"""Leave the cluster of a failed run for a look at it, under a shorter deadline that the cloud itself keeps."""

import shlex
from dataclasses import dataclass
from datetime import timedelta

from aerial_ops.clouds.connection import find_connection
from aerial_ops.errors import AerialOpsError, UsageError
from aerial_ops.experiment.context import Run, RunOrder
from aerial_ops.experiment.plan import Experiment
from aerial_ops.infrastructure.changes import shorten
from aerial_ops.infrastructure.description import SHORTEST
from aerial_ops.infrastructure.durations import duration_text, iso, parse_duration


@dataclass(frozen=True)
class Standing:
    """What was left: until when, and what the deadline was before; what to say of it."""

    until: str
    before: str
    left: str
    suggestion: str


def how_long(order: RunOrder, plan: Experiment) -> timedelta | None:
    """How long a failed run's cluster is to stand; None for not at all. Raises UsageError."""
    asked = order.keep_on_failure or plan.keep_on_failure
    if asked is None:
        return None
    length = parse_duration(asked)
    if length < SHORTEST:
        raise UsageError(
            f"{asked!r} is too short: the dead man's switch needs {duration_text(SHORTEST)} to be set anew.",
            suggestion="Give it longer: --keep-on-failure 30m",
        )
    return length


def leave_for_a_look(run: Run, length: timedelta) -> Standing | None:
    """Leave the cluster so long, if there is one that stands and its switch can be set; else None: it must go now."""
    connection = find_connection(run.site.settings)
    described = run.site.environment.description()
    if described is None or connection is None or connection.livy_url is None:
        return None
    try:
        if run.site.plane.cluster(described.resource_group, described.cluster) is None:
            return None
        now = shorten(run.site, length).described
    except AerialOpsError as error:
        run.report.note(f"The cluster cannot be left for a look at it, and is removed. {error.message}")
        return None
    price = f", and costs {connection.usd_per_hour:.2f} $ an hour" if connection.usd_per_hour else ""
    there = f"aerial-ops --cloud {run.site.cloud.name} --home {shlex.quote(str(run.site.settings.home))} --env {now.name}"
    return Standing(
        until=iso(now.deadline),
        before=iso(described.deadline),
        left=(
            f"The cluster {now.cluster} stands for a look at it until {now.deadline:%Y-%m-%d %H:%M} UTC, when the cloud itself "
            f"removes it{price}."
        ),
        suggestion="\n".join(
            [
                f"See its jobs:   {there} jobs list",
                f"Read a log:     {there} jobs logs RUN",
                f"Go on with it:  {run.order.command('--resume')}",
                f"Remove it now:  {run.order.command('--remove')}",
            ]
        ),
    )
