"""The client of Resource Manager, on a server that answers as told."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from aerial_ops.emulator.azurerm import client as module
from aerial_ops.emulator.azurerm.client import Azure
from aerial_ops.emulator.azurerm.identity import Identity
from aerial_ops.emulator.azurerm.refusals import HttpError, RefusedError

PATH = "/subscriptions/s/resourceGroups/rg"
Handler = Callable[[httpx.Request], httpx.Response]


def token(number: int) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"oid": "me"}).encode()).rstrip(b"=").decode()
    return f"head{number}.{claims}.sig"


class Server:
    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers, self.requests, self.tokens = list(answers), [], 0
        self.forms: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/metadata/endpoints":
            authority = {"loginEndpoint": "https://login.test"}
            return httpx.Response(200, json={"resourceManager": "https://arm.test/", "authentication": authority})
        if request.url.path.endswith("/oauth2/v2.0/token"):
            self.tokens += 1
            self.forms.append(request.content.decode())
            return httpx.Response(200, json={"access_token": token(self.tokens), "expires_in": 3600})
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def connected(server: Server, **more: str) -> Azure:
    values = {
        "host": "arm.test",
        "subscription": "s",
        "tenant": "t",
        "client": "c",
        "secret": "very-secret",
        "assertion": "",
        **more,
    }
    return Azure(Identity(**values), httpx.MockTransport(server))


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GO_AZURE_SDK_SKIP_POLLING_DELAY", "true")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setattr(module, "_PAUSE", 0.0)
    monkeypatch.setattr(module, "_SHORTEST_DELAY", 0.0)


def answer(status: int, body: Any = None, **headers: str) -> httpx.Response:
    return httpx.Response(
        status, json=body if body is not None else {}, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


@pytest.mark.parametrize(
    "trouble", [answer(429, Retry_After="0"), answer(503), httpx.ReadError("lost"), httpx.ConnectError("refused"), answer(500)]
)
def test_a_bad_moment_is_tried_again(trouble: httpx.Response | Exception) -> None:
    server = Server(trouble, trouble, answer(200, {"name": "rg"}))
    assert connected(server).get(PATH, "2023-07-01") == {"name": "rg"}
    assert [request.url.params["api-version"] for request in server.requests] == ["2023-07-01"] * 3


def test_trouble_without_end_is_told() -> None:
    with pytest.raises(RefusedError, match="refused"):
        connected(Server(*[httpx.ConnectError("refused")] * 10)).get(PATH, "v")
    with pytest.raises(HttpError, match="unexpected status 503"):
        connected(Server(*[answer(503)] * 10)).get(PATH, "v")


def test_a_server_that_is_not_trusted_is_not_asked_again() -> None:
    server = Server(httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED]"))
    with pytest.raises(RefusedError, match="CERTIFICATE"):
        connected(server).get(PATH, "v")
    assert len(server.requests) == 1


def test_an_expired_token_is_renewed_once() -> None:
    expired = answer(401, {"error": {"code": "ExpiredAuthenticationToken", "message": "expired"}})
    server = Server(expired, answer(200, {"name": "rg"}))
    assert connected(server).get(PATH, "v") == {"name": "rg"}
    assert [request.headers["authorization"] for request in server.requests] == [f"Bearer {token(1)}", f"Bearer {token(2)}"]
    with pytest.raises(HttpError, match="401"):
        connected(Server(expired, expired)).get(PATH, "v")


def test_an_id_token_signs_in_without_a_secret() -> None:
    server = Server(answer(200))
    connected(server, secret="", assertion="id-token").get(PATH, "v")
    assert "client_assertion=id-token" in server.forms[0] and "client_secret" not in server.forms[0]


def test_what_is_not_there_is_none_and_refusals_carry_the_services_words() -> None:
    assert connected(Server(answer(404))).get(PATH, "v") is None
    refusal = answer(409, {"error": {"code": "SkuNotAvailable", "message": "no such size here"}})
    with pytest.raises(HttpError) as raised:
        connected(Server(refusal)).call("PUT", PATH, "v", {}, operation="Create")
    assert raised.value.summary == (
        "performing Create: unexpected status 409 (409 Conflict) with error: SkuNotAvailable: no such size here"
    )
    assert (raised.value.status, raised.value.code) == (409, "SkuNotAvailable")


def later() -> float:
    return time.monotonic() + 60


@pytest.mark.parametrize("header", ["Azure_AsyncOperation", "Location"])
def test_an_operation_is_followed_on_the_managers_own_host(header: str) -> None:
    server = Server(answer(202), answer(404), answer(200, {"status": "InProgress"}), answer(200, {"status": "Succeeded"}))
    azure = connected(server)
    started = answer(202, **{header: "https://elsewhere.test/operations/1?api-version=9"})
    azure.poll(started, PATH, "v", "Create", later())
    assert {str(request.url) for request in server.requests} == {"https://arm.test/operations/1?api-version=9"}


def test_a_failed_operation_is_told_with_the_whole_answer() -> None:
    failed = answer(200, {"status": "Failed", "error": {"code": "Broken", "message": "it broke"}})
    with pytest.raises(RefusedError) as raised:
        connected(Server(failed)).poll(answer(200, Azure_AsyncOperation="https://x/op"), PATH, "v", "Create", later())
    for part in ("polling after Create: polling failed", 'Code: "Broken"', 'Message: "it broke"', '"status"'):
        assert part in raised.value.summary


def test_without_a_header_the_resource_itself_is_watched() -> None:
    server = Server(
        *[answer(200, {"properties": {"provisioningState": state}}) for state in ("Creating", "ResolvingDns", "Succeeded")]
    )
    connected(server).poll(answer(200), PATH, "v", "Create", later())
    assert len(server.requests) == 3
    with pytest.raises(RefusedError, match="polling failed"):
        failed = answer(200, {"properties": {"provisioningState": "Failed"}})
        connected(Server(failed)).poll(answer(200), PATH, "v", "Create", later())


def test_a_removal_is_watched_until_it_is_gone_or_takes_too_long() -> None:
    connected(Server(answer(200), answer(200), answer(404))).wait_gone(PATH, "v", later())
    with pytest.raises(RefusedError, match="context deadline exceeded"):
        connected(Server(answer(200), answer(200))).wait_gone(PATH, "v", time.monotonic() - 1)


def test_who_is_signed_in_comes_from_the_token() -> None:
    assert connected(Server()).object_id() == "me"


def test_no_secret_shows_in_a_representation() -> None:
    assert "very-secret" not in repr(connected(Server()).identity)


@pytest.mark.parametrize(
    ("missing", "words"),
    [("ARM_METADATA_HOSTNAME", "stand-in"), ("ARM_SUBSCRIPTION_ID", "subscription_id"), ("ARM_CLIENT_SECRET", "authorizer")],
)
def test_an_incomplete_sign_in_is_told(monkeypatch: pytest.MonkeyPatch, missing: str, words: str) -> None:
    for name in ("METADATA_HOSTNAME", "SUBSCRIPTION_ID", "TENANT_ID", "CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.setenv(f"ARM_{name}", "x")
    for name in (missing, "ARM_OIDC_TOKEN", "ARM_OIDC_TOKEN_FILE_PATH"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(RefusedError, match=words):
        Identity.from_config({})


def test_the_providers_arguments_go_before_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for name in ("METADATA_HOSTNAME", "SUBSCRIPTION_ID", "TENANT_ID", "CLIENT_ID"):
        monkeypatch.setenv(f"ARM_{name}", "from-variable")
    monkeypatch.delenv("ARM_CLIENT_SECRET", raising=False)
    monkeypatch.delenv("ARM_OIDC_TOKEN", raising=False)
    file = tmp_path / "token"
    file.write_text("id-token\n")
    made = Identity.from_config({"subscription_id": "mine", "oidc_token_file_path": str(file)})
    assert (made.subscription, made.tenant, made.assertion) == ("mine", "from-variable", "id-token")
