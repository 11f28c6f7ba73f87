"""Blob containers: made and found in the blob service itself, which alone knows what there is."""

import re
from typing import TYPE_CHECKING, Any

from aerial_ops.emulator.arm.backends import Container
from aerial_ops.emulator.arm.errors import bad_request, conflict, not_found
from aerial_ops.emulator.arm.messages import Answer, Call, Router
from aerial_ops.emulator.arm.resources.common import need_group, page
from aerial_ops.emulator.arm.resources.storage import ACCOUNT, account_of, keys_of
from aerial_ops.emulator.arm.store import Resource

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.service import Arm

KIND = "Microsoft.Storage/storageAccounts/blobServices/containers"
CONTAINERS = ACCOUNT + "/blobServices/default/containers"
_NAME = re.compile(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]|\$root|\$web|\$logs")
routes = Router()


@routes.on("PUT", CONTAINERS + "/{container}", locked=False)
def put_container(arm: "Arm", call: Call) -> Answer:
    """Create a container; one that is there stays as it is."""
    need_group(arm, call, writable=True)
    account, name = _ready_account(arm, call), call["container"]
    if not _NAME.fullmatch(name):
        raise bad_request(f"The specified resource name contains invalid characters: '{name}'.", "ContainerOperationFailure")
    metadata = {key: str(value) for key, value in (call.properties().get("metadata") or {}).items()}
    made = arm.backends.create_container(account.name, keys_of(account)[0], name, metadata)
    return Answer(201 if made else 200, _body(call.path, _find(arm, account, name)))


@routes.on("GET", CONTAINERS + "/{container}", locked=False)
def get_container(arm: "Arm", call: Call) -> Answer:
    """One container."""
    return Answer(200, _body(call.path, _find(arm, _ready_account(arm, call), call["container"])))


@routes.on("PATCH", CONTAINERS + "/{container}", locked=False)
def patch_container(arm: "Arm", call: Call) -> Answer:
    """Access is always private and metadata are given at creation: nothing changes."""
    return get_container(arm, call)


@routes.on("DELETE", CONTAINERS + "/{container}", locked=False)
def delete_container(arm: "Arm", call: Call) -> Answer:
    """Remove a container with its blobs."""
    account = _ready_account(arm, call)
    was = arm.backends.delete_container(account.name, keys_of(account)[0], call["container"])
    return Answer(200 if was else 204)


@routes.on("GET", CONTAINERS, locked=False)
def list_containers(arm: "Arm", call: Call) -> Answer:
    """The containers, those made through the blob service's own address included."""
    account = _ready_account(arm, call)
    found = arm.backends.containers(account.name, keys_of(account)[0])
    prefix = call.query.get("$filter", "")
    return page(arm, call, [_body(f"{call.path}/{each.name}", each) for each in found if each.name.startswith(prefix)])


def _ready_account(arm: "Arm", call: Call) -> Resource:
    account = account_of(arm, call)
    if account.properties["provisioningState"] != "Succeeded":
        raise conflict(f"The storage account '{account.name}' is being created.", "StorageAccountIsNotProvisioned")
    return account


def _find(arm: "Arm", account: Resource, name: str) -> Container:
    for container in arm.backends.containers(account.name, keys_of(account)[0]):
        if container.name == name:
            return container
    raise not_found("The specified container does not exist.", "ContainerNotFound")


def _body(id: str, container: Container) -> dict[str, Any]:
    properties = {
        "deleted": False,
        "remainingRetentionDays": 0,
        "defaultEncryptionScope": "$account-encryption-key",
        "denyEncryptionScopeOverride": False,
        "publicAccess": "None",
        "leaseStatus": container.lease_status,
        "leaseState": container.lease_state,
        "lastModifiedTime": container.last_modified,
        "metadata": container.metadata,
        "hasImmutabilityPolicy": False,
        "hasLegalHold": False,
    }
    return {"id": id, "name": container.name, "type": KIND, "etag": container.etag, "properties": properties}
