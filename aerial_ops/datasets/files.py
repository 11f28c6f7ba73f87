"""Raster files: where they are, how GDAL opens them, and what tells two of them apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from aerial_ops.errors import AerialOpsError, DataError, UsageError

SUFFIXES = (".tif", ".tiff", ".jp2", ".img", ".vrt")
"""Endings of the files that are taken from a folder."""
WHOLE = 64 * 2**20
"""Bytes of a file that are read for its fingerprint; of a larger one, samples of that size together."""
SAMPLES = 16


class RasterFile(Protocol):
    """A raster on disk or behind a URL; `str()` of it is fit for messages."""

    @property
    def name(self) -> str:
        """The file's name without folders."""

    def address(self) -> str:
        """What GDAL opens. Raises UsageError when the file does not exist."""

    def options(self) -> dict[str, str]:
        """GDAL's settings for it."""

    def renewed(self, address: str) -> bool:
        """Whether it is worth opening again under a new address."""

    def unreadable(self, reason: str) -> AerialOpsError:
        """What to raise when GDAL cannot open it or stops reading it, for `reason`."""

    def fingerprint(self) -> str:
        """Changes when the content does; the same on any machine."""


@dataclass(frozen=True)
class LocalFile:
    """A raster on disk."""

    path: Path

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    def address(self) -> str:
        """The path."""
        if not self.path.is_file():
            raise UsageError(f"The raster {self.path} does not exist.", suggestion="Check the path.")
        return str(self.path)

    def options(self) -> dict[str, str]:
        """None are needed."""
        return {}

    def renewed(self, address: str) -> bool:
        """A file stays where it is."""
        return False

    def unreadable(self, reason: str) -> AerialOpsError:
        """It is damaged, or something else than a raster."""
        return DataError(
            f"{self} is damaged, or not a raster that can be read: {reason}.",
            suggestion="Give a GeoTIFF, or get the file again; a set begun with a damaged file is built anew, in another folder.",
        )

    def fingerprint(self) -> str:
        """Name, size and a SHA-256 of the content; of a file over 64 MiB, of 16 samples of 4 MiB spread over it."""
        size = self.path.stat().st_size
        digest = sha256(str(size).encode())
        with self.path.open("rb") as file:
            if size <= WHOLE:
                digest.update(file.read())
            else:
                for k in range(SAMPLES):
                    file.seek(k * (size - WHOLE // SAMPLES) // (SAMPLES - 1))
                    digest.update(file.read(WHOLE // SAMPLES))
        return f"{self.name} {size} {digest.hexdigest()}"

    def __str__(self) -> str:
        return str(self.path)


def local_files(paths: Sequence[Path], *, without: Path | None = None) -> list[LocalFile]:
    """`paths`, and instead of a folder the rasters in it and in its sub-folders, sorted; `without` is the label raster.

    Raises UsageError for a folder without rasters.
    """
    left_out = without.resolve() if without else None
    found: list[LocalFile] = []
    for path in paths:
        if not path.is_dir():
            found.append(LocalFile(path))
            continue
        inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
        rasters = [LocalFile(file) for file in inside if file.resolve() != left_out]
        if not rasters:
            raise UsageError(
                f"The folder {path} holds no raster ({', '.join(SUFFIXES)}).",
                suggestion="Give the folder that the scenes are in.",
            )
        found += rasters
    return found
