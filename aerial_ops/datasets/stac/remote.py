"""A raster behind a URL, read in ranges by GDAL."""

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import httpx

from aerial_ops.datasets.stac.signing import Signer
from aerial_ops.errors import AerialOpsError, DataError

FORBIDDEN = (401, 403)
OPTIONS = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_HTTP_CONNECTTIMEOUT": "15",
    "GDAL_HTTP_TIMEOUT": "120",
    "GDAL_HTTP_MAX_RETRY": "4",
    "GDAL_HTTP_RETRY_DELAY": "1",
    "GDAL_HTTP_MERGE_CONSECUTIVE_RANGES": "YES",
}
"""No listing beside the file; patience with a slow or busy server."""


@dataclass(frozen=True)
class RemoteFile:
    """The raster at `href`. `version` changes when the catalogue says that the file did; `signer` is for protected storage."""

    href: str
    version: str = ""
    signer: Signer | None = field(default=None, compare=False, repr=False)

    @property
    def name(self) -> str:
        """The last part of the URL's path."""
        return PurePosixPath(urlsplit(self.href).path).name

    def address(self) -> str:
        """GDAL's name of it, signed."""
        return f"/vsicurl/{self._url()}"

    def options(self) -> dict[str, str]:
        """GDAL's settings for it."""
        return OPTIONS

    def fingerprint(self) -> str:
        """The URL, and the version that the catalogue tells of."""
        return f"{self.href} {self.version}".rstrip()

    def renewed(self, address: str) -> bool:
        """Whether `address` was refused and another token has been got since."""
        return bool(self.signer and self._status(address) in FORBIDDEN and self.signer.renew(address))

    def unreadable(self, reason: str) -> AerialOpsError:
        """Why it cannot be read: asked of the server itself, because GDAL's own words do not say."""
        again = "Run the same command again; it goes on where it stopped."
        status = self._status(self.address())
        if status is None:
            return DataError(f"{self} cannot be reached.", suggestion=f"Check the network. {again}")
        if status in FORBIDDEN:
            how = "does not accept the token" if self.signer else "wants a token"
            return DataError(
                f"The storage of {self} {how} ({status}).",
                suggestion="Give the token service of that storage: --stac-tokens.",
            )
        if status >= 400:
            return DataError(f"{self} cannot be read: the server answers {status}.", suggestion=again)
        return DataError(f"{self} is not a raster that can be read: {reason}.", suggestion=again)

    def _url(self) -> str:
        return self.signer.sign(self.href) if self.signer else self.href

    def _status(self, address: str) -> int | None:
        """What the server answers to a request for the first byte; None when there is no answer."""
        try:
            with httpx.Client(follow_redirects=True, timeout=30) as client:
                return client.get(address.removeprefix("/vsicurl/"), headers={"Range": "bytes=0-0"}).status_code
        except httpx.HTTPError:
            return None

    def __str__(self) -> str:
        return self.href
