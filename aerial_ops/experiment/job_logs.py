"""The logs of a job that has failed, kept in the run's folder: those of the cluster go with it.

Livy has the driver's own log where the driver runs beside it. On YARN the driver runs on a worker node; when the application has
ended, YARN puts the logs of its containers, the driver's among them, into the cluster's container of the storage account.
"""

from pathlib import Path

from aerial_ops.jobs.service import Jobs
from aerial_ops.storage.layout import CLUSTER

FOLDER = "logs"
YARN_LOGS = "app-logs/"
PATIENCE_SECONDS, PAUSE_SECONDS = 30.0, 3.0  # YARN's logs come some seconds after the end of the application
MOST_BYTES = 50_000_000  # of one log; what is larger is left out


def keep_logs(jobs: Jobs, run_id: str, folder: Path) -> Path:
    """Write Livy's log of a run to FOLDER/logs/RUN.log and YARN's, by node, into FOLDER/logs/RUN/. Gives the first.

    Raises AerialOpsError when the cluster or the storage account does not give it, OSError when it cannot be written.
    """
    place = folder / FOLDER
    place.mkdir(exist_ok=True)
    path = place / f"{run_id}.log"
    path.write_text("\n".join(jobs.log(run_id)) + "\n", encoding="utf-8")
    batch = jobs.livy.find(run_id)
    if batch is not None and batch.app_id:
        _keep_yarn_logs(jobs, batch.app_id, place / run_id)
    return path


def _keep_yarn_logs(jobs: Jobs, app_id: str, place: Path) -> None:
    waited = 0.0
    while not (found := [one for one in jobs.store.list(CLUSTER, YARN_LOGS) if f"/{app_id}/" in one.name and one.size]):
        if waited >= PATIENCE_SECONDS:
            jobs.report.note(f"YARN has left no log of {app_id} within {PATIENCE_SECONDS:.0f} s; what Livy tells of it is kept.")
            return
        jobs.pause(PAUSE_SECONDS)
        waited += PAUSE_SECONDS
    place.mkdir(exist_ok=True)
    for one in found:
        if one.size > MOST_BYTES:
            jobs.report.note(f"{one.name} is too large to be kept: {one.size / 1e6:.0f} MB.")
            continue
        (place / one.name.rsplit("/", 1)[-1]).write_bytes(jobs.store.read(CLUSTER, one.name))
