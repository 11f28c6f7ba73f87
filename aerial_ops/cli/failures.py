"""How an error is told: a sentence, what was left, what to do next; the cause only with --verbose."""

import errno
import os
import sys
import traceback

from aerial_ops.errors import AerialOpsError, redacted

INTERRUPTED = 130


def exit_code_of(error: BaseException, *, verbose: bool) -> int:
    """Tell `error` on stderr (and on stdout as JSON when --json was given) and give the process's exit code."""
    if isinstance(error, KeyboardInterrupt):
        say_interrupted()
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        sys.stderr.close()
        return 0
    known = error if isinstance(error, AerialOpsError) else _unexpected(error)
    _say(f"{_heading()} {known.message}")
    for part in (known.left, known.suggestion):
        if part:
            _say(part)
    if verbose:
        _say(redacted("".join(traceback.format_exception(error))))
    if "--json" in sys.argv:
        import json

        sys.stdout.write(json.dumps({"error": known.as_dict()}, indent=2, default=str) + "\n")
    return known.exit_code


def say_interrupted() -> None:
    """What Ctrl-C means for any command."""
    _say("Interrupted. Run the same command again: it goes on where it stopped.")


def _unexpected(error: BaseException) -> AerialOpsError:
    if isinstance(error, OSError) and error.strerror:
        where = f": {error.filename}" if error.filename else ""
        advice = "Mend that and run the command again."
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            advice = "Give yourself the right to write there, or work in another folder: --home FOLDER"
        return AerialOpsError(f"{error.strerror}{where}.", suggestion=advice)
    return AerialOpsError(
        f"Something unexpected went wrong ({type(error).__name__}: {redacted(str(error))}).",
        suggestion="Run it again with --verbose before the command's name to see the cause.",
    )


def _heading() -> str:
    """In red where somebody watches who has not asked for no colour."""
    coloured = sys.stderr.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return "\x1b[1;31mError:\x1b[0m" if coloured else "Error:"


def _say(text: str) -> None:
    sys.stderr.write(text.rstrip() + "\n")
