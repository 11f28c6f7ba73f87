"""The run history over thousands of records: what its commands take, from an Azurite that holds them.

Each run has its order, its result and its record, as jobs leave them; 50 models by turns, every fifth run is a scoring,
every eleventh has failed. Seconds of wall and of processor time (this program's; Azurite shares the processors), by median.

usage: python -m benchmarks.history [--records 5000] [--repeats 5] [--json]
"""

import argparse
import hashlib
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.azurite_store import azurite, store_of
from benchmarks.commands import Medians, Taken, medians, print_table

MODELS = 50
CONFUSION = [[90 if i == j else 2 for j in range(6)] for i in range(6)]
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
WRITERS = 16


def run_documents(number: int) -> dict[str, str]:
    """The files of one run, by name."""
    from aerial_ops.runs.record import record_from
    from aerial_ops.storage.layout import CLASSES, run_file

    kind, failed = "score" if number % 5 == 4 else "train", number % 11 == 7
    name, began = f"model{number % MODELS:02}", BEGAN + timedelta(minutes=30 * number)
    run_id = f"{name}-{kind}-{began:%Y%m%dT%H%M%S}-{number:04x}"
    sets = {"tiles": 67_000} if kind == "score" else {"train": 44_000, "test": 11_000}
    spec = {
        **{"schema_version": 1, "kind": kind, "run_id": run_id, "name": name},
        "backbone": {
            "name": "efficientnet-lite0",
            "file": "efficientnet-lite0.onnx",
            "sha256": "1f" * 32,
            "side": 224,
            "length": 1280,
        },
        "classifier": {"kind": "random-forest", "params": {"numTrees": 20, "maxDepth": 5}, "seed": 0}
        if kind == "train"
        else None,
        **{"sample": {"fraction": 1.0, "seed": 0}, "max_rejected": 0.01, "overwrite": False, "cache": True},
    }
    result = {
        **{"schema_version": 1, "run_id": run_id, "kind": kind, "name": name, "status": "failed" if failed else "succeeded"},
        "error": {"type": "DataError", "message": "No image can be used.", "suggestion": "", "details": []} if failed else None,
        "counts": {each: {"listed": n, "sampled": n, "used": n - 2, "rejected": 2} for each, n in sets.items()},
        "features": {"cache": "efficientnet-lite0@1f1f", "from_cache": 0, "computed": sum(sets.values())},
        "memory": {"worker_peak_bytes": 248_143_872, "driver_peak_bytes": 180_355_072},
        "metrics": {"classes": list(CLASSES), "confusion": CONFUSION} if kind == "train" and not failed else None,
        "timings": {"list": 9.4, "featurise": 121.3, "fit": 33.1, "evaluate": 8.8, "write": 2.5},
        **{"started_at": began.isoformat(), "finished_at": (began + timedelta(minutes=3)).isoformat()},
        **{"spark_version": "3.3.1", "python_version": "3.8.20", "cores": 160},
    }
    record = record_from(spec, result, created_at=began, data=dict.fromkeys(sets, "ab" * 32), cost_usd=1.25)
    files = {
        "spec.json": json.dumps(spec, indent=2),
        "result.json": json.dumps(result, indent=2),
        "record.json": record.to_json(),
    }
    return {run_file(run_id, file): text for file, text in files.items()}


def filled(server: Any, records: int) -> Any:
    """A store with so many runs."""
    from aerial_ops.storage.layout import RUNS

    store = store_of(server, [RUNS])

    def write(number: int) -> None:
        for name, text in run_documents(number).items():
            data = text.encode()
            store.put(RUNS, name, data, hashlib.md5(data, usedforsecurity=False).digest(), "application/json")

    with ThreadPoolExecutor(WRITERS) as writers:
        for _ in writers.map(write, range(records)):
            pass
    return store


def measure(records: int, repeats: int) -> Medians:
    """Seconds of each command, by median."""
    from aerial_ops.cli.output import Output
    from aerial_ops.cli.run_views import RunViews
    from aerial_ops.planning.estimate import NEWEST
    from aerial_ops.planning.rates import rates_from
    from aerial_ops.runs.history import History

    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="history-")))
        shown = running.enter_context((folder / "shown").open("w"))
        store = filled(running.enter_context(azurite(folder)), records)
        history = History(store)
        with redirect_stdout(shown):
            views = RunViews(history, Output())
        commands: dict[str, Callable[[], Any]] = {
            "list the blobs": lambda: sum(1 for _ in store.list("runs")),
            "runs list --all": lambda: views.list(None, None, None),
            "runs list --limit 20": lambda: views.list(None, None, 20),
            "runs list --name model07": lambda: views.list(None, "model07", None),
            "runs show model07": lambda: views.show("model07"),
            "runs compare": lambda: views.compare([]),
            "runs best": lambda: views.best("accuracy"),
            "rates of an estimate": lambda: rates_from(history.list(limit=NEWEST)),
        }
        taken: dict[str, list[Taken]] = {name: [] for name in commands}
        for turn in range(1, repeats + 1):
            for name, command in commands.items():
                cpu, wall = time.process_time(), time.perf_counter()
                with redirect_stdout(shown):
                    command()
                taken[name].append((time.perf_counter() - wall, time.process_time() - cpu))
            sys.stderr.write(f"round {turn} of {repeats}\n")
    return medians(taken)


def main() -> None:
    """Options in, figures out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=5000, help="how many runs")
    parser.add_argument("--repeats", type=int, default=5, help="measured rounds")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    arguments = parser.parse_args()
    found = measure(arguments.records, arguments.repeats)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    if arguments.json:
        print(json.dumps({"records": arguments.records, "seconds": found, "peak_mb": round(peak)}))
        return
    print_table(found, "s", 2)
    list_all, newest = found["runs list --all"], found["runs list --limit 20"]
    pairs = {"list_seconds": list_all["wall"], "list_20_seconds": newest["wall"], "peak_mb": round(peak)}
    print(" ".join(f"{name}={value}" for name, value in pairs.items()))


if __name__ == "__main__":
    main()
