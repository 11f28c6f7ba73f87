"""How an environment's account looks; the same data as JSON."""

from typing import TYPE_CHECKING, Any

from aerial_ops.cli.session import Session

if TYPE_CHECKING:
    from aerial_ops.infrastructure.account import Account


def cost(here: Session, account: "Account", with_runs: bool) -> None:
    """The nodes' prices, the sums, and each run's share of the hour."""
    shares = _shares(here, account) if with_runs else []
    out, rate = here.out, account.rate

    def show() -> None:
        rows = [
            (role, price.size, count, f"{price.usd_per_hour:.3f}", f"{count * price.usd_per_hour:.2f}")
            for role, count, price in rate.lines
        ]
        out.table(("Node", "Size", "Number", "$/h each", "$/h"), rows, right=("Number", "$/h each", "$/h"))
        out.line(f"Together {rate.usd_per_hour:.2f} $/h ({rate.source} of {rate.listed_on}).")
        when = f"{account.deadline:%Y-%m-%d %H:%M} UTC"
        if account.exists:
            out.line(f"So far {account.usd_so_far:.2f} $; {account.usd_to_come:.2f} $ more if it stays until {when}.")
        else:
            out.line(f"No cluster exists. One made now and kept until {when} costs {account.usd_to_come:.2f} $.")
            if account.usd_so_far:
                out.line(f"Clusters that are gone have cost {account.usd_so_far:.2f} $.")
        if with_runs:
            out.table(
                ("Run", "Seconds", "$"),
                [(s["run_id"], f"{s['seconds']:.0f}", f"{s['usd']:.4f}") for s in shares],
                right=("Seconds", "$"),
            )

    out.result({**account.as_dict(), **({"runs": shares} if with_runs else {})}, show)


def _shares(here: Session, account: "Account") -> list[dict[str, Any]]:
    """What the cluster cost while each run lasted, at today's size."""
    from aerial_ops.runs.history import History

    return [
        {
            "run_id": run.run_id,
            "seconds": run.seconds or 0.0,
            "usd": round((run.seconds or 0.0) / 3600 * account.rate.usd_per_hour, 6),
        }
        for run in History(here.store).list()
    ]
