"""JSON Web Tokens signed with a key that only the emulator has (HS256)."""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _signature(signed: str, key: str) -> str:
    return _encode(hmac.new(key.encode(), signed.encode(), hashlib.sha256).digest())


def sign(claims: dict[str, Any], key: str) -> str:
    """A token with these claims."""
    header = _encode(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    signed = f"{header}.{_encode(json.dumps(claims).encode())}"
    return f"{signed}.{_signature(signed, key)}"


def verified(token: str, key: str) -> dict[str, Any] | None:
    """The claims of a token that was signed with `key`, expired or not; None for anything else."""
    signed, _, signature = token.rpartition(".")
    if signed.count(".") != 1 or not hmac.compare_digest(signature.encode(), _signature(signed, key).encode()):
        return None
    try:
        claims = json.loads(_decode(signed.split(".")[1]))
    except (ValueError, binascii.Error):
        return None
    return claims if isinstance(claims, dict) else None
