"""Reach NAME.localhost on 127.0.0.1 where the system's resolver does not (RFC 6761, 6.3), with TLS checked against NAME."""

from pathlib import Path
from typing import Any

import requests
from azure.core.pipeline.transport import RequestsTransport
from requests.adapters import HTTPAdapter


class _LoopbackAdapter(HTTPAdapter):
    """Connects to 127.0.0.1 whatever the URL's host; the Host header and the certificate check keep the name."""

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        if host["scheme"] == "https":
            pool = {**pool, "server_hostname": host["host"], "assert_hostname": host["host"]}
        return {**host, "host": "127.0.0.1"}, pool

    def add_headers(self, request: Any, **kwargs: Any) -> None:
        request.headers["Host"] = request.url.split("/", 3)[2]


def loopback_transport(trust: Path | None) -> RequestsTransport:
    """A transport for azure clients whose hosts all live on this machine; `trust` is a PEM file."""
    session = requests.Session()
    session.mount("https://", _LoopbackAdapter(pool_maxsize=64))
    session.mount("http://", _LoopbackAdapter(pool_maxsize=64))
    session.trust_env = False
    return RequestsTransport(session=session, session_owner=False, connection_verify=str(trust) if trust else True)
