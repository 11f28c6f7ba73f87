"""A stage for whole runs: the emulated Azure with real Azurites, and a job server whose jobs leave results without working."""

import json
import os
import ssl
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from aerial_ops.clouds.base import StorageEndpoint
from aerial_ops.clouds.loopback import loopback_transport
from aerial_ops.emulator.arm.addresses import FILE, FOLDER
from aerial_ops.emulator.arm.backends import Backends, ClusterOrder
from aerial_ops.emulator.arm.machines import ROUTES, Machines, account_slots
from aerial_ops.emulator.arm.store import Store
from aerial_ops.emulator.certificates import Certificates, ensure_certificates
from aerial_ops.errors import StorageError
from aerial_ops.infrastructure.durations import iso
from aerial_ops.storage.blobs import BlobStore
from aerial_ops.storage.layout import CLASSES, COUNTY, TEST, TRAIN
from tests.analysis import synthetic
from tests.emulator.arm.cloud import EmulatedCloud
from tests.infrastructure.town import clean_environment
from tests.memory_store import MemoryStore
from tests.terraform.stack import start_provider

ROWS, COLUMNS, TEST_TILES = 4, 5, 60
QUICK = "aerial_ops.jobs.follow.POLL_SECONDS=0.1"  # jobs that do no work are soon done


