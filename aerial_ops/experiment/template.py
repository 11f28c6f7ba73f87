"""The experiment file to begin with: every key, explained."""

from pathlib import Path

from aerial_ops.errors import RefusedError, UsageError

_TEMPLATE = Path(__file__).with_name("template.toml")


def template() -> str:
    """Its text."""
    return _TEMPLATE.read_text()


def write_template(path: Path) -> None:
    """Write it to `path`. Raises RefusedError when there is a file already."""
    try:
        with path.open("x") as file:
            file.write(template())
    except FileExistsError:
        raise RefusedError(f"{path} exists.", left="It was not touched.", suggestion="Name another file.") from None
    except OSError as error:
        where = "there is no such folder" if isinstance(error, FileNotFoundError) else error.strerror
        raise UsageError(
            f"{path} cannot be written: {where}.", suggestion="Name a file in a folder that you may write to."
        ) from error
