"""Shared access signatures for one container, made from the account key (service SAS, version 2020-12-06)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta, timezone
from urllib.parse import urlencode, urlsplit

VERSION = "2020-12-06"
LIFETIME = timedelta(hours=12)
ORDER = "racwdl"


def container_sas(endpoint: str, key: str, container: str, permissions: str, now: datetime | None = None) -> str:
    """A query string that grants `permissions` (letters of racwdl) on one container for twelve hours.

    No start time, since clocks differ; https only when the endpoint is https. Source: Microsoft's "Create a service SAS".
    """
    parts = urlsplit(endpoint)
    account = (parts.hostname or "").partition(".")[0]
    expiry = ((now or datetime.now(timezone.utc)) + LIFETIME).strftime("%Y-%m-%dT%H:%M:%SZ")
    protocol = "https" if parts.scheme == "https" else "https,http"
    allowed = "".join(letter for letter in ORDER if letter in permissions)
    # permissions, start, expiry, resource, identifier, address range, protocol, version, resource type, snapshot,
    # encryption scope, then the five response headers that a SAS may override.
    fields = [allowed, "", expiry, f"/blob/{account}/{container}", "", "", protocol, VERSION, "c", "", "", "", "", "", "", ""]
    digest = hmac.new(base64.b64decode(key), "\n".join(fields).encode(), hashlib.sha256).digest()
    signature = base64.b64encode(digest).decode()
    return urlencode({"sv": VERSION, "sr": "c", "sp": allowed, "se": expiry, "spr": protocol, "sig": signature})
