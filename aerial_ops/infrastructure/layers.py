"""The variables of the two Terraform roots, in one place."""

from collections.abc import Mapping
from typing import Any

from aerial_ops.infrastructure.durations import iso
from aerial_ops.infrastructure.environments import Description, Environment
from aerial_ops.settings import Settings

_HANDED_OVER = {  # the compute root's variable: the data root's output
    "location": "location",
    "storage_account_id": "storage_account_id",
    "storage_account_key": "storage_account_key",
    "storage_container_url": "cluster_container_url",
    "switch_link_id": "switch_link_id",
}
# A destroy plan wants values that pass the checks, and uses none of them.
_WHATEVER = {
    "storage_account_id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/gone",
    "storage_account_key": "gone",
    "cluster_container_url": "https://gone.blob.core.windows.net/cluster",
    "switch_link_id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Automation/automationAccounts/a/jobSchedules/gone",
}
ANY_SCRIPT = "https://gone.blob.core.windows.net/cluster/bootstrap.sh"


def data_variables(described: Description, settings: Settings) -> dict[str, Any]:
    """Variables of the root `data`."""
    return {
        **_common(described),
        "location": described.location,
        "storage_account_name": described.storage_account,
        "deadline": iso(described.deadline),
        "keep_data": described.keep_data,
        "budget_amount": settings.budget,
        "switch_role_name": settings.switch_role,
    }


def compute_variables(
    described: Description, environment: Environment, outputs: Mapping[str, Any], script_url: str = ANY_SCRIPT
) -> dict[str, Any]:
    """Variables of the root `compute`; secrets included. `outputs` are the data root's; without them, fit for a destroy plan."""
    secrets = environment.secrets()
    known = {"location": described.location, **_WHATEVER, **outputs}
    return {
        **_common(described),
        **{variable: known[output] for variable, output in _HANDED_OVER.items()},
        "deadline": iso(described.deadline),
        "cluster_name": described.cluster,
        "gateway_password": secrets.gateway_password.get_secret_value(),
        "ssh_password": secrets.ssh_password.get_secret_value(),
        "worker_count": described.workers,
        "worker_vm_size": described.worker_size,
        "head_vm_size": described.head_size,
        "script_action_uri": script_url,
    }


def _common(described: Description) -> dict[str, Any]:
    return {
        "environment": described.name,
        "run": described.run,
        "owner": described.owner,
        "resource_group_name": described.resource_group,
    }
