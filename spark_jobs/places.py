"""Where a job's storage is: an account behind wasb(s)://, or a local folder behind file://."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from spark_jobs.errors import SpecError

SCHEMES = {"wasbs": "https", "wasb": "http"}


@dataclass(frozen=True)
class Place:
    """One storage account (`endpoint` https://HOST) or one local folder whose subfolders are the containers (file:///DIR)."""

    endpoint: str
    scheme: str

    @property
    def host(self) -> str:
        """The account's host and port; empty for a folder."""
        return urlsplit(self.endpoint).netloc

    @property
    def folder(self) -> Path:
        """The local folder that holds the containers."""
        return Path(unquote(urlsplit(self.endpoint).path))

    @property
    def is_folder(self) -> bool:
        """Whether the containers are local folders."""
        return self.scheme == "file"

    def hadoop_url(self, container: str, path: str) -> str:
        """The address by which Spark and Hadoop know `path`; Hadoop wants it as it is, without percent signs."""
        if self.is_folder:
            return f"file://{self.folder / container / path}"
        return f"{self.scheme}://{container}@{self.host}/{path}"


def locate(url: str) -> tuple[Place, str, str]:
    """Take wasbs://CONTAINER@HOST/PATH, wasb://... or file:///DIR/runs/PATH apart into place, container and path.

    Of a file URL, the folder named `runs` nearest to the end is the container. Raises SpecError.
    """
    parts = urlsplit(url)
    path = unquote(parts.path).lstrip("/")
    if parts.scheme in SCHEMES and parts.username and parts.hostname and path:
        host = parts.netloc.rpartition("@")[2]
        return Place(f"{SCHEMES[parts.scheme]}://{host}", parts.scheme), parts.username, path
    if parts.scheme == "file" and not parts.netloc:
        pieces = path.split("/")
        if "runs" in pieces[:-1]:
            at = len(pieces) - 1 - pieces[::-1].index("runs")
            root = Path("/", *pieces[:at])
            return Place(root.as_uri(), "file"), "runs", "/".join(pieces[at + 1 :])
    raise SpecError(
        f"{url} is not the address of an order.", "Give wasbs://runs@HOST/RUN_ID/spec.json or file:///DIR/runs/RUN_ID/spec.json."
    )
