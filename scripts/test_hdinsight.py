"""Run the jobs' tests on PySpark 3.3.4, the Spark of HDInsight 5.1, in a virtual environment of its own in the cache.

Usage: python scripts/test_hdinsight.py [PYTEST'S ARGUMENTS]

Spark 3.3 came before Python 3.11: its bundled cloudpickle cannot pickle this Python's functions, so the standalone package takes
its place when the environment's Python starts.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from aerial_ops.cache import cache_folder, locked

ROOT = Path(__file__).resolve().parents[1]
PINS = ROOT / "constraints-hdinsight.txt"
SWAP = (
    "import sys, cloudpickle; sys.modules.update({'pyspark.cloudpickle': cloudpickle, "
    "'pyspark.cloudpickle.cloudpickle': cloudpickle.cloudpickle})\n"
)


def main() -> None:
    """Make the environment, once, and end as pytest does."""
    python = environment()
    command = [python, "-m", "pytest", "-p", "pytest_azurite.plugin", "--confcutdir", "tests/spark_jobs", "tests/spark_jobs"]
    done = subprocess.run([*command, *sys.argv[1:]], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    sys.exit(done.returncode)


def environment() -> Path:
    """The Python of the environment for these pins. Ends with a sentence when the packages cannot be installed."""
    digest = hashlib.sha256(PINS.read_bytes() + SWAP.encode() + sys.version.encode()).hexdigest()[:12]
    folder = cache_folder("hdinsight") / digest
    python, stamp = folder / "bin" / "python", folder / "complete"
    with locked(folder):
        if not stamp.exists():
            print(f"Installing PySpark 3.3.4 into {folder} (once) ...", file=sys.stderr)
            subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
            pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r", PINS]
            if subprocess.run(pip, check=False).returncode:
                sys.exit("Packages could not be installed (above is why). Mend that, then run make test-hdinsight again.")
            packages = next(folder.glob("lib/python*/site-packages"))
            (packages / "aerial_ops_hdinsight.pth").write_text(SWAP)
            stamp.touch()
    return python


if __name__ == "__main__":
    main()
