"""The code that runs on the cluster, packed and uploaded under the hash of its content."""

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import spark_jobs
from aerial_ops.storage.blobs import BlobStore
from aerial_ops.storage.layout import CLUSTER

MAIN = "main.py"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first date a zip file knows: the same files give the same bytes


@dataclass(frozen=True)
class JobPackage:
    """`main` is the batch's file, `library` a zip of the package; both are bytes, `hash` covers both."""

    main: bytes
    library: bytes
    hash: str

    def urls(self, store: BlobStore) -> tuple[str, str]:
        """Where Spark finds main and library."""
        return tuple(store.endpoint.wasb_url(CLUSTER, self._path(file)) for file in (MAIN, "spark_jobs.zip"))  # type: ignore[return-value]

    def upload(self, store: BlobStore) -> None:
        """Put what is not there yet."""
        for file, data in (("spark_jobs.zip", self.library), (MAIN, self.main)):
            if not store.exists(CLUSTER, self._path(file)):
                store.write(CLUSTER, self._path(file), data)

    def _path(self, file: str) -> str:
        return f"jobs/{self.hash}/{file}"


def job_package(folder: Path | None = None) -> JobPackage:
    """Pack `folder`, by default the installed `spark_jobs`."""
    source = folder or Path(str(spark_jobs.__file__)).parent
    files = {path.relative_to(source.parent).as_posix(): path.read_bytes() for path in sorted(source.rglob("*.py"))}
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(zipfile.ZipInfo(name, _EPOCH), data)
    digest = hashlib.sha256(b"".join(name.encode() + b"\0" + data + b"\0" for name, data in files.items())).hexdigest()
    return JobPackage(main=(source / MAIN).read_bytes(), library=archive.getvalue(), hash=digest[:16])
