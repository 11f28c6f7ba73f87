import base64
import json
from typing import Any

import pytest

from aerial_ops.emulator.arm import tokens
from tests.emulator.arm.cloud import EmulatedCloud


def test_the_metadata_name_what_the_real_provider_needs(cloud: EmulatedCloud) -> None:
    data = cloud.http.get("/metadata/endpoints", params={"api-version": "2022-09-01"}, headers={"Authorization": ""}).json()
    assert data["resourceManager"] == f"{cloud.url}/"
    assert data["authentication"]["loginEndpoint"] == cloud.url
    assert data["suffixes"]["storage"] == f"localhost:{cloud.storage_port}"
    assert data["name"] and data["microsoftGraphResourceId"]


def test_a_token_tells_who_holds_it(cloud: EmulatedCloud) -> None:
    answer = cloud.token().json()
    claims = json.loads(base64.urlsafe_b64decode(answer["access_token"].split(".")[1] + "=="))
    assert (claims["oid"], claims["tid"], claims["appid"]) == (
        cloud.identity.object_id,
        cloud.identity.tenant,
        cloud.identity.client_id,
    )
    assert claims["exp"] - claims["iat"] == answer["expires_in"] == 3600


@pytest.mark.parametrize(
    ("form", "status", "number"),
    [
        ({"client_secret": "wrong"}, 401, 7000215),
        ({"client_id": "00000000-0000-0000-0000-000000000000"}, 400, 700016),
        ({"grant_type": "password"}, 400, 70003),
        ({"scope": ""}, 400, 900144),
        ({"client_secret": "", "client_assertion": "x.y.z", "client_assertion_type": "nothing"}, 400, 50027),
    ],
)
def test_refusals_of_the_token_endpoint(cloud: EmulatedCloud, form: dict[str, str], status: int, number: int) -> None:
    answer = cloud.token(**form)
    assert answer.status_code == status
    assert answer.json()["error_codes"] == [number]
    assert answer.json()["error_description"].startswith(f"AADSTS{number}: ")


def test_federated_assertions(cloud: EmulatedCloud) -> None:
    kind = {"client_secret": "", "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}

    def answer(**query: Any) -> Any:
        value = cloud.control.get("id-token", params=query).json()["value"]
        return cloud.token(**kind, client_assertion=value)

    assert answer().status_code == 200
    assert answer(audience="sts.amazonaws.com").json()["error_codes"] == [700211]
    assert answer(seconds=-5).json()["error_codes"] == [700024]
    app = cloud.control.post("principals", json={"subjects": ["repo:me/it:ref:refs/heads/main"]}).json()
    kind["client_id"] = app["client_id"]
    assert answer(subject="repo:else/where:ref:refs/heads/main").json()["error_codes"] == [700213]
    assert answer(subject="repo:me/it:ref:refs/heads/main").status_code == 200
    forged = tokens.sign({"sub": "x", "aud": "api://AzureADTokenExchange", "exp": 9e9}, "another key")
    assert cloud.token(**kind, client_assertion=forged).json()["error_codes"] == [700211]


def test_another_tenant_is_not_found(cloud: EmulatedCloud) -> None:
    answer = cloud.http.get("/00000000-0000-0000-0000-00000000000f/v2.0/.well-known/openid-configuration")
    assert answer.json()["error_codes"] == [90002]
    mine = cloud.http.get(f"/{cloud.identity.tenant}/v2.0/.well-known/openid-configuration").json()
    assert mine["token_endpoint"] == f"{cloud.url}/{cloud.identity.tenant}/oauth2/v2.0/token"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "AuthenticationFailed"),
        ("Basic eDp5", "AuthenticationFailedInvalidHeader"),
        ("Bearer nonsense", "InvalidAuthenticationToken"),
        ("Bearer a.b.c", "InvalidAuthenticationToken"),
    ],
)
def test_arm_refuses_bad_tokens(cloud: EmulatedCloud, header: str, code: str) -> None:
    answer = cloud.http.get("/subscriptions?api-version=2022-12-01", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, code)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer authorization_uri=")


def test_a_token_for_something_else_and_an_old_one_are_refused(cloud: EmulatedCloud) -> None:
    other = cloud.token(scope="https://storage.azure.com/.default").json()["access_token"]
    answer = cloud.http.get("/subscriptions?api-version=2022-12-01", headers={"Authorization": f"Bearer {other}"})
    assert answer.json()["error"]["code"] == "InvalidAuthenticationTokenAudience"
    cloud.arm.token_lifetime = -1
    old = cloud.token().json()["access_token"]
    answer = cloud.http.get("/subscriptions?api-version=2022-12-01", headers={"Authorization": f"Bearer {old}"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "ExpiredAuthenticationToken")


def test_roles_decide_who_may_do_what(cloud: EmulatedCloud) -> None:
    cloud.make_group()
    app = cloud.control.post("principals", json={"role": "Reader", "scope": cloud.path()}).json()
    reader = {
        "Authorization": f"Bearer {cloud.token(client_id=app['client_id'], client_secret=app['secret']).json()['access_token']}"
    }
    query = {"api-version": "2023-07-01"}
    assert cloud.http.get(cloud.path(), params=query, headers=reader).status_code == 200
    denied = cloud.http.delete(cloud.path(), params=query, headers=reader)
    assert (denied.status_code, denied.json()["error"]["code"]) == (403, "AuthorizationFailed")
    assert "'Microsoft.Resources/subscriptions/resourceGroups/delete'" in denied.json()["error"]["message"]
    assert app["object_id"] in denied.json()["error"]["message"]
    other = cloud.http.get(f"/subscriptions/{cloud.subscription}/resourceGroups/other", params=query, headers=reader)
    assert other.status_code == 403
    assert cloud.http.get("/subscriptions", params={"api-version": "2022-12-01"}, headers=reader).json()["value"] == []


def test_the_control_calls_need_their_token(cloud: EmulatedCloud) -> None:
    assert cloud.http.get("/__emulator/state").status_code == 401
    assert cloud.http.get("/__emulator/health").status_code == 200
    assert cloud.control.get("state").status_code == 200
