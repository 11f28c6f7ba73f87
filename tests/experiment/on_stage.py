"""The command line on a stage that another process has made (STAGE_HOME), with figures of the kit set anew (STAGE_SET), and with
things that go wrong on this machine (STAGE_FAULTS)."""

import errno
import importlib
import os
from pathlib import Path
from typing import Any

from aerial_ops.cli import session
from aerial_ops.cli.app import main
from aerial_ops.infrastructure import site
from aerial_ops.jobs import livy
from aerial_ops.settings import Settings
from aerial_ops.storage.blobs import BlobStore
from tests.experiment.stage_cloud import StageCloud


def on_stage(settings: Settings) -> StageCloud:
    return StageCloud(settings, Path(os.environ["STAGE_HOME"]))


def disk_full() -> None:
    """The disk has no room for the report: the system refuses to write it out."""
    from aerial_ops.analysis.report import file

    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    module: Any = file
    module.os = type("os", (), {**vars(os), "fsync": staticmethod(refuse)})


def no_prices() -> None:
    """Nothing answers at the price list's address."""
    StageCloud.prices_url = lambda self: "https://127.0.0.1:1/prices"  # type: ignore[method-assign]


def impatient() -> None:
    """Storage and job server are given up soon."""
    defaults: Any = BlobStore.__init__.__kwdefaults__
    defaults["retries"] = 1
    livy.PATIENCE_SECONDS = 2


def set_anew(figure: str) -> None:
    name, _, value = figure.partition("=")
    place, _, constant = name.rpartition(".")
    setattr(importlib.import_module(place), constant, float(value))


if __name__ == "__main__":
    modules: list[Any] = [site, session]
    for module in modules:
        module.cloud_of = on_stage
    for figure in os.environ["STAGE_SET"].split():
        set_anew(figure)
    for fault in os.environ["STAGE_FAULTS"].split():
        {"disk_full": disk_full, "no_prices": no_prices, "impatient": impatient}[fault]()
    main()
