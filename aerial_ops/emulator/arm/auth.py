"""Signing in: cloud metadata, OpenID configuration, the token endpoint, and the check of bearer tokens."""

import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from aerial_ops.emulator.arm import tokens
from aerial_ops.emulator.arm.errors import ArmError
from aerial_ops.emulator.arm.messages import Answer, Call, Router

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.service import Arm

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
EXCHANGE = "api://AzureADTokenExchange"
LIFETIME = 3600  # seconds of real time: clients reckon with their own clock
ARM_AUDIENCES = ("https://management.azure.com", "https://management.core.windows.net")
routes = Router()


class SignInError(Exception):
    """The token endpoint says no, in Entra's words."""

    def __init__(self, status: int, error: str, number: int, text: str) -> None:
        super().__init__(text)
        trace = f"Trace ID: {uuid.uuid4()} Correlation ID: {uuid.uuid4()}"
        moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        body = {"error": error, "error_description": f"AADSTS{number}: {text} {trace} Timestamp: {moment}"}
        self.answer = Answer(status, {**body, "error_codes": [number], "timestamp": moment})


@routes.on("GET", "/metadata/endpoints", public=True)
def metadata(arm: "Arm", call: Call) -> Answer:
    """What a client must know of this cloud."""
    base = call.base
    if call.api_version == "2018-01-01":
        host = base.removeprefix("https://")
        return Answer(200, {"cloudEndpoint": {"public": {"endpoint": host, "locations": sorted(arm.regions)}}})
    login = {"loginEndpoint": base, "audiences": [f"{base}/", *ARM_AUDIENCES], "tenant": "common", "identityProvider": "AAD"}
    suffixes = {"storage": arm.storage_suffix, "keyVaultDns": "vault.localhost"}
    cloud = {"name": "AerialOpsEmulator", "resourceManager": f"{base}/", "microsoftGraphResourceId": f"{base}/graph/"}
    return Answer(200, {**cloud, "portal": base, "authentication": login, "suffixes": suffixes})


@routes.on("GET", "/common/discovery/instance", public=True)
def instance(arm: "Arm", call: Call) -> Answer:
    """Instance discovery: this host is an authority, and the only one."""
    host = call.base.removeprefix("https://")
    known = {"preferred_network": host, "preferred_cache": host, "aliases": [host]}
    endpoint = f"{call.base}/{arm.identity.tenant}/v2.0/.well-known/openid-configuration"
    return Answer(200, {"tenant_discovery_endpoint": endpoint, "api-version": "1.1", "metadata": [known]})


@routes.on("GET", "/{tenant}/v2.0/.well-known/openid-configuration", public=True)
@routes.on("GET", "/{tenant}/.well-known/openid-configuration", public=True)
def openid(arm: "Arm", call: Call) -> Answer:
    """The endpoints of the tenant."""
    try:
        tenant = _tenant(arm, call["tenant"])
    except SignInError as error:
        return error.answer
    root = f"{call.base}/{tenant}"
    return Answer(
        200,
        {
            "issuer": f"{root}/v2.0",
            "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
            "token_endpoint": f"{root}/oauth2/v2.0/token",
            "jwks_uri": f"{root}/discovery/v2.0/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            "response_types_supported": ["code", "id_token"],
            "tenant_region_scope": None,
            "cloud_instance_name": call.base.removeprefix("https://"),
        },
    )


@routes.on("POST", "/{tenant}/oauth2/v2.0/token", public=True)
@routes.on("POST", "/{tenant}/oauth2/token", public=True)
def token(arm: "Arm", call: Call) -> Answer:
    """The client credentials grant, with a secret or a federated assertion."""
    form = {name: values[0] for name, values in parse_qs(call.body.decode(errors="replace")).items()}
    try:
        tenant = _tenant(arm, call["tenant"])
        app = _application(arm, form)
        audience = (form.get("scope") or form.get("resource", "")).removesuffix("/.default")
        if not audience:
            raise SignInError(400, "invalid_request", 900144, "The request body must contain the following parameter: 'scope'.")
    except SignInError as error:
        return error.answer
    now, lifetime = int(time.time()), arm.token_lifetime
    claims = {
        "aud": audience,
        "iss": f"https://sts.windows.net/{tenant}/",
        "iat": now,
        "nbf": now,
        "exp": now + lifetime,
        "appid": form["client_id"],
        "idtyp": "app",
        "oid": app["object_id"],
        "sub": app["object_id"],
        "tid": tenant,
        "ver": "1.0",
    }
    signed = tokens.sign(claims, arm.identity.signing_key)
    return Answer(200, {"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": signed})


