"""Who signs in to Resource Manager, and where it is."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aerial_ops.emulator.azurerm.refusals import RefusedError


@dataclass(frozen=True)
class Identity:
    """Who signs in, from the provider's arguments or ARM_* variables."""

    host: str
    subscription: str
    tenant: str
    client: str
    secret: str = field(repr=False)
    assertion: str = field(repr=False)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Identity":
        """Raises RefusedError that names what is missing."""

        def value(argument: str, variable: str) -> str:
            return str(config.get(argument) or os.environ.get(variable, ""))

        host = value("metadata_host", "ARM_METADATA_HOSTNAME")
        if not host:
            raise RefusedError(
                "This is a stand-in for the azurerm provider, and ARM_METADATA_HOSTNAME is not set",
                "It works on an emulated Azure only. For the real one let `terraform init` fetch the real provider.",
            )
        assertion = value("oidc_token", "ARM_OIDC_TOKEN")
        file = value("oidc_token_file_path", "ARM_OIDC_TOKEN_FILE_PATH")
        if file and not assertion:
            assertion = Path(file).read_text().strip()
        made = cls(
            host,
            value("subscription_id", "ARM_SUBSCRIPTION_ID"),
            value("tenant_id", "ARM_TENANT_ID"),
            value("client_id", "ARM_CLIENT_ID"),
            value("client_secret", "ARM_CLIENT_SECRET"),
            assertion,
        )
        if not made.subscription:
            raise RefusedError("`subscription_id` is a required provider property when performing a plan/apply operation")
        if not (made.tenant and made.client and (made.secret or made.assertion)):
            raise RefusedError(
                "unable to build authorizer for Resource Manager API: could not configure an authorizer",
                "Set ARM_TENANT_ID, ARM_CLIENT_ID and ARM_CLIENT_SECRET, or ARM_OIDC_TOKEN.",
            )
        return made
