"""The few calls to an account's own blob service that the control plane makes: its containers."""

import base64
import hashlib
import hmac
import ssl
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

from aerial_ops.emulator.arm.backends import BackendError, Container
from aerial_ops.emulator.certificates import Certificates

VERSION = "2023-11-03"


class BlobService:
    """A client signing with the account's key (Shared Key)."""

    def __init__(self, account: str, key: str, port: int, certificates: Certificates) -> None:
        self.port = port
        self.key = key
        self._account = account
        trust = ssl.create_default_context(cafile=str(certificates.authority))
        self._client = httpx.Client(base_url=f"https://127.0.0.1:{port}/{account}", verify=trust, trust_env=False, timeout=30)

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def containers(self) -> list[Container]:
        """Every container, by name."""
        found: list[Container] = []
        marker = ""
        while True:
            query = {"comp": "list", "include": "metadata"} | ({"marker": marker} if marker else {})
            root = ET.fromstring(self._call("GET", "/", query, (200,)).content)  # noqa: S314 - our own Azurite's answer
            found += [_container(node) for node in root.iter("Container")]
            marker = root.findtext("NextMarker") or ""
            if not marker:
                return found

    def create(self, name: str, metadata: dict[str, str]) -> bool:
        """Make a container; False when it is there."""
        headers = {f"x-ms-meta-{key.lower()}": value for key, value in metadata.items()}
        return self._call("PUT", f"/{name}", {"restype": "container"}, (201, 409), headers).status_code == 201

    def delete(self, name: str) -> bool:
        """Remove a container; False when it is not there."""
        return self._call("DELETE", f"/{name}", {"restype": "container"}, (202, 404)).status_code == 202

    @staticmethod
    def reachable(url: str, port: int, certificates: Certificates) -> str:
        """Empty when the address, with its signature, can be read; else why not."""
        parts = urlsplit(url)
        trust = ssl.create_default_context(cafile=str(certificates.authority))
        try:
            with httpx.Client(verify=trust, trust_env=False, timeout=30) as client:
                answer = client.get(
                    f"https://127.0.0.1:{port}{parts.path}?{parts.query}",
                    headers={"Host": parts.netloc},
                    extensions={"sni_hostname": parts.hostname or ""},
                )
        except httpx.HTTPError as error:
            return f"{type(error).__name__}"
        return "" if answer.status_code == 200 else f"the status is {answer.status_code}"

    def _call(
        self, method: str, path: str, query: dict[str, str], expected: tuple[int, ...], headers: dict[str, str] | None = None
    ) -> httpx.Response:
        sent = {"x-ms-date": format_datetime(datetime.now(UTC), usegmt=True), "x-ms-version": VERSION, **(headers or {})}
        sent["Authorization"] = f"SharedKey {self._account}:{self._signature(method, path, query, sent)}"
        try:
            answer = self._client.request(method, path, params=query, headers=sent)
        except httpx.HTTPError as error:
            raise BackendError(f"The blob service of {self._account} does not answer: {error}") from error
        if answer.status_code not in expected:
            raise BackendError(f"The blob service of {self._account} answered {answer.status_code} to {method} {path}.")
        return answer

    def _signature(self, method: str, path: str, query: dict[str, str], headers: dict[str, str]) -> str:
        """The account's name stands twice: Azurite is addressed as 127.0.0.1:PORT/ACCOUNT."""
        canonical = "".join(f"{name}:{value}\n" for name, value in sorted(headers.items()))
        resource = f"/{self._account}/{self._account}{path}" + "".join(f"\n{name}:{query[name]}" for name in sorted(query))
        text = f"{method}\n" + "\n" * 11 + canonical + resource
        return base64.b64encode(hmac.new(base64.b64decode(self.key), text.encode(), hashlib.sha256).digest()).decode()


def _container(node: ET.Element) -> Container:
    def text(name: str, default: str = "") -> str:
        return node.findtext(f"Properties/{name}") or default

    moment = parsedate_to_datetime(text("Last-Modified")).astimezone(UTC)
    metadata = {each.tag: each.text or "" for each in node.findall("Metadata/*")}
    return Container(
        node.findtext("Name") or "",
        text("Etag"),
        moment.strftime("%Y-%m-%dT%H:%M:%S.0000000Z"),
        text("LeaseState", "available").capitalize(),
        text("LeaseStatus", "unlocked").capitalize(),
        metadata,
    )
