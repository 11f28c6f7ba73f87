"""The batch's file: `main.py wasbs://runs@HOST/RUN_ID/spec.json`. The package spark_jobs comes as a zip in pyFiles."""

from __future__ import annotations

import logging
import sys
from typing import Sequence


def main(arguments: Sequence[str]) -> int:
    """Run the order; 0 when it succeeded, 1 when it failed, 2 when it could not be read."""
    from spark_jobs.errors import JobError
    from spark_jobs.job import run

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("py4j").setLevel(logging.WARNING)
    if len(arguments) != 1:
        sys.stderr.write("usage: main.py ADDRESS_OF_SPEC_JSON\n")
        return 2
    try:
        result = run(arguments[0])
    except JobError as error:
        sys.stderr.write(f"{error.message} {error.suggestion}\n")
        return 2
    if result["status"] == "succeeded":
        return 0
    failure = result["error"]
    lines = [f"{failure['type']}: {failure['message']}", failure["suggestion"], *failure["details"]]
    sys.stderr.write("\n".join(line for line in lines if line) + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
