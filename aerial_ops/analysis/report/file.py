"""Writing a file so that it is there as a whole or not at all."""

import errno
import os
import tempfile
from pathlib import Path

from aerial_ops.errors import AerialOpsError


def write_whole(path: Path, content: bytes, what: str = "The report") -> None:
    """Write `content` to `path`, through a temporary file beside it; folders are made. Raises AerialOpsError about `what`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise _explained(path, error, what) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError as error:
        raise _explained(path, error, what) from error
    finally:
        Path(temporary).unlink(missing_ok=True)


def _explained(path: Path, error: OSError, what: str) -> AerialOpsError:
    reason = "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else (error.strerror or str(error)).lower()
    return AerialOpsError(
        f"{what} could not be written to {path}: {reason}.",
        left="What was there before is unchanged." if path.is_file() else "Nothing was left there.",
        suggestion="Make room or choose another place with --out, then run the command again.",
    )
