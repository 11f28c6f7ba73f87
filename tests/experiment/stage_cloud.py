"""The stage's cloud, as a command on it sees it; apart from the stage, which a command need not import."""

import os
from pathlib import Path

from aerial_ops.clouds.emulator import EmulatorCloud
from aerial_ops.reporting import Reporter
from aerial_ops.settings import Settings


class StageCloud(EmulatorCloud):
    """The stage's emulated Azure, wherever the settings' home is. It runs already, and goes on."""

    def __init__(self, settings: Settings, stage: Path) -> None:
        super().__init__(settings)
        self._folder = stage / "emulator"

    def open(self, report: Reporter) -> None: ...

    def close(self, report: Reporter, *, erase: bool = False) -> None: ...

    def terraform_environment(self) -> dict[str, str]:
        return {**super().terraform_environment(), "TF_REATTACH_PROVIDERS": os.environ["TF_REATTACH_PROVIDERS"]}
