"""The part of a Spark log that matters."""

import re

_TRACE_START = re.compile(r"Traceback \(most recent call last\)|^(Caused by: )?[\w.$]+(Error|Exception)\b|Exception in thread")
_CONTINUES = re.compile(r"^\s|^Caused by: |^\t|^[\w.]+(Error|Exception)\b")
_NOISE = re.compile(r"\b(INFO|DEBUG|WARN)\b|^stdout: ?$|^stderr: ?$|^\s*$|^\s+at (org|java|scala|sun|jdk)\.|^\t?\.\.\. \d+ more")
MOST = 25


def what_matters(lines: list[str]) -> list[str]:
    """The last traceback or exception in `lines` without the JVM's frames, or the last lines when there is none."""
    starts = [index for index, line in enumerate(lines) if _TRACE_START.search(line)]
    if not starts:
        return [line for line in lines if not _NOISE.search(line)][-MOST:] or lines[-MOST:]
    start = starts[-1]
    for earlier in reversed(starts[:-1]):  # an exception with its causes and its Python traceback is one block
        if not all(_CONTINUES.search(line) for line in lines[earlier + 1 : start]):
            break
        start = earlier
    block = [line for line in lines[start:] if not _NOISE.search(line)]
    return block if len(block) <= MOST else [*block[: MOST - 10], "...", *block[-9:]]
