"""What the stand-in tells Terraform when something did not work, in the provider's words."""

from typing import Any


class RefusedError(Exception):
    """A call that did not do what was asked. `created` says whether Terraform is to remember a thing half made."""

    def __init__(self, summary: str, detail: str = "") -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = detail
        self.created = False


class HttpError(RefusedError):
    """Resource Manager answered with another status than the call takes."""

    def __init__(self, operation: str, status: int, reason: str, body: Any) -> None:
        error = body.get("error", body) if isinstance(body, dict) else {}
        self.status = status
        self.code = str(error.get("code", "")) if isinstance(error, dict) else ""
        said = f" with error: {self.code}: {error.get('message', '')}" if self.code else " with an empty body"
        super().__init__(f"performing {operation}: unexpected status {status} ({status} {reason}){said}")


def already_exists(resource_id: str, type_name: str) -> RefusedError:
    """The thing to be created is there, and not in the state."""
    return RefusedError(
        f'a resource with the ID "{resource_id}" already exists - to be managed via Terraform this resource needs to be imported '
        f'into the State. Please see the resource documentation for "{type_name}" for more information'
    )


def polling_failed(operation: str, error: dict[str, Any], raw: str) -> RefusedError:
    """A long-running operation ended badly."""
    return RefusedError(
        f"polling after {operation}: polling failed: the Azure API returned the following error:\n\n"
        f'Status: "Failed"\nCode: "{error.get("code", "")}"\nMessage: "{error.get("message", "")}"\nActivity Id: ""\n\n---\n\n'
        f"API Response:\n\n----[start]----\n{raw}\n-----[end]-----\n"
    )
