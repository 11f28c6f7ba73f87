"""The command line, on a stage that another process has made: STAGE_HOME."""

import os
from pathlib import Path
from typing import Any

from aerial_ops.cli import session
from aerial_ops.cli.app import main
from aerial_ops.infrastructure import site
from aerial_ops.settings import Settings
from tests.experiment.stage import StageCloud


def on_stage(settings: Settings) -> StageCloud:
    return StageCloud(settings, Path(os.environ["STAGE_HOME"]))


if __name__ == "__main__":
    modules: list[Any] = [site, session]
    for module in modules:
        module.cloud_of = on_stage
    main()
