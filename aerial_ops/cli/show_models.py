"""How networks and models look to a person; the same data as JSON."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aerial_ops.cli.output import Output

if TYPE_CHECKING:
    from aerial_ops.backbones.listing import Listing
    from aerial_ops.backbones.prepared import Description
    from aerial_ops.backbones.verification import Check

_INFO = ("model_source", "pretrained_model_type", "retraining_type", "mmlspark_model_type")


def listing(out: Output, found: "Listing") -> None:
    """The backbones, then the models."""
    backbones = [(b.name, b.state, b.side or "", b.length or "", b.source, b.licence) for b in found.backbones]
    models = [(info["name"], *(info.get(key, "") for key in _INFO)) for info in found.models]

    def show() -> None:
        out.table(("Backbone", "State", "Side", "Features", "Source", "Licence"), backbones, right=("Side", "Features"))
        if models:
            out.line()
            out.table(("Model", "Source", "Backbone", "Retraining", "Classifier"), models)

    out.result(found.as_dict(), show)


def descriptions(out: Output, done: Sequence["Description"]) -> None:
    """What was put into the account."""
    rows = [(d.name, d.side, d.length, d.sha256[:12], d.preprocessing, d.source) for d in done]
    columns = ("Network", "Side", "Values", "SHA-256", "Preprocessing", "Source")
    out.result([d.model_dump(mode="json") for d in done], lambda: out.table(columns, rows, right=("Side", "Values")))


def checks(out: Output, done: Sequence["Check"]) -> None:
    """What was found out; as JSON only when all is sound, for an error has its own JSON."""
    if not done:
        out.note("The account holds no network yet. Prepare one: aerial-ops models fetch efficientnet-lite0")
    if out.as_json and not all(check.ok for check in done):
        return
    rows = [(check.name, check.kind, check.problem or "sound") for check in done]
    out.result([check.as_dict() for check in done], lambda: out.table(("Name", "Kind", "Result"), rows) if rows else None)
