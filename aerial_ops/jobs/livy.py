"""The Livy adapter: batches on a Spark cluster, over Livy's REST API (0.7.1, as HDInsight 5.1 runs it)."""

import ssl
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, Field

from aerial_ops.clouds.base import Cloud, ClusterEndpoint
from aerial_ops.errors import ClusterError

PATIENCE_SECONDS = 90.0
PAGE = 100


class BatchRequest(BaseModel):
    """A batch to run; `name` makes it unique: a second one of the same name is never started."""

    model_config = ConfigDict(frozen=True)

    name: str
    file: str
    args: list[str] = []
    py_files: list[str] = Field([], serialization_alias="pyFiles")
    conf: dict[str, str] = {}


class Batch(BaseModel):
    """A batch as Livy tells of it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: int
    name: str | None = None
    state: str
    app_id: str | None = Field(None, validation_alias="appId")

    @property
    def ended(self) -> bool:
        """Whether the state is final."""
        return self.state in {"success", "dead", "error", "killed"}


class LivyClient:
    """Submits and watches batches. Reads are repeated for a while; a submission is repeated only when it cannot run twice."""

    def __init__(self, endpoint: ClusterEndpoint, trust: Path | None = None, pause: Callable[[float], None] = time.sleep) -> None:
        self._pause = pause
        self._url, self.endpoint = endpoint.url, endpoint
        verify = ssl.create_default_context(cafile=str(trust)) if trust else ssl.create_default_context()
        self._http = httpx.Client(
            base_url=endpoint.url,
            auth=(endpoint.user, endpoint.password.get_secret_value()),
            headers={"X-Requested-By": endpoint.user},
            verify=verify,
            timeout=httpx.Timeout(30.0, connect=10.0),
            trust_env=trust is None,
        )

    @classmethod
    def of(cls, cloud: Cloud) -> "LivyClient":
        """The job server of `cloud`'s cluster."""
        return cls(cloud.cluster(), cloud.trust())

    def submit(self, request: BatchRequest) -> Batch:
        """Start the batch, or find the one of that name when an answer was lost on the way."""
        merged = request.model_copy(update={"conf": {**self.endpoint.conf, **request.conf}})
        body = merged.model_dump(by_alias=True, exclude_defaults=True)
        for attempt in self._attempts(f"start the batch {request.name}"):
            try:
                answer = self._http.post("/batches", json=body)
            except httpx.TransportError as error:
                attempt.failed(error)
            else:
                if answer.is_success:
                    return Batch.model_validate(answer.json())
                if not (_may_pass(answer) or _is_duplicate(answer)):
                    raise self._refused(answer, f"start the batch {request.name}")
                attempt.failed(answer)
            # The server may have taken it although its answer did not arrive.
            if found := self.find(request.name):
                return found
        raise attempt.error()

    def find(self, name: str) -> Batch | None:
        """The batch called `name`, if the server still knows it."""
        return next((batch for batch in self.batches() if batch.name == name), None)

    def batches(self) -> Iterator[Batch]:
        """Every batch that the server knows."""
        start = 0
        while True:
            page = self._read("/batches", {"from": start, "size": PAGE}).json()
            yield from (Batch.model_validate(item) for item in page["sessions"])
            start += PAGE
            if start >= page["total"]:
                return

    def get(self, batch_id: int) -> Batch | None:
        """The batch, or None when the server has forgotten it, as it does ten minutes after its end."""
        answer = self._read(f"/batches/{batch_id}", {}, may_be_absent=True)
        return None if answer.status_code == HTTPStatus.NOT_FOUND else Batch.model_validate(answer.json())

    def log(self, batch_id: int, start: int = 0, size: int = 1000) -> list[str]:
        """At most `size` lines of the log from line `start`, or the last ones when it is negative; none when it is forgotten."""
        answer = self._read(f"/batches/{batch_id}/log", {"from": start, "size": size}, may_be_absent=True)
        return [] if answer.status_code == HTTPStatus.NOT_FOUND else [str(line) for line in answer.json()["log"]]

    def kill(self, batch_id: int) -> None:
        """End the batch; nothing happens when it is gone."""
        for attempt in self._attempts(f"kill batch {batch_id}"):
            try:
                answer = self._http.delete(f"/batches/{batch_id}")
            except httpx.TransportError as error:
                attempt.failed(error)
                continue
            if answer.is_success or answer.status_code == HTTPStatus.NOT_FOUND:
                return
            attempt.failed(answer)
        raise attempt.error()

    def _read(self, path: str, params: dict[str, Any], may_be_absent: bool = False) -> httpx.Response:
        for attempt in self._attempts(f"read {path[1:]}"):
            try:
                answer = self._http.get(path, params=params)
            except httpx.TransportError as error:
                attempt.failed(error)
                continue
            if answer.is_success or (may_be_absent and answer.status_code == HTTPStatus.NOT_FOUND):
                return answer
            if not _may_pass(answer):
                raise self._refused(answer, f"read {path[1:]}")
            attempt.failed(answer)
        raise attempt.error()

    def _attempts(self, action: str) -> "Iterator[_Attempt]":
        attempt, waited, delay = _Attempt(action, self._url), 0.0, 0.5
        while True:
            yield attempt
            if waited >= PATIENCE_SECONDS:
                return
            self._pause(delay)
            waited, delay = waited + delay, min(delay * 2, 10.0)

    def _refused(self, answer: httpx.Response, action: str) -> ClusterError:
        suggestion = ""
        if answer.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            suggestion = "Check the cluster's user and password (cluster_user, AERIAL_OPS_CLUSTER_PASSWORD)."
        return ClusterError(f"The cluster refused to {action}: {_words(answer)}.", suggestion=suggestion)


class _Attempt:
    """The last thing that went wrong with one request."""

    def __init__(self, action: str, url: str) -> None:
        self._action, self._url, self._reason = action, url, "no answer"

    def failed(self, cause: httpx.Response | httpx.TransportError) -> None:
        self._reason = _words(cause) if isinstance(cause, httpx.Response) else str(cause) or type(cause).__name__

    def error(self) -> ClusterError:
        return ClusterError(
            f"Could not {self._action} at {self._url} in {PATIENCE_SECONDS:.0f} s: {self._reason}.",
            suggestion="Check that the cluster runs, then run the same command again: it never submits a job twice.",
        )


def _may_pass(answer: httpx.Response) -> bool:
    return answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status_code == HTTPStatus.TOO_MANY_REQUESTS


def _is_duplicate(answer: httpx.Response) -> bool:
    return "Duplicate session name" in answer.text


def _words(answer: httpx.Response) -> str:
    try:
        body = answer.json()
        text = str(body.get("msg", body)) if isinstance(body, dict) else str(body)
    except ValueError:
        text = answer.reason_phrase
    return f"HTTP {answer.status_code} {text}".strip().rstrip(".")
