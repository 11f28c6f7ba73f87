"""Settings of a storage account's services, and its lifecycle rules."""

from typing import TYPE_CHECKING

from aerial_ops.emulator.arm.messages import Answer, Call, Router
from aerial_ops.emulator.arm.resources.common import Plain, add_plain
from aerial_ops.emulator.arm.resources.storage import ACCOUNT, KIND, account_of
from aerial_ops.emulator.arm.store import Resource

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.service import Arm

routes = Router()


@routes.on("GET", ACCOUNT + "/blobServices/default")
def blob_service(arm: "Arm", call: Call) -> Answer:
    """The blob service's settings."""
    account_of(arm, call)
    retention = {"allowPermanentDelete": False, "enabled": False}
    properties = {"cors": {"corsRules": []}, "deleteRetentionPolicy": retention}
    return Answer(200, {"id": call.path, "name": "default", "type": f"{KIND}/blobServices", "properties": properties})


@routes.on("GET", ACCOUNT + "/fileServices/default")
def file_service(arm: "Arm", call: Call) -> Answer:
    """The file service's settings."""
    account_of(arm, call)
    properties = {
        "cors": {"corsRules": []},
        "shareDeleteRetentionPolicy": {"enabled": True, "days": 7},
        "protocolSettings": {"smb": {}},
    }
    return Answer(200, {"id": call.path, "name": "default", "type": f"{KIND}/fileServices", "properties": properties})


def _policy(arm: "Arm", call: Call, policy: Resource, old: Resource | None) -> None:
    policy.body["name"] = "DefaultManagementPolicy"
    policy.properties["lastModifiedTime"] = arm.clock.text()


add_plain(
    routes,
    Plain(
        f"{KIND}/managementPolicies",
        ACCOUNT + "/managementPolicies/{policy}",
        parent=ACCOUNT,
        created=200,
        missing="ManagementPolicyNotFound",
        prepare=_policy,
    ),
)
