"""What every phase has at hand: one environment on one cloud, its control plane, its prices, its Terraform."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from aerial_ops.clouds import Cloud, cloud_of
from aerial_ops.errors import UsageError
from aerial_ops.infrastructure.control_plane import ControlPlane
from aerial_ops.infrastructure.environments import Environment
from aerial_ops.infrastructure.history import History
from aerial_ops.infrastructure.prices import PriceList
from aerial_ops.infrastructure.terraform import Terraform, prepare_workspace
from aerial_ops.infrastructure.terraform.binary import find_terraform
from aerial_ops.reporting import SILENT, Reporter
from aerial_ops.settings import Settings

DATA, COMPUTE = "data", "compute"
_SECRET_BACKEND_KEYS = ("access_key", "sas_token", "client_secret", "client_certificate_password", "oidc_token")


@dataclass(frozen=True)
class Site:
    """One environment on one cloud. Nothing is connected before it is used."""

    settings: Settings
    cloud: Cloud
    report: Reporter = SILENT

    @classmethod
    def of(cls, settings: Settings, report: Reporter = SILENT) -> Self:
        """The environment and the cloud that the settings name."""
        return cls(settings, cloud_of(settings), report)

    @cached_property
    def environment(self) -> Environment:
        """The environment's folder on this machine."""
        return Environment(self.settings.environment, self.settings.home.resolve())

    @cached_property
    def plane(self) -> ControlPlane:
        """Azure's control plane."""
        return ControlPlane(self.cloud.arm())

    @cached_property
    def prices(self) -> PriceList:
        """The price list, with the prices that were read before."""
        return PriceList(self.cloud.prices_url(), self.settings.home / "prices", self.cloud.trust())

    @cached_property
    def program(self) -> Path:
        """Terraform. Raises ToolError when it is missing or too old."""
        return find_terraform(self.settings.terraform)

    @property
    def owner(self) -> str:
        """Who answers for what is made."""
        return self.settings.owner or getpass.getuser()

    @property
    def group(self) -> str:
        """Name of the environment's resource group."""
        return f"aerial-ops-{self.environment.name}"

    @property
    def switch_account(self) -> str:
        """Name of the Automation account that holds the dead man's switch."""
        return f"{self.group}-switch"

    def now(self) -> datetime:
        """The cloud's time; its deadlines go by it."""
        return self.plane.now()

    @property
    def times(self) -> History:
        """How long things have taken here on this cloud."""
        return History(self.environment.journal, self.environment.home, self.cloud.name)

    def layer(self, root: str) -> Terraform:
        """Terraform for one of the roots, ready to plan. Raises InfrastructureError and ToolError."""
        workspace = prepare_workspace(root, self.environment.folder, self._backend(root))
        terraform = Terraform(self.program, workspace, self.cloud.terraform_environment(), self.report, self.times)
        terraform.init()
        return terraform

    def may_have_state(self, root: str) -> bool:
        """Whether Terraform may know something of this layer; a state that is kept elsewhere always may."""
        return bool(self.settings.backend) or prepare_workspace(root, self.environment.folder).has_local_state

    @contextmanager
    def changing(self) -> Iterator[None]:
        """The cloud answers, and no other command changes the environment meanwhile."""
        self.cloud.open(self.report)
        with self.environment.alone():
            yield

    def _backend(self, root: str) -> dict[str, Any] | None:
        given = self.settings.backend
        if not given:
            return None
        if secret := next((key for key in _SECRET_BACKEND_KEYS if key in given), None):
            raise UsageError(
                f"The setting backend.{secret} is a secret, and would land in a file.",
                suggestion="Leave it out and set Terraform's own variable, such as ARM_ACCESS_KEY, or use_azuread_auth = true.",
            )
        return {"azurerm": {**given, "key": f"{given.get('key', 'aerial-ops')}/{self.environment.name}/{root}.tfstate"}}
