"""From `--source` to a source: a folder or an address of Azure storage."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from aerial_ops.clouds.base import StorageEndpoint
from aerial_ops.errors import UsageError
from aerial_ops.storage import layout
from aerial_ops.storage.blobs import BlobStore
from aerial_ops.storage.sync.account import AccountSource
from aerial_ops.storage.sync.folder import FolderSource
from aerial_ops.storage.sync.source import Source

FILLABLE = tuple(name for name in layout.CONTAINERS if name not in (layout.CLUSTER, layout.RUNS))
SOURCE_RETRIES = 3
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def checked_containers(text: str | None) -> tuple[str, ...] | None:
    """The containers of a comma-separated list, None when none were asked for. Raises UsageError."""
    if text is None:
        return None
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    unknown = [name for name in names if name not in FILLABLE]
    if unknown or not names:
        raise UsageError(
            f"No container to sync is called {', '.join(unknown) or 'nothing'}.", suggestion=f"Choose from {', '.join(FILLABLE)}."
        )
    return names


def open_source(text: str, asked: Sequence[str] | None = None, *, trust: Path | None = None, credential: Any = None) -> Source:
    """The source that `text` names, for the containers `asked` for (the image containers unless told).

    `trust` is a PEM file for addresses on this machine; `credential` signs in where the address has no SAS (azure-identity's
    default unless given). Raises UsageError for what cannot be a source.
    """
    if re.match(r"https?://", text, re.IGNORECASE):
        return _account(text, asked, trust, credential)
    if scheme := _SCHEME.match(text):
        raise UsageError(
            f"A source cannot start with {scheme.group()}.", suggestion="Give a folder or an https:// address of blobs."
        )
    return _folder(text, asked)


def _folder(text: str, asked: Sequence[str] | None) -> FolderSource:
    root = Path(text).expanduser()
    if not root.is_dir():
        raise UsageError(f"The source {text!r} {'is not a folder' if root.exists() else 'does not exist'}.")
    label = str(root.resolve())
    wanted = asked or layout.IMAGE_CONTAINERS
    folders = {name: root / name for name in wanted if (root / name).is_dir()}
    others = [name for name in FILLABLE if name not in folders and (root / name).is_dir()]
    if folders or others:  # a folder of containers
        lacking = [name for name in (asked or () if folders else wanted) if name not in folders]
        if lacking:
            raise UsageError(
                f"The source {text!r} has no folder {', '.join(lacking)}.",
                suggestion=f"Choose from what it has: --containers {','.join([*folders, *others])}.",
            )
        return FolderSource(label, folders)
    return FolderSource(label, {_only(root.resolve().name, asked, text): root})


def _only(name: str, asked: Sequence[str] | None, text: str) -> str:
    """Which container a source fills that is one container itself."""
    if asked and len(asked) == 1:
        return asked[0]
    if name in (asked or layout.IMAGE_CONTAINERS):
        return name
    raise UsageError(
        f"The source {text!r} is none of the containers {', '.join(asked or layout.IMAGE_CONTAINERS)} and has none of them.",
        suggestion="Name the one container it is meant for: --containers NAME.",
    )


@dataclass(frozen=True)
class _Address:
    account: str
    url: str  # of the account
    container: str
    sas: str


def _account(text: str, asked: Sequence[str] | None, trust: Path | None, credential: Any) -> AccountSource:
    address = _parse(text)
    shown = f"{address.url}/{address.container}".rstrip("/")
    if address.sas:
        from azure.core.credentials import AzureSasCredential

        _check_sas(address.sas, shown)
        credential = AzureSasCredential(address.sas)
    elif urlsplit(text).scheme.lower() != "https":
        raise UsageError(f"Signing in at {shown} needs https.", suggestion="Give an https:// address, or one with a SAS.")
    elif credential is None:
        from azure.identity import DefaultAzureCredential

        credential = DefaultAzureCredential()
    endpoint = StorageEndpoint(account=address.account, url=address.url, credential=credential)
    store = BlobStore(endpoint, _transport(address.url, trust), retries=SOURCE_RETRIES)
    if address.container:
        return AccountSource(shown, store, {_only(address.container, asked, shown): address.container})
    return AccountSource(shown, store, {name: name for name in asked or layout.IMAGE_CONTAINERS})


def _parse(text: str) -> _Address:
    parts = urlsplit(text)
    host = parts.hostname or ""
    path = [unquote(part) for part in parts.path.split("/") if part]
    url, account = f"{parts.scheme}://{parts.netloc}", host.split(".")[0]
    if parts.username or parts.password:
        raise UsageError("A source's address has no user or password in it; give a SAS after a question mark.")
    if _is_ip(host) and path:  # the account is the first part of the path
        account = path.pop(0)
        url = f"{url}/{account}"
    if len(path) > 1 or not account:
        raise UsageError(
            f"{parts.scheme}://{parts.netloc}{parts.path} is not the address of a storage account or of a container.",
            suggestion="Give https://ACCOUNT.blob.core.windows.net[/CONTAINER][?SAS].",
        )
    if parts.query and "sig" not in parse_qs(parts.query):
        raise UsageError(f"What follows the question mark in {url} is not a SAS: it has no signature (sig).")
    return _Address(account, url, path[0] if path else "", parts.query)


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _check_sas(sas: str, shown: str) -> None:
    """Refuse what cannot work before any request is made."""
    fields = {key: values[0] for key, values in parse_qs(sas).items()}
    expiry = fields.get("se", "")
    try:
        ends = datetime.fromisoformat(expiry).replace(tzinfo=UTC) if expiry else None
    except ValueError:
        ends = None  # the service says what it thinks of it
    if ends and ends < datetime.now(UTC):
        raise UsageError(
            f"The SAS for {shown} expired at {expiry}.", suggestion="Make a new one with the permissions read and list."
        )
    lacking = [word for letter, word in (("r", "read"), ("l", "list")) if "sp" in fields and letter not in fields["sp"]]
    if lacking:
        raise UsageError(
            f"The SAS for {shown} does not allow to {' and '.join(lacking)}.",
            suggestion="Make one with the permissions read and list.",
        )


def _transport(url: str, trust: Path | None) -> Any:
    """RFC 6761: names below localhost are this machine, whatever the resolver says."""
    if not (urlsplit(url).hostname or "").endswith(".localhost"):
        return None
    from aerial_ops.clouds.loopback import loopback_transport

    return loopback_transport(trust)