def _tenant(arm: "Arm", name: str) -> str:
    if name.lower() not in (arm.identity.tenant, "common", "organizations"):
        raise SignInError(
            400, "invalid_request", 90002, f"Tenant '{name}' not found. Check to make sure you have the correct tenant ID."
        )
    return arm.identity.tenant


def _application(arm: "Arm", form: dict[str, str]) -> dict[str, Any]:
    """Who asks for a token, once proven."""
    if form.get("grant_type") != "client_credentials":
        text = f"The app requested an unsupported grant type '{form.get('grant_type', '')}'."
        raise SignInError(400, "unsupported_grant_type", 70003, text)
    client = form.get("client_id", "")
    app = arm.directory.find(client)
    if app is None:
        text = f"Application with identifier '{client}' was not found in the directory '{arm.identity.tenant}'."
        raise SignInError(400, "unauthorized_client", 700016, text)
    if "client_assertion" in form:
        _check_assertion(arm, form, app)
    elif form.get("client_secret", "") != app["secret"]:
        text = (
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the "
            f"client secret ID, for a secret added to app '{client}'."
        )
        raise SignInError(401, "invalid_client", 7000215, text)
    return app


def _check_assertion(arm: "Arm", form: dict[str, str], app: dict[str, Any]) -> None:
    """An assertion is an id token of the emulator's own issuer (see control.py), as a CI service's is of its."""
    if form.get("client_assertion_type") != ASSERTION:
        raise SignInError(400, "invalid_request", 50027, "The client_assertion_type is not supported.")
    claims = tokens.verified(form["client_assertion"], arm.identity.signing_key)
    if claims is None or claims.get("aud") != EXCHANGE:
        text = (
            "No matching federated identity record found for presented assertion: its issuer, signature or audience is unknown."
        )
        raise SignInError(401, "invalid_client", 700211, text)
    if claims.get("exp", 0) <= time.time():
        raise SignInError(401, "invalid_client", 700024, "Client assertion is not within its valid time range.")
    subject = claims.get("sub", "")
    if "*" not in app["subjects"] and subject not in app["subjects"]:
        text = f"No matching federated identity record found for presented assertion subject '{subject}'."
        raise SignInError(401, "invalid_client", 700213, text)


def principal_of(arm: "Arm", call: Call) -> str:
    """The object id behind a request's bearer token. Raises ArmError 401."""
    header = call.headers.get("authorization", "")
    if not header:
        raise _unauthorized(arm, call, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "bearer":
        message = f"The 'Authorization' header is provided in an invalid format: '{scheme}' is not supported."
        raise _unauthorized(arm, call, "AuthenticationFailedInvalidHeader", message)
    claims = tokens.verified(text.strip(), arm.identity.signing_key)
    if claims is None:
        raise _unauthorized(arm, call, "InvalidAuthenticationToken", "The access token is invalid.")
    if claims["exp"] <= time.time():
        raise expired(arm, call)
    if str(claims["aud"]).rstrip("/") not in (call.base, *ARM_AUDIENCES):
        message = (
            f"The access token has been obtained for wrong audience or resource '{claims['aud']}'. "
            f"It should exactly match with one of the allowed audiences '{call.base}/','{ARM_AUDIENCES[0]}/'."
        )
        raise _unauthorized(arm, call, "InvalidAuthenticationTokenAudience", message)
    return str(claims["oid"])


def expired(arm: "Arm", call: Call) -> ArmError:
    """401: the token was good once."""
    moment = datetime.now(UTC).strftime("%m/%d/%Y %H:%M:%S")
    text = f"The access token expiry UTC time '{moment}' is earlier than current UTC time '{moment}'."
    return _unauthorized(arm, call, "ExpiredAuthenticationToken", text)


def _unauthorized(arm: "Arm", call: Call, code: str, message: str) -> ArmError:
    error = 'error="invalid_token", error_description="The access token is missing, invalid or expired."'
    challenge = f'Bearer authorization_uri="{call.base}/{arm.identity.tenant}", {error}'
    return ArmError(401, code, message, headers={"WWW-Authenticate": challenge})
