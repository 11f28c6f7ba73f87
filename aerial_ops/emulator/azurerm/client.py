"""Azure Resource Manager over HTTP: sign-in, retries, long-running operations."""

import base64
import json
import os
import ssl
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aerial_ops.emulator.azurerm.identity import Identity
from aerial_ops.emulator.azurerm.refusals import HttpError, RefusedError, polling_failed

if TYPE_CHECKING:
    import httpx

_METADATA = "/metadata/endpoints?api-version=2022-09-01"
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_RETRIED = {408, 429, 500, 502, 503, 504}
_RETRIES = 9  # with doubling pauses up to 8 s: a server may be gone for half a minute
_PAUSE = 0.25
_POLLING_DELAY = 10.0
_SHORTEST_DELAY = 0.1  # the provider itself knows none here, and spins
_RENEW_BEFORE = 300.0
_OPERATION_HEADERS = ("Azure-AsyncOperation", "Location")
_OPERATIONS = {"PUT": "CreateOrUpdate", "DELETE": "Delete", "PATCH": "Update", "POST": "Post"}
_RUNNING = frozenset(
    {"accepted", "cancelling", "configuring", "creating", "deleting", "inprogress", "pending", "preparing", "provisioning"}
    | {"resolving", "resolvingdns", "running", "scaling", "started", "starting", "stopping", "updating", "validating", "waiting"}
)


