"""How long Terraform takes on the emulated Azure: each command of an environment's life, by itself.

The emulated creation of things takes no time here, so this is what Terraform, the provider's stand-in and Resource Manager
cost themselves. Usage: python benchmarks/terraform_stack.py [ROUNDS]
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from aerial_ops.emulator.certificates import ensure_certificates
from tests.emulator.arm.cloud import EmulatedCloud
from tests.terraform.stack import Stack, moment


def measure(folder: Path, *, one_provider: bool) -> dict[str, float]:
    """Seconds of each command."""
    (folder / "certificates").mkdir()
    cloud = EmulatedCloud(folder / "cloud", ensure_certificates(folder / "certificates")[0])
    stack = Stack(folder, cloud, one_provider=one_provider)
    seconds: dict[str, float] = {}

    def timed(name: str, work: Callable[[], object]) -> None:
        start = time.perf_counter()
        work()
        seconds[name] = time.perf_counter() - start

    plan = ("plan", "-no-color", "-input=false", "-out=plan")
    try:
        for root in ("data", "compute"):
            timed(f"{root}: init", lambda root=root: stack.init(root))
            timed(f"{root}: plan", lambda root=root: stack.run(root, *plan))
            timed(f"{root}: apply that plan", lambda root=root: stack.run(root, "apply", "plan"))
            timed(f"{root}: plan again", lambda root=root: stack.run(root, *plan))
        stack.compute["worker_count"] = 9
        timed("compute: scale", lambda: stack.apply("compute"))
        stack.data["deadline"] = moment(5)
        timed("data: extend", lambda: stack.apply("data"))
        for root in ("compute", "data"):
            timed(f"{root}: destroy", lambda root=root: stack.destroy(root))
    finally:
        stack.close()
    return seconds


def main(rounds: int) -> None:
    """Print the median of each command, the provider started each time and kept running."""
    results: dict[bool, list[dict[str, float]]] = {False: [], True: []}
    for _ in range(rounds):
        for one_provider, found in results.items():
            with tempfile.TemporaryDirectory() as folder:
                found.append(measure(Path(folder), one_provider=one_provider))
    print("| Command | provider started each time, s | one provider, s |\n|---|---|---|")
    for name in results[False][0]:
        started, kept = (statistics.median(run[name] for run in results[way]) for way in (False, True))
        print(f"| {name} | {started:.2f} | {kept:.2f} |")
    total = [statistics.median(sum(run.values()) for run in results[way]) for way in (False, True)]
    print(f"| all | {total[0]:.2f} | {total[1]:.2f} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
