"""The bill of the demo beside the emulator's own meter and the price that was expected, on this machine.

The demo runs twice in a folder of its own, as `make demo` does; the second run knows from the first what it will cost. The meter
is read when a run leaves its emulator, which is erased then. `bill_to_meter` is that of the two runs which is further from 1;
`bill_to_expected` compares by the second: the whole minutes in which the bill is paid are told besides.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

METER = "BENCHMARK_METER"  # the file that the meter is written to


def main() -> int:
    """0 when the bill agrees with the meter within 1 %, and with what was expected within 5 %."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bill", description=__doc__)
    parser.add_argument("--experiment", type=Path, default=Path(__file__).parents[1] / "experiments" / "quickstart.toml")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bill-") as folder:
        runs = [_run(options.experiment.resolve(), Path(folder)) for _ in range(2)]
    rows = [
        {
            "billed_usd": result["removed"]["usd"],
            "metered_usd": metered,
            "usd_by_second": result["usd_by_second"],
            "expected_usd": result["expected_usd"],
            "seconds": result["seconds"],
        }
        for result, metered in runs
    ]
    to_meter = max((row["billed_usd"] / row["metered_usd"] for row in rows), key=lambda ratio: abs(ratio - 1))
    to_expected = rows[1]["usd_by_second"] / rows[1]["expected_usd"]
    if options.json:
        print(json.dumps({"runs": rows, "bill_to_meter": to_meter, "bill_to_expected": to_expected}))
    else:
        for number, row in enumerate(rows, 1):
            expected = "" if row["expected_usd"] is None else f" ({row['expected_usd']:.4f} $ expected)"
            billed = f"billed {row['billed_usd']:.4f} $, metered {row['metered_usd']:.4f} $"
            print(f"run {number}: {billed}; by the second {row['usd_by_second']:.4f} ${expected}; {row['seconds']:.0f} s in all")
        print(f"bill_to_meter={to_meter:.4f} bill_to_expected={to_expected:.4f}")
    return 0 if abs(to_meter - 1) <= 0.01 and abs(to_expected - 1) <= 0.05 else 1


def _run(experiment: Path, folder: Path) -> tuple[dict[str, Any], float]:
    """A run's result, and what the emulator has metered for it."""
    meter = folder / "meter.json"
    command = [sys.executable, "-m", "benchmarks.bill", "--metered", "--home", str(folder / "home")]
    done = subprocess.run(
        [*command, "run", str(experiment), "--yes", "--json", "--out", str(folder / "out")],
        env={**os.environ, METER: str(meter), "AERIAL_OPS_CLOUD": "emulator"},
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"The demo ended with {done.returncode}: {done.stdout}")
    return json.loads(done.stdout), float(json.loads(meter.read_text())["totalUSD"])


def _metered() -> None:
    """The command line, which reads the emulator's meter before it leaves the emulator."""
    import httpx

    from aerial_ops.cli.app import main as command_line
    from aerial_ops.clouds.emulator import EmulatorCloud
    from aerial_ops.emulator.arm.addresses import read

    close = EmulatorCloud.close

    def read_and_close(cloud: EmulatorCloud, *arguments: Any, **options: Any) -> None:
        there = read(cloud._folder)
        token = {"Authorization": f"Bearer {there.control_token}"}
        answer = httpx.get(f"{there.url}/__emulator/meter", headers=token, verify=there.ca_file, trust_env=False)
        Path(os.environ[METER]).write_text(answer.raise_for_status().text)
        close(cloud, *arguments, **options)

    EmulatorCloud.close = read_and_close  # type: ignore[method-assign]
    sys.argv = ["aerial-ops", *sys.argv[2:]]
    command_line()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--metered"]:
        _metered()
    else:
        sys.exit(main())
