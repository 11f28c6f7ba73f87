"""Errors as Azure Resource Manager words them."""

from collections.abc import Mapping, Sequence
from typing import Any


class ArmError(Exception):
    """An answer that refuses: the HTTP status and the body {"error": {"code", "message"}}."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
        details: Sequence[Mapping[str, str]] = (),
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})
        self.details = list(details)

    def body(self) -> dict[str, Any]:
        """The JSON body."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.details:
            error["details"] = self.details
        return {"error": error}


def group_not_found(group: str) -> ArmError:
    """404: there is no such resource group."""
    return ArmError(404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found.")


def resource_not_found(kind: str, name: str, group: str) -> ArmError:
    """404: there is no such resource in the group; `kind` is its type, for example Microsoft.HDInsight/clusters."""
    message = (
        f"The Resource '{kind}/{name}' under resource group '{group}' was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix"
    )
    return ArmError(404, "ResourceNotFound", message)


def not_found(message: str, code: str = "NotFound") -> ArmError:
    """404 in a provider's own words."""
    return ArmError(404, code, message)


def parent_not_found(parent: str) -> ArmError:
    """404: a nested resource was asked for whose parent is not there."""
    message = f"Can not perform requested operation on nested resource. Parent resource '{parent}' not found."
    return ArmError(404, "ParentResourceNotFound", message)


def bad_request(message: str, code: str = "BadRequest") -> ArmError:
    """400: the request itself is wrong."""
    return ArmError(400, code, message)


def conflict(message: str, code: str = "Conflict") -> ArmError:
    """409: not in the state in which the resource is now."""
    return ArmError(409, code, message)


def group_deleting(group: str) -> ArmError:
    """409: the resource group is on its way out."""
    message = f"The resource group '{group}' is in deprovisioning state and cannot perform this operation."
    return ArmError(409, "ResourceGroupBeingDeleted", message)