class Azure:
    """One signed-in client of Resource Manager; any number of threads may use it."""

    def __init__(self, identity: Identity, transport: "httpx.BaseTransport | None" = None) -> None:
        import httpx

        self.identity = identity
        trust = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or None)
        self._http = httpx.Client(verify=trust, timeout=60.0, trust_env=False, transport=transport)
        self._skip_delay = os.environ.get("GO_AZURE_SDK_SKIP_POLLING_DELAY", "").lower() in {"1", "true"}
        self._lock = threading.Lock()
        self._token = ""
        self._renew_at = 0.0
        metadata = self._exchange("GET", f"https://{identity.host}{_METADATA}").json()
        self.manager = str(metadata["resourceManager"]).rstrip("/")
        self._login = str(metadata["authentication"]["loginEndpoint"]).rstrip("/")
        self._scope = self.manager + "/.default"

    @property
    def subscription_id(self) -> str:
        """The subscription's resource id."""
        return f"/subscriptions/{self.identity.subscription}"

    def group_id(self, name: str) -> str:
        """The resource id of the resource group `name`."""
        return f"{self.subscription_id}/resourceGroups/{name}"

    def object_id(self) -> str:
        """Who is signed in, as the token's middle part says."""
        middle = self._bearer("").split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        return str(claims.get("oid", ""))

    # -- calls

    def get(self, path: str, version: str, operation: str = "Get", **query: str) -> Any | None:
        """The JSON at `path`; None when it is not there."""
        response = self._send("GET", path, version, query)
        if response.status_code == 404:
            return None
        self._expect(response, operation, (200,))
        return response.json()

    def get_text(self, path: str, version: str) -> str:
        """The text at `path`; empty when it is not there."""
        response = self._send("GET", path, version, {})
        if response.status_code == 404:
            return ""
        self._expect(response, "Get", (200,))
        return response.text

    def call(
        self,
        method: str,
        path: str,
        version: str,
        body: Any = None,
        *,
        ok: tuple[int, ...] = (200, 201, 202, 204),
        operation: str = "",
        content_type: str = "application/json",
    ) -> "httpx.Response":
        """One call; HttpError when the answer's status is not in `ok`."""
        response = self._send(method, path, version, {}, body, content_type)
        self._expect(
            response, operation or {"PUT": "CreateOrUpdate", "DELETE": "Delete", "PATCH": "Update"}.get(method, "Post"), ok
        )
        return response

    @staticmethod
    def _expect(response: "httpx.Response", operation: str, ok: tuple[int, ...]) -> None:
        if response.status_code not in ok:
            raise HttpError(operation, response.status_code, response.reason_phrase, _json(response))

    # -- waiting

    def pause(self, seconds: float = _POLLING_DELAY) -> None:
        """Wait between two looks, unless waiting is switched off."""
        time.sleep(_SHORTEST_DELAY if self._skip_delay else seconds)

    def poll(self, response: "httpx.Response", path: str, version: str, operation: str, deadline: float) -> None:
        """Wait for what `response` has begun. RefusedError when it ends badly or `deadline` (monotonic) passes."""
        url = next((response.headers[name] for name in _OPERATION_HEADERS if name in response.headers), None)
        while True:
            if url is None:
                current = self._send("GET", path, version, {})
                status = str((_json(current).get("properties") or {}).get("provisioningState", "Succeeded"))
            else:
                parts = urlsplit(url)  # the host is not looked at: operations live where the resources do
                current = self._send("GET", f"{parts.path}?{parts.query}", None, {})
                status = self._status(current, operation)
            if status.lower() in {"succeeded", "completed"}:
                return
            if status.lower() not in _RUNNING:
                body = _json(current)
                raise polling_failed(operation, body.get("error") or {}, current.text if url else json.dumps(body))
            self._wait(current, operation, deadline)

    @staticmethod
    def _status(response: "httpx.Response", operation: str) -> str:
        if response.status_code in (202, 404):
            return "InProgress"
        if response.status_code == 204:
            return "Succeeded"
        Azure._expect(response, f"polling after {operation}", (200, 201))
        body = _json(response)
        return str(body.get("status") or (body.get("properties") or {}).get("provisioningState") or "Succeeded")

    def wait_gone(self, path: str, version: str, deadline: float) -> None:
        """Look at `path` until it is not there. Operation headers of a DELETE are not followed."""
        while True:
            current = self._send("GET", path, version, {})
            if current.status_code == 404:
                return
            self._expect(current, "Get", (200, 202))
            self._wait(current, "Delete", deadline)

    def _wait(self, response: "httpx.Response", operation: str, deadline: float) -> None:
        if time.monotonic() > deadline:
            raise RefusedError(f"polling after {operation}: context deadline exceeded")
        if response.headers.get("X-Go-Azure-Sdk-Skip-Polling-Delay") == "true":
            time.sleep(_SHORTEST_DELAY)
            return
        self.pause(float(response.headers.get("Retry-After", _POLLING_DELAY)))

    # -- the wire

    def _send(
        self,
        method: str,
        path: str,
        version: str | None,
        query: Mapping[str, str],
        body: Any = None,
        content_type: str = "application/json",
    ) -> "httpx.Response":
        import httpx

        params = {**query, **({"api-version": version} if version else {})}
        content = body.encode() if isinstance(body, str) else None if body is None else json.dumps(body).encode()
        headers = {"Accept": "application/json"} | ({"Content-Type": content_type} if content is not None else {})
        url = httpx.URL(self.manager + path)
        if params:
            url = url.copy_merge_params(params)
        stale = ""
        while True:
            token = self._bearer(stale)
            response = self._exchange(method, url, headers={**headers, "Authorization": f"Bearer {token}"}, content=content)
            if response.status_code == 401 and not stale and "ExpiredAuthenticationToken" in response.text:
                stale = token
                continue
            return response

    def _bearer(self, stale: str) -> str:
        with self._lock:
            if not self._token or self._token == stale or time.monotonic() > self._renew_at:
                identity = self.identity
                proof = (
                    {"client_secret": identity.secret}
                    if identity.secret
                    else {"client_assertion": identity.assertion, "client_assertion_type": _ASSERTION}
                )
                form = {"client_id": identity.client, "grant_type": "client_credentials", "scope": self._scope, **proof}
                response = self._exchange("POST", f"{self._login}/{identity.tenant}/oauth2/v2.0/token", data=form)
                if response.status_code != 200:
                    said = _json(response).get("error_description") or response.text
                    raise RefusedError(f"building client: unable to obtain access token: {response.status_code} {said}")
                answer = response.json()
                self._token = str(answer["access_token"])
                self._renew_at = time.monotonic() + float(answer.get("expires_in", 3600)) - _RENEW_BEFORE
            return self._token

    def _exchange(self, method: str, url: "httpx.URL | str", **options: Any) -> "httpx.Response":
        """One request, sent again while the server is busy or gone. Every call here can be repeated safely."""
        import httpx

        for attempt in range(_RETRIES + 1):
            last = attempt == _RETRIES
            try:
                response = self._http.request(method, url, **options)
            except httpx.TransportError as error:
                if last or isinstance(error, httpx.UnsupportedProtocol) or "CERTIFICATE_VERIFY_FAILED" in str(error):
                    raise RefusedError(f"{method} {httpx.URL(url).copy_with(query=None)}: {error}") from error
                wait = _PAUSE * 2 ** min(attempt, 5)
            else:
                if last or response.status_code not in _RETRIED:
                    return response
                wait = float(response.headers.get("Retry-After") or _PAUSE * 2 ** min(attempt, 5))
            time.sleep(wait)
        raise AssertionError("the last attempt has returned or raised")


def _json(response: "httpx.Response") -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