class JobServer:
    """One cluster's Livy: a batch reads its order, waits as long as `hold` says, and leaves what a job leaves."""

    def __init__(self, stage: "Stage", order: ClusterOrder) -> None:
        self.stage, self.order = stage, order
        self.batches: list[dict[str, Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "null")
                status, data = outer.answer(self.command, self.path, body)
                raw = json.dumps(data).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_POST = do_DELETE = answer

            def log_message(self, *_: Any) -> None: ...

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(stage.certificates.certificate, stage.certificates.key)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients are killed here all the time
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self.address = f"localhost:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        path, _, query = path.partition("?")
        parts = path.removeprefix("/livy/").split("/")
        if parts == ["batches"] and method == "POST":
            if any(batch["name"] == body["name"] for batch in self.batches):
                return 400, {"msg": f"Duplicate session name: {body['name']}"}
            self.batches.append({"id": len(self.batches), "name": body["name"], "state": "running", "appId": None, "log": []})
            self.stage.submitted.append(body["name"])
            threading.Thread(target=self._work, args=(self.batches[-1],), daemon=True).start()
            return 201, self.batches[-1]
        if parts == ["batches"]:
            return 200, {"from": 0, "total": len(self.batches), "sessions": self.batches}
        batch = self.batches[int(parts[1])]
        self.stage.polled += 1
        if method == "DELETE":
            batch["state"] = "killed"
            self.stage.killed.append(batch["name"])
        log = [] if "from=1" in query else ["ERROR as told"]
        return 200, {"log": log, "id": batch["id"]} if parts[2:] == ["log"] else batch

    def _work(self, batch: dict[str, Any]) -> None:
        with suppress(StorageError):  # the account may go while a job runs
            self._done(batch)

    def _done(self, batch: dict[str, Any]) -> None:
        [link] = [one for one in self.order.storage if one.is_default]
        store = self.stage.store_of(link.account, link.key)
        spec = json.loads(store.read("runs", f"{batch['name']}/spec.json"))
        while self.stage.hold(spec) and batch["state"] == "running":
            time.sleep(0.01)
        if batch["state"] == "running":
            done = spec["name"] not in self.stage.failing
            leave_results(store, spec, failed=not done)
            batch["state"] = "success" if done else "dead"


def leave_results(store: BlobStore, spec: dict[str, Any], *, failed: bool) -> None:
    """What a job writes; the same for the same model."""
    name, now, draft = spec["name"], datetime.now(UTC).isoformat(), MemoryStore()
    seed = zlib.crc32(name.encode()) % 50
    result: dict[str, Any] = {"schema_version": 1, "run_id": spec["run_id"], "kind": spec["kind"], "name": name}
    result |= {"started_at": now, "finished_at": now, "cores": 2, "spark_version": "3.5.9", "python_version": "3.11.7"}
    if failed:
        told = {"type": "ValueError", "message": "numTrees must be positive.", "suggestion": "", "details": []}
        store.write("runs", f"{spec['run_id']}/result.json", json.dumps({**result, "status": "failed", "error": told}))
        return
    if spec["kind"] == "train":
        made = synthetic.train(draft, name, seed / 60, seed, tiles=TEST_TILES)
        draft.write("trainedmodels", f"{name}/model/metadata/part-00000", "{}")
        draft.write("trainedmodels", f"{name}/model.info", f"output_model_name,{name}\nmodel_source,mmlspark\n" + BACKBONE)
    else:
        made = synthetic.score(draft, name, seed, ROWS, COLUMNS, outline=False)
    for (container, blob), raw in draft.blobs.items():
        if container in ("predictions", "trainedmodels"):
            store.write(container, blob, raw)
    known = made.model_dump(mode="json", include={"counts", "metrics", "predicted", "timings"})
    store.write("runs", f"{spec['run_id']}/result.json", json.dumps({**result, **known, "status": "succeeded", "error": None}))


BACKBONE = "pretrained_model_type,efficientnet-lite0\n"


class StageBackends(Machines):
    """Azurites as ever; a JobServer for each cluster."""

    def __init__(self, stage: "Stage", storage_port: int) -> None:
        super().__init__(stage.emulator / FOLDER, stage.emulator, storage_port)
        self._stage = stage

    def start_cluster(self, order: ClusterOrder) -> str:
        if order.id not in self._stage.clusters:
            self._stage.made.append(order.name)
            self._stage.clusters[order.id] = JobServer(self._stage, order)
        return self._stage.clusters[order.id].address

    def stop_cluster(self, id: str) -> None:
        if server := self._stage.clusters.pop(id, None):
            server.close()


class Stage:
    """An emulated Azure, and what happened on it: `made` clusters, `submitted` and `killed` batches.

    `hold` tells of an order whether its job goes on; models in `failing` fail.
    """

    def __init__(self, home: Path) -> None:
        self.home, self.emulator = home, home / "emulator"
        (self.emulator / FOLDER).mkdir(parents=True)
        self.certificates: Certificates = ensure_certificates(self.emulator)[0]
        self.made: list[str] = []
        self.submitted: list[str] = []
        self.killed: list[str] = []
        self.failing: set[str] = set()
        self.polled = 0
        self.hold: Callable[[dict[str, Any]], bool] = lambda spec: False
        self.clusters: dict[str, JobServer] = {}
        self.cloud = EmulatedCloud(self.emulator / FOLDER, self.certificates, self._backends)
        self.connection = self.cloud.connection()
        (self.emulator / FOLDER / FILE).write_text(self.connection.model_dump_json())
        command = [sys.executable, "-P", "-m", "aerial_ops.emulator.arm.router"]
        routes = str(self.emulator / FOLDER / ROUTES)
        self._router = subprocess.Popen([*command, str(self.cloud.storage_port), routes])
        self._provider, self.reattach = start_provider(home, {**os.environ, **self.connection.terraform_environment()})

    def _backends(self, storage_port: int) -> Callable[[Store], Backends]:
        return lambda _: StageBackends(self, storage_port)

    def close(self) -> None:
        for server in list(self.clusters.values()):
            server.close()
        for process in (self._provider, self._router):
            process.terminate()
            process.wait(30)
        self.cloud.close()
        for slot in account_slots(self.emulator / FOLDER):
            slot.stop()

    def store_of(self, account: str, key: str) -> BlobStore:
        endpoint = StorageEndpoint(account, f"https://{account}.blob.localhost:{self.cloud.storage_port}", SecretStr(key))
        return BlobStore(endpoint, loopback_transport(self.certificates.authority), retries=1)

    def names(self) -> list[str]:
        """What exists in the emulated Azure, but for what belongs to no group."""
        found = [item["id"] for item in self.cloud.control.get("state").json()["resources"]]
        return [id for id in found if "/resourcegroups/" in id.lower()]

    def deadlines(self) -> set[str]:
        """What the tags of everything say, and when the switch fires."""
        found = self.cloud.control.get("state").json()["resources"]
        tags = {one["tags"]["aerial-ops:expires-at"] for one in found if "aerial-ops:expires-at" in (one.get("tags") or {})}
        fires = [one["properties"]["startTime"] for one in found if one["kind"].endswith("/schedules")]
        return tags | {iso(datetime.fromisoformat(moment)) for moment in fires}

    def forget(self) -> None:
        """Begin to count anew; nothing fails or waits."""
        self.made.clear()
        self.submitted.clear()
        self.killed.clear()
        self.failing.clear()
        self.polled = 0
        self.hold = lambda spec: False
        self.cloud.control.delete("faults").raise_for_status()

    # Runs in a process of their own

    def command(self, folder: Path, *arguments: str) -> list[str]:
        """`aerial-ops ARGUMENTS` with its home in `folder`, on this stage."""
        return [sys.executable, "-m", "tests.experiment.on_stage", "--home", str(folder / ".aerial-ops"), *arguments]

    def environment(self, figures: str = "", faults: str = "") -> dict[str, str]:
        """What such a command needs to know."""
        return {
            **clean_environment(),
            "STAGE_HOME": str(self.home),
            "STAGE_SET": f"{QUICK} {figures}",
            "STAGE_FAULTS": faults,
            "TF_REATTACH_PROVIDERS": self.reattach,
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }

    def start(self, folder: Path, *arguments: str, figures: str = "", faults: str = "") -> "subprocess.Popen[str]":
        """`aerial-ops ARGUMENTS` in `folder`, with constants of modules set anew, and things that go wrong."""
        return subprocess.Popen(
            self.command(folder, *arguments),
            env=self.environment(figures, faults),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, folder: Path, *arguments: str, code: int = 0, **more: str) -> tuple[str, str]:
        """What the command says on stdout and stderr."""
        process = self.start(folder, *arguments, **more)
        try:
            out, err = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        assert process.returncode == code, f"{arguments}: {process.returncode}\n{out}\n{err}"
        return out, err


def write_images(folder: Path) -> None:
    """A small image set whose county fits what the stage's jobs say of it."""
    for container in (TRAIN, TEST):
        for label in CLASSES:
            place = folder / container / label
            place.mkdir(parents=True)
            (place / "a.png").write_bytes(synthetic.picture(label, 1, 32))
    draft = MemoryStore()
    synthetic.score(draft, "any", 1, ROWS, COLUMNS, outline=False)
    county = folder / COUNTY
    county.mkdir()
    (county / "tile_summaries.csv").write_bytes(draft.read(COUNTY, "tile_summaries.csv"))
    for number in range(ROWS * COLUMNS):
        (county / f"tile_{number:05d}.png").write_bytes(synthetic.picture("Forest", 1, 32))
