"""Download one big file: resumed where it stopped, checked by its SHA-256, under its own name only when it is right."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from aerial_ops.cache import locked
from aerial_ops.errors import BackboneError
from aerial_ops.reporting import Reporter

ATTEMPTS = 4
PAUSE_SECONDS = 1.0
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_PASSING = (httpx.TransportError, httpx.StreamError)
_RANGE_REFUSED, _PARTIAL = 416, 206


class _TryAgainError(Exception):
    """Something that may pass: a cut connection, a busy server."""


def download(url: str, target: Path, *, sha256: str, size: int, what: str, report: Reporter, offline_help: str) -> Path:
    """`target`, downloaded from `url` if it is not there yet; `what` names it, `offline_help` says what to do without a network.

    What has arrived stays beside it as NAME.part, so that the next try goes on from there. Raises BackboneError.
    """
    with locked(target):
        if target.exists():
            return target
        part = target.with_name(target.name + ".part")
        with httpx.Client(follow_redirects=True, timeout=_TIMEOUT) as client, report.task(what, size, "bytes") as task:
            for attempt in range(ATTEMPTS):
                try:
                    _continue(client, url, part, size, lambda done: task.update(done=done))
                    break
                except _TryAgainError as error:
                    if attempt + 1 == ATTEMPTS:
                        raise _failed(what, url, str(error), part, offline_help) from error
                    time.sleep(PAUSE_SECONDS * 2**attempt)
                except httpx.HTTPStatusError as error:
                    answer = f"HTTP {error.response.status_code} {error.response.reason_phrase}"
                    raise _failed(what, url, answer, part, offline_help) from error
        _check(part, sha256, what, url, offline_help)
        return part.replace(target)


def _continue(client: httpx.Client, url: str, part: Path, size: int, show: Callable[[int], None]) -> None:
    """Fetch what is missing of `part`. Raises _TryAgainError when that was cut short."""
    have = part.stat().st_size if part.exists() else 0
    if have >= size:
        return
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        with client.stream("GET", url, headers=headers) as answer:
            if answer.status_code == _RANGE_REFUSED:
                part.unlink()
                raise _TryAgainError("the server does not have the rest of what was begun")
            if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
                raise _TryAgainError(f"HTTP {answer.status_code} {answer.reason_phrase}")
            answer.raise_for_status()
            goes_on = answer.status_code == _PARTIAL
            have = have if goes_on else 0
            with part.open("ab" if goes_on else "wb") as file:
                for chunk in answer.iter_bytes():
                    file.write(chunk)
                    have += len(chunk)
                    show(have)
                    if have > size:
                        return
    except _PASSING as error:
        raise _TryAgainError(str(error) or type(error).__name__) from error
    if have < size and answer.headers.get("Content-Length") is None:
        raise _TryAgainError("the connection was cut")


def _check(part: Path, sha256: str, what: str, url: str, offline_help: str) -> None:
    with part.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        part.unlink()
        raise BackboneError(
            f"What came from {url} is not {what}: its SHA-256 is {found}, not {sha256}.",
            left="The download was removed.",
            suggestion=offline_help,
        )


def _failed(what: str, url: str, reason: str, part: Path, offline_help: str) -> BackboneError:
    have = part.stat().st_size if part.exists() else 0
    left = f"{have:,} bytes of it are kept: the next try goes on from there." if have else ""
    return BackboneError(f"Could not download {what} from {url}: {reason}.", left=left, suggestion=offline_help)
