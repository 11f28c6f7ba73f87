"""What is asked for: a report on one model, or on two, in a format, in a file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from aerial_ops.errors import UsageError
from aerial_ops.names import checked_name

Form = Literal["html", "pdf", "ipynb", "json"]
FORMS: tuple[Form, ...] = get_args(Form)


@dataclass(frozen=True, slots=True)
class Order:
    """The models, one or two (each a name, or NAME@YEAR), the file and its format.

    `older` is a file with older labels, in place of those in storage; `classes` say what its codes are, see `older_labels`.
    """

    names: tuple[str, ...]
    out: Path
    form: Form
    older: Path | None = None
    classes: Path | None = None


def order_of(
    name: str | None,
    compare: tuple[str, str] | None,
    out: Path | None,
    form: Form | None,
    folder: Path,
    older: Path | None = None,
    classes: Path | None = None,
) -> Order:
    """The order for a model or for a comparison; the file is in `folder` unless `out` names it.

    Raises UsageError for what does not go together.
    """
    if (name is None) == (compare is None):
        raise UsageError(
            "A report is on one model, or it compares two.",
            suggestion="aerial-ops report NAME, or: aerial-ops report --compare NAME NAME",
        )
    names = compare or (name or "",)
    for one in names:
        checked_name(one.partition("@")[0] if compare else one)
    chosen = form_of(form, out)
    if chosen == "ipynb" and compare:
        raise UsageError("A comparison is not written as a notebook.", suggestion="Use --format html, pdf or json.")
    if older and compare:
        raise UsageError("A comparison does not look at older labels.", suggestion="Leave --older out, or report on one model.")
    if older and chosen == "ipynb":
        raise UsageError(
            "A notebook reads older labels from its folder of results.",
            suggestion="Put them there as older_labels.csv (filename,label), then use --from FOLDER without --older.",
        )
    return Order(names, out or folder / f"{'-and-'.join(names)}.{chosen}", chosen, older, classes)


def form_of(form: Form | None, out: Path | None) -> Form:
    """The format asked for, or the one that the file's ending names, or a page."""
    if form:
        return form
    named = out.suffix.lower().removeprefix(".") if out else ""
    return next((one for one in FORMS if one == named), "html")
