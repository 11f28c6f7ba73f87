"""What the blob service's errors mean, in words; no signature of a URL ever gets into them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError, ResourceNotFoundError

from aerial_ops.errors import BlobNotFoundError, StorageAccessError, StorageError, redacted

# urllib3 tells of its pools, adapters and retries; what matters is the last reason.
_LOST = re.compile(r"Connection refused|Failed to (resolve|establish)", re.IGNORECASE)


@contextmanager
def explained(action: str) -> Iterator[None]:
    """Turn an SDK error of `action` ("list train/") into StorageError, StorageAccessError or BlobNotFoundError."""
    try:
        yield
    except ResourceNotFoundError as error:
        raise BlobNotFoundError(f"Could not {action}: it does not exist ({reason(error)}).") from error
    except AzureError as error:
        if isinstance(error, ClientAuthenticationError) or getattr(error, "status_code", None) in (401, 403):
            raise StorageAccessError(
                f"Could not {action}: not allowed ({reason(error)}).",
                suggestion="Check the key, the role (Storage Blob Data Contributor; Reader for a source) or the SAS: "
                "its permissions, its expiry, the account's firewall.",
            ) from error
        raise StorageError(
            f"Could not {action}: {reason(error)}.",
            suggestion="Check that the storage account answers, then run the command again.",
        ) from error


def reason(error: AzureError) -> str:
    """One line: the HTTP status and the service's code, or the first line of the SDK's message."""
    code = getattr(error, "error_code", None)
    if isinstance(error, HttpResponseError) and error.status_code:
        return f"HTTP {error.status_code} {getattr(code, 'value', code) or error.reason or ''}".strip()
    text = redacted(str(error.message or error).splitlines()[0].rstrip("."))
    return "nothing answers at its address" if _LOST.search(text) else text
