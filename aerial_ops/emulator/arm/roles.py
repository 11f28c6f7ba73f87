"""Role definitions, and whether a principal may do what it asks."""

import fnmatch
import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aerial_ops.emulator.arm.errors import ArmError
from aerial_ops.emulator.arm.store import Resource

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.directory import Directory
    from aerial_ops.emulator.arm.messages import Call
    from aerial_ops.emulator.arm.store import Store

DEFINITION = "Microsoft.Authorization/roleDefinitions"
ASSIGNMENT = "Microsoft.Authorization/roleAssignments"
_VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
_NO_ACCESS_CHANGES = [
    "Microsoft.Authorization/*/Delete",
    "Microsoft.Authorization/*/Write",
    "Microsoft.Authorization/elevateAccess/Action",
]
_COMMON = ["Microsoft.Authorization/*/read", "Microsoft.Resources/subscriptions/resourceGroups/read"]


@dataclass(frozen=True)
class BuiltIn:
    """A role that every subscription has."""

    name: str
    guid: str
    actions: list[str]
    not_actions: list[str]
    data_actions: list[str]

    def body(self, subscription: str) -> dict[str, Any]:
        """Its ARM representation."""
        grants = {"actions": self.actions, "notActions": self.not_actions, "dataActions": self.data_actions, "notDataActions": []}
        return {
            "id": f"/subscriptions/{subscription}/providers/{DEFINITION}/{self.guid}",
            "name": self.guid,
            "type": DEFINITION,
            "properties": {
                "roleName": self.name,
                "type": "BuiltInRole",
                "description": f"The built-in role {self.name}.",
                "assignableScopes": ["/"],
                "permissions": [grants],
            },
        }


_BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers"
BUILT_IN = (
    BuiltIn("Owner", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", ["*"], [], []),
    BuiltIn("Contributor", "b24988ac-6180-42a0-ab88-20f7382dd24c", ["*"], _NO_ACCESS_CHANGES, []),
    BuiltIn("Reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7", ["*/read"], [], []),
    BuiltIn("User Access Administrator", "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", ["*/read", "Microsoft.Authorization/*"], [], []),
    BuiltIn("Network Contributor", "4d97b98b-1d4f-4787-a291-c67834d212e7", [*_COMMON, "Microsoft.Network/*"], [], []),
    BuiltIn("Automation Contributor", "f353d9bd-d4a6-484e-a77a-8050b599b867", [*_COMMON, "Microsoft.Automation/*"], [], []),
    BuiltIn(
        "HDInsight Cluster Operator",
        "61ed4efc-fab3-44fd-b111-e24485cc132a",
        [
            *_COMMON,
            "Microsoft.HDInsight/*/read",
            "Microsoft.HDInsight/clusters/getGatewaySettings/action",
            "Microsoft.HDInsight/clusters/updateGatewaySettings/action",
            "Microsoft.HDInsight/clusters/configurations/*",
        ],
        [],
        [],
    ),
    BuiltIn(
        "Storage Account Contributor",
        "17d1049b-9a84-46fb-8f53-869881c3d3ab",
        [*_COMMON, "Microsoft.Storage/storageAccounts/*"],
        [],
        [],
    ),
    BuiltIn("Storage Blob Data Reader", "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", [f"{_BLOBS}/read"], [], [f"{_BLOBS}/blobs/read"]),
    BuiltIn("Storage Blob Data Contributor", "ba92f5b4-2d11-453d-a403-e96b0029c9fe", [f"{_BLOBS}/*"], [], [f"{_BLOBS}/blobs/*"]),
)


def action_of(method: str, path: str) -> str:
    """The action that a request is, as roles name it: Microsoft.HDInsight/clusters/delete."""
    found = re.fullmatch(r".*/providers/([^/]+)/(.+)", path, re.IGNORECASE)
    namespace, rest = (found[1], found[2]) if found else ("Microsoft.Resources", path.strip("/"))
    kinds = "/".join(rest.split("/")[0::2])
    return f"{namespace}/{kinds}/{_VERBS.get(method, 'action')}"


class Access:
    """Role assignments put into effect."""

    def __init__(self, store: "Store", directory: "Directory") -> None:
        self._store = store
        self._directory = directory

    def assign(self, principal: str, role: str, scope: str) -> None:
        """Give a built-in role without asking anybody."""
        guid = next(built_in.guid for built_in in BUILT_IN if built_in.name.lower() == role.lower())
        name = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{scope}|{principal}|{guid}".lower()))
        definition = f"/{'/'.join(scope.strip('/').split('/')[:2])}/providers/{DEFINITION}/{guid}"
        properties = {
            "principalId": principal,
            "principalType": "ServicePrincipal",
            "roleDefinitionId": definition,
            "scope": scope,
        }
        body = {"id": f"{scope}/providers/{ASSIGNMENT}/{name}", "name": name, "type": ASSIGNMENT, "properties": properties}
        self._store.put(Resource(ASSIGNMENT, body))

    def allows(self, principal: str, action: str, scope: str) -> bool:
        """Whether a role at `scope` or above it lets the principal do `action`."""
        for assignment in self._store.below("/subscriptions", ASSIGNMENT):
            given = assignment.properties
            if given["principalId"].lower() == principal.lower() and _within(scope, given["scope"]):
                for grants in self._permissions(given["roleDefinitionId"]):
                    if _any(action, grants["actions"]) and not _any(action, grants.get("notActions") or []):
                        return True
        return False

    def has_role(self, principal: str, scope: str) -> bool:
        """Whether the principal has any role at `scope` or above it."""
        given = [assignment.properties for assignment in self._store.below("/subscriptions", ASSIGNMENT)]
        return any(each["principalId"].lower() == principal.lower() and _within(scope, each["scope"]) for each in given)

    def check(self, call: "Call") -> None:
        """Raises ArmError 403 unless the caller may do this."""
        action = action_of(call.method, call.path)
        if not self.allows(call.principal, action, call.path):
            raise denied(self._directory.name_of(call.principal), call.principal, action, call.path)

    def _permissions(self, definition: str) -> list[dict[str, Any]]:
        guid = definition.rsplit("/", 1)[-1].lower()
        for built_in in BUILT_IN:
            if built_in.guid == guid:
                return list(built_in.body("")["properties"]["permissions"])
        for custom in self._store.below("/subscriptions", DEFINITION):
            if custom.name.lower() == guid:
                return list(custom.properties.get("permissions") or [])
        return []


def denied(client: str, principal: str, action: str, scope: str) -> ArmError:
    """403 as ARM words it."""
    message = (
        f"The client '{client}' with object id '{principal}' does not have authorization to perform action '{action}' "
        f"over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials."
    )
    return ArmError(403, "AuthorizationFailed", message)


def _within(scope: str, outer: str) -> bool:
    inside, around = scope.lower().rstrip("/"), outer.lower().rstrip("/")
    return inside == around or inside.startswith(around + "/")


def _any(action: str, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)
