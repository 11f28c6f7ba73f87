"""How environments look to a person; the same data as JSON."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aerial_ops.cli.asking import MARKS
from aerial_ops.cli.output import Output
from aerial_ops.infrastructure.durations import duration_text
from aerial_ops.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

    from aerial_ops.infrastructure.changes import Changed
    from aerial_ops.infrastructure.doctor import Line
    from aerial_ops.infrastructure.down import Removed
    from aerial_ops.infrastructure.status import Status
    from aerial_ops.infrastructure.up import Made


def made(out: Output, done: "Made") -> None:
    """What was made, or would be; what it costs; when it goes."""
    described = done.described

    def show() -> None:
        for change in done.changes if done.planned_only else ():
            out.line(f"{MARKS.get(change.action, '?')} {change.address}")
        if done.planned_only:
            out.line(f"{len(done.changes)} changes; nothing was changed." if done.changes else "There is nothing to do.")
        else:
            changed = f"{len(done.changes)} changes" if done.changes else "there was nothing to do"
            out.line(f"The environment {described.name} is up in {described.location} ({changed}).")
        if done.rate and done.usd_until_deadline is not None:
            out.line(f"{done.rate.usd_per_hour:.2f} $/h, {done.usd_until_deadline:.2f} $ until its deadline.")
        out.line(f"Deadline: {_moment(described.deadline)}")

    out.result(done.as_dict(), show)


def removed(out: Output, done: "Removed") -> None:
    """What is gone, and the proof."""

    def show() -> None:
        if not done.names:
            out.line(f"There is nothing of the environment {done.environment}.")
        elif done.kept_data:
            out.line(f"The cluster {done.names[0]} is gone; the data stays until `aerial-ops down`.")
        else:
            out.line(f"The environment {done.environment} is gone: Azure lists nothing that carries its tag.")
        if done.usd:
            out.line(f"Its clusters have cost {done.usd:.2f} $.")

    out.result(done.as_dict(), show)


def status(out: Output, now: "Status") -> None:
    """The facts, a line each, then what is not right."""

    def show() -> None:
        if not now.found:
            out.line(f"Nothing of the environment {now.environment} exists.")
            return
        out.table(("What", "Value"), _facts(now))

    for note in now.notes:
        out.note(note)
    out.result(now.as_dict(), show)


def changed(out: Output, done: "Changed") -> None:
    """Before and after."""
    was, described = done.was, done.described

    def show() -> None:
        if was.workers != described.workers:
            out.line(f"The cluster has {described.workers} workers; it had {was.workers}.")
        if was.deadline != described.deadline:
            out.line(f"Deadline: {_moment(described.deadline)}; it was {was.deadline:%Y-%m-%d %H:%M} UTC.")
        if was == described:
            out.line("There was nothing to do.")
        if done.rate:
            out.line(f"It costs {done.rate.usd_per_hour:.2f} $/h.")

    price = done.rate.as_dict() if done.rate else None
    out.result({**described.model_dump(mode="json"), "was": was.model_dump(mode="json"), "price": price}, show)


def doctor(out: Output, lines: Sequence["Line"]) -> None:
    """A line for each check, and below it how to mend what is not right."""

    def show() -> None:
        for line in lines:
            out.line(f"{'ok ' if line.right else 'NO '} {line.what}: {line.found}")
            for mend in line.mend.splitlines():
                out.line(f"      {mend}")

    out.result([line.as_dict() for line in lines], show)


def environments(out: Output, settings: Settings) -> None:
    """The environments that this machine knows; the one in use is marked."""
    from aerial_ops.infrastructure.environments import known_environments

    described = [found for one in known_environments(settings.home) if (found := one.description())]
    if not described:
        out.note("This machine knows no environment. Make one: aerial-ops up")
    rows = [
        (
            "*" if one.name == settings.environment else "",
            one.name,
            one.cloud,
            one.location,
            one.workers,
            f"{one.deadline:%Y-%m-%d %H:%M}",
        )
        for one in described
    ]
    columns = ("", "Environment", "Cloud", "Location", "Workers", "Deadline (UTC)")
    data = [{**one.model_dump(mode="json"), "in_use": one.name == settings.environment} for one in described]
    out.result(data, lambda: out.table(columns, rows, right=("Workers",)) if rows else None)


def _facts(now: "Status") -> list[tuple[str, str]]:
    described, cluster, switch = now.described, now.cluster, now.switch
    facts = [("Environment", now.environment), ("Exists", f"{len(now.found)} resources with its tag")]
    facts += [("Not of it", stranger.id) for stranger in now.strangers]
    facts.append(("Cluster", f"{cluster.name}, {cluster.state}, {cluster.workers} workers" if cluster else "none"))
    facts += [("Azure says", error) for error in (cluster.errors if cluster else ())]
    if now.rate:
        facts.append(("Price", f"{now.rate.usd_per_hour:.2f} $/h ({now.rate.source} of {now.rate.listed_on})"))
    facts.append(("Cost so far", f"{now.usd:.2f} $" if now.usd is not None else "not known"))
    if described:
        left = described.deadline - now.now
        when = f"in {duration_text(left)}" if left.total_seconds() > 0 else f"{duration_text(-left)} ago"
        facts.append(("Deadline", f"{_moment(described.deadline)}, {when}{'; the data stays' if described.keep_data else ''}"))
    if switch:
        facts.append(("Switch", f"armed, fires {_moment(switch.fires_at)}" if switch.armed and switch.fires_at else "NOT ARMED"))
    return facts


def _moment(moment: "datetime") -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
