"""One HTTP request, and one sentence when it fails."""

from typing import Any

import httpx

from aerial_ops.errors import DataError, redacted

TIMEOUT_S = 30.0
TRIES = 3


def get_json(method: str, url: str, what: str, **request: Any) -> dict[str, Any]:
    """The JSON object that `url` answers with. Raises DataError; `what` names the service in its message."""
    try:
        with httpx.Client(timeout=TIMEOUT_S, follow_redirects=True, transport=httpx.HTTPTransport(retries=TRIES)) as client:
            answer = client.request(method, url, **request)
    except httpx.HTTPError as error:
        raise DataError(
            f"{what} at {url} cannot be reached: {str(error) or type(error).__name__}.",
            suggestion="Check the network and the address, and run the same command again; or give local files with --scene.",
        ) from error
    if answer.is_error:
        raise DataError(
            f"{what} at {url} refused the request: {answer.status_code} {redacted(_reason(answer))}.",
            suggestion="Check the address, the collection and the bounding box.",
            data={"status": answer.status_code},
        )
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise DataError(
            f"{what} at {url} does not answer with a JSON object.", suggestion="Check that the address is that of a STAC API."
        )
    return found


def _reason(answer: httpx.Response) -> str:
    try:
        told = answer.json()
        text = told.get("description") or told.get("message") or told.get("detail") if isinstance(told, dict) else None
    except ValueError:
        text = None
    return str(text or answer.reason_phrase)[:300].rstrip(".")
