"""How a request to the blob service is let in: the account key, a SAS, or a token. No key or token is in the address."""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from azure.core.credentials import AzureSasCredential
from pydantic import SecretStr

from aerial_ops.clouds.base import StorageEndpoint

STORAGE_SCOPE = "https://storage.azure.com/.default"
TOKEN_MARGIN = 300  # seconds; no request is under way for longer
_SIGNED = (
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-MD5",
    "Content-Type",
    "Date",
    "If-Modified-Since",
    "If-Match",
    "If-None-Match",
    "If-Unmodified-Since",
    "Range",
)


class Permit(Protocol):
    """One of the three ways."""

    def apply(self, request: requests.PreparedRequest, query: Mapping[str, str]) -> None:
        """Complete a request whose method, address and other headers stand; `query` is its query, not encoded."""


def permit_for(endpoint: StorageEndpoint) -> Permit:
    """The way in for the endpoint's kind of credential."""
    credential = endpoint.credential
    if isinstance(credential, SecretStr):
        return SharedKey(endpoint.account, credential)
    if isinstance(credential, AzureSasCredential):
        return SharedAccessSignature(credential)
    return Token(credential)


class SharedKey:
    """Signs each request with the account key (REST reference, "Authorize with Shared Key")."""

    def __init__(self, account: str, key: SecretStr) -> None:
        self._account, self._key = account, base64.b64decode(key.get_secret_value())

    def apply(self, request: requests.PreparedRequest, query: Mapping[str, str]) -> None:
        """Add the Authorization header."""
        headers: Mapping[str, str] = {name: str(value) for name, value in request.headers.items()}
        lines = [str(request.method), *(headers.get(name, "") for name in _SIGNED)]
        lines[1 + _SIGNED.index("Content-Length")] = headers.get("Content-Length", "").lstrip("0")  # no length is an empty one
        lines += sorted(f"{name.lower()}:{value}" for name, value in headers.items() if name.lower().startswith("x-ms-"))
        lines.append(f"/{self._account}{urlsplit(str(request.url)).path}")
        lines += [f"{name}:{query[name]}" for name in sorted(query)]
        digest = hmac.digest(self._key, "\n".join(lines).encode(), hashlib.sha256)
        request.headers["Authorization"] = f"SharedKey {self._account}:{base64.b64encode(digest).decode()}"


class SharedAccessSignature:
    """Adds a SAS, which is made to be part of the address."""

    def __init__(self, credential: AzureSasCredential) -> None:
        self._credential = credential

    def apply(self, request: requests.PreparedRequest, query: Mapping[str, str]) -> None:
        """Complete the address."""
        request.url = f"{request.url}{'&' if query else '?'}{self._credential.signature.lstrip('?')}"


class Token:
    """Adds a token of Microsoft Entra, renewed in time."""

    def __init__(self, credential: Any) -> None:
        self._credential = credential
        self._token, self._good_until = "", 0.0

    def apply(self, request: requests.PreparedRequest, query: Mapping[str, str]) -> None:
        """Add the Authorization header."""
        if time.time() > self._good_until - TOKEN_MARGIN:
            token = self._credential.get_token(STORAGE_SCOPE)  # two threads may do it at once: both are good
            self._token, self._good_until = str(token.token), float(token.expires_on)
        request.headers["Authorization"] = f"Bearer {self._token}"
