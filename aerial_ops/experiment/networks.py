"""The networks of a run, prepared before anything is rented: one that cannot be had ends the run while it is free."""

from difflib import get_close_matches
from pathlib import Path

from aerial_ops.backbones.catalogue import CATALOGUE
from aerial_ops.backbones.sources import prepare_entry, prepare_file
from aerial_ops.backbones.store import is_file
from aerial_ops.errors import UsageError
from aerial_ops.experiment.context import Run
from aerial_ops.experiment.progress import trained_before
from aerial_ops.infrastructure.description import known


def prepare_networks(run: Run) -> None:
    """Prepare what the trainings that are left need, into this machine's cache.

    An environment that exists may hold networks that this machine does not know: then nothing is prepared.
    Raises UsageError for a name that nobody knows, BackboneError for a network that cannot be had.
    """
    if known(run.site) is not None:
        return
    before = trained_before(run)
    for backbone in dict.fromkeys(one.backbone for one in run.plan.train if one.name not in before):
        if is_file(backbone):
            prepare_file(Path(backbone))
        elif entry := CATALOGUE.get(backbone):
            prepare_entry(entry, report=run.report)
        else:
            near = get_close_matches(backbone, CATALOGUE, n=1)
            raise UsageError(
                f"There is no backbone named {backbone!r}." + (f" Did you mean {near[0]}?" if near else ""),
                suggestion=f"Known: {', '.join(CATALOGUE)}. A network of your own is given by its path: FILE.onnx",
            )
