"""The command line, on a stage that another process has made: STAGE_HOME."""

import os
from pathlib import Path

from aerial_ops.cli.app import main
from aerial_ops.infrastructure import site
from tests.experiment.stage import StageCloud

if __name__ == "__main__":
    site.cloud_of = lambda settings: StageCloud(settings, Path(os.environ["STAGE_HOME"]))  # type: ignore[attr-defined]
    main()
