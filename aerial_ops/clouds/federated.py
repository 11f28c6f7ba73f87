"""Sign in from a CI job without a stored secret: by the id token that the service issues to the job.

Azure's command line, signed in by such a token, cannot renew its own after an hour: the id token it was given lives for minutes.
This credential asks the service for a fresh one whenever Azure wants to see one. Terraform's provider does the same.
"""

import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from azure.identity import ClientAssertionCredential

URL, TOKEN = "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
AUDIENCE = "api://AzureADTokenExchange"
NEEDED = (URL, TOKEN, "AZURE_TENANT_ID", "AZURE_CLIENT_ID")
# Whoever sets one of these wants to sign in by it.
STRONGER = ("AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE")
TIMEOUT_SECONDS = 30.0
ATTEMPTS = 3


def ci_credential(
    environ: Mapping[str, str] = os.environ, trust: Path | None = None, **options: Any
) -> "ClientAssertionCredential | None":
    """The credential of a CI job that may ask for id tokens and knows whom to sign in as; None anywhere else.

    `trust` is a PEM file for the service's address; `options` go to the credential.
    """
    if any(environ.get(name) for name in STRONGER) or not all(environ.get(name) for name in NEEDED):
        return None
    from azure.identity import ClientAssertionCredential

    url, token = environ[URL], environ[TOKEN]
    return ClientAssertionCredential(
        environ["AZURE_TENANT_ID"], environ["AZURE_CLIENT_ID"], lambda: _id_token(url, token, trust), **options
    )


def _id_token(url: str, token: str, trust: Path | None) -> str:
    """A fresh id token. Raises ClientAuthenticationError; neither token is in its words."""
    import httpx
    from azure.core.exceptions import ClientAuthenticationError

    context = ssl.create_default_context(cafile=str(trust)) if trust else True
    transport = httpx.HTTPTransport(verify=context, retries=ATTEMPTS)
    try:
        with httpx.Client(transport=transport, timeout=TIMEOUT_SECONDS) as client:
            answer = client.get(httpx.URL(url).copy_add_param("audience", AUDIENCE), headers={"Authorization": f"Bearer {token}"})
        answer.raise_for_status()
        return str(answer.json()["value"])
    except httpx.HTTPStatusError as error:
        status = error.response.status_code
        raise ClientAuthenticationError(
            message=f"The CI service refused an id token with status {status}. The job needs `permissions: id-token: write`."
        ) from error
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise ClientAuthenticationError(message=f"The CI service gave no id token ({type(error).__name__}).") from error
