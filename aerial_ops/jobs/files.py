"""A run's files in the container `runs`: what was ordered, how far it is, how it ended."""

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from aerial_ops.errors import BlobNotFoundError, UsageError
from aerial_ops.jobs.spec import JobOrder, parse_spec
from aerial_ops.storage.blobs import BlobStore
from aerial_ops.storage.layout import RUNS, run_file

SPEC, PROGRESS, RESULT, RECORD = "spec.json", "progress.json", "result.json", "record.json"


@dataclass(frozen=True)
class RunFiles:
    """The files of every run in one storage account."""

    store: BlobStore

    def order(self, spec: JobOrder) -> str:
        """Write the order down; its address for Spark."""
        self.store.write(RUNS, run_file(spec.run_id, SPEC), spec.model_dump_json(indent=2), content_type="application/json")
        return self.store.endpoint.wasb_url(RUNS, run_file(spec.run_id, SPEC))

    def spec(self, run_id: str) -> JobOrder:
        """What was ordered. Raises UsageError when there is no such run."""
        try:
            return parse_spec(self.store.read(RUNS, run_file(run_id, SPEC)))
        except BlobNotFoundError:
            raise UsageError(f"There is no run {run_id!r}.", suggestion="List them: aerial-ops jobs list") from None

    def progress(self, run_id: str) -> dict[str, Any] | None:
        """How far the job is, as it last told."""
        return self._json(run_id, PROGRESS)

    def result(self, run_id: str) -> dict[str, Any] | None:
        """The job's last act, or None when it has not ended of itself."""
        return self._json(run_id, RESULT)

    def has(self, run_id: str, file: str) -> bool:
        """Whether the run has `file`."""
        return self.store.exists(RUNS, run_file(run_id, file))

    def all(self) -> dict[str, set[str]]:
        """Every run id with the names of its files, from one listing; the newest run last."""
        found: dict[str, set[str]] = defaultdict(set)
        try:
            for blob in self.store.list(RUNS):
                run_id, _, file = blob.name.partition("/")
                found[run_id].add(file)
        except BlobNotFoundError:
            return {}
        return dict(sorted(found.items(), key=lambda item: item[0].rsplit("-", 2)[-2:]))

    def open(self, name: str, kind: str) -> list[JobOrder]:
        """Orders of `kind` for model `name` that have no record yet: still running, or left by a CLI that was killed."""
        run_ids = [run for run, files in self.all().items() if SPEC in files and RECORD not in files]
        mine = [run for run in run_ids if run.startswith(f"{name}-{kind}-")]
        specs = []
        for run in mine:
            try:
                specs.append(self.spec(run))
            except (ValidationError, ValueError):
                continue  # an order of another version of this program: not ours to resume
        return [spec for spec in specs if spec.name == name]

    def _json(self, run_id: str, file: str) -> dict[str, Any] | None:
        try:
            data: dict[str, Any] = json.loads(self.store.read(RUNS, run_file(run_id, file)))
        except BlobNotFoundError:
            return None
        return data
