"""The feature cache in whole jobs: reuse, changes, two jobs at a time, a killed job."""

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pytest_azurite.server import AzuriteServer
from spark_jobs.job import run
from tests.spark_jobs.conftest import COLOURS, Account, png, tiny_network
from tests.spark_jobs.test_on_azurite import BlobAccount, blobs  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow
FOREST = {"kind": "random-forest", "params": {"numTrees": 3, "maxDepth": 3}, "seed": 0}


def features(result: dict[str, Any]) -> tuple[int, int]:
    """How many tiles came from the cache, and how many were computed."""
    assert result["error"] is None
    return result["features"]["from_cache"], result["features"]["computed"]


def images_asked_for(server: AzuriteServer, since: int) -> list[str]:
    """The images that the server's access log says were read."""
    with server.log.open("rb") as log:
        log.seek(since)
        return re.findall(r'"GET \S*/((?:train|test|middlesexma2016)/[^ ?"]+)', log.read().decode())


def test_a_second_experiment_reads_no_image(spark: Any, blobs: BlobAccount) -> None:  # noqa: F811
    from tests.spark_jobs.conftest import fill

    fill(blobs)
    start = blobs.server.log.stat().st_size
    first = run(blobs.order("train", "t1", name="a", classifier=FOREST), spark)
    assert features(first) == (0, 120)
    assert len(images_asked_for(blobs.server, start)) == 120
    middle = blobs.server.log.stat().st_size
    second = run(blobs.order("train", "t2", name="b", classifier=FOREST), spark)
    assert features(second) == (120, 0)
    assert images_asked_for(blobs.server, middle) == []
    for kind in ("csv", "parquet"):
        one, two = (blobs.read("predictions", f"{name}_predictions_test_set.{kind}") for name in "ab")
        assert one == two
    assert first["metrics"] == second["metrics"]
    assert first["features"]["cache"] == second["features"]["cache"]
    assert first["memory"]["worker_peak_bytes"] > 10_000_000


def test_a_small_sample_reads_few_bytes(spark: Any, blobs: BlobAccount) -> None:  # noqa: F811
    """One percent of the tiles: at most 1.5 % of the bytes, by the server's own log."""
    blobs.write("pretrainedmodels", "tiny.onnx", blobs.network)
    sizes = {}
    for container, each in (("train", 400), ("test", 200)):
        for label, colour in list(COLOURS.items())[:2]:
            for index in range(each):
                name = f"{label}/{index:03d}.png"
                data = png(colour, index)
                sizes[f"{container}/{name}"] = len(data)
                blobs.write(container, name, data)
    start = blobs.server.log.stat().st_size
    result = run(blobs.order("train", "t1", classifier=FOREST, sample={"fraction": 0.01}), spark)
    assert features(result) == (0, 12)
    read = sum(sizes[name] for name in images_asked_for(blobs.server, start))
    assert 0 < read <= 0.015 * sum(sizes.values())


def test_what_changes_is_computed_again(spark: Any, account: Account) -> None:
    assert features(run(account.order("train", "t1", name="a", classifier=FOREST), spark)) == (0, 120)
    account.write("train", "Forest/003.png", png((1, 2, 3), 5))
    account.write("train", "Forest/new.png", png((1, 2, 3), 6))
    assert features(run(account.order("train", "t2", name="b", classifier=FOREST), spark)) == (119, 2)
    account.network = tiny_network(seed=9)
    account.write("pretrainedmodels", "tiny.onnx", account.network)
    assert features(run(account.order("train", "t3", name="c", classifier=FOREST), spark)) == (0, 121)


def test_without_the_cache_nothing_is_looked_up_or_kept(spark: Any, account: Account) -> None:
    result = run(account.order("train", "t1", name="a", classifier=FOREST, cache=False), spark)
    assert features(result) == (0, 120)
    assert result["features"]["cache"] is None
    assert not (account.root / "features").exists()
    assert features(run(account.order("train", "t2", name="b", classifier=FOREST), spark)) == (0, 120)
    assert features(run(account.order("train", "t3", name="c", classifier=FOREST, cache=False), spark)) == (0, 120)


def test_cached_features_give_the_same_predictions(spark: Any, account: Account) -> None:
    """A sample first, so that later slices take some tiles from the cache and compute others."""
    assert features(run(account.order("train", "t1", name="a", classifier=FOREST, sample={"fraction": 0.3}), spark)) == (0, 36)
    assert features(run(account.order("train", "t2", name="b", classifier=FOREST), spark)) == (36, 84)
    assert features(run(account.order("train", "t3", name="c", classifier=FOREST, cache=False), spark)) == (0, 120)
    files = [account.read("predictions", f"{name}_predictions_test_set.parquet") for name in "bc"]
    assert files[0] == files[1]


def test_two_jobs_at_a_time_on_the_same_images(spark: Any, account: Account) -> None:
    orders = [account.order("train", f"t-{name}", name=name, classifier=FOREST) for name in "ab"]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda order: run(order, spark), orders))
    assert [sum(features(result)) for result in results] == [120, 120]
    third = run(account.order("train", "t-c", name="c", classifier=FOREST), spark)
    assert features(third) == (120, 0)
    assert third["features"]["damaged_parts"] == 0
    files = {account.read("predictions", f"{name}_predictions_test_set.parquet") for name in "abc"}
    assert len(files) == 1


def test_a_damaged_part_fails_no_job(spark: Any, account: Account) -> None:
    assert features(run(account.order("train", "t1", name="a", classifier=FOREST), spark)) == (0, 120)
    found = sorted((account.root / "features").rglob("*.parquet"))
    found[0].write_bytes(found[0].read_bytes()[:1000])
    lost = int(found[0].name.split("-")[0])
    result = run(account.order("train", "t2", name="b", classifier=FOREST), spark)
    assert features(result) == (120 - lost, lost)
    assert result["features"]["damaged_parts"] == 1
    assert features(run(account.order("train", "t3", name="c", classifier=FOREST), spark)) == (120, 0)


def test_a_killed_job_leaves_what_it_has_computed(spark: Any, account: Account) -> None:
    """Killed by SIGKILL as soon as there is a part: whole parts are there, and the next job computes the rest only."""
    noise = np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8)
    account.write("train", "Barren/large.png", b"")
    large = account.root / "train" / "Barren" / "large.png"
    Image.fromarray(noise).save(large)
    for index in range(600):
        os.link(large, large.with_name(f"large{index}.png"))
    total = 120 + 601
    program = f"from spark_jobs.job import run; run({account.order('train', 't1', classifier=FOREST)!r})"
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, "PYSPARK_PYTHON": sys.executable, "PYSPARK_SUBMIT_ARGS": "--master local[2] pyspark-shell"},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 120
        while not parts(account) and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.01)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    seen = -1
    while seen != (seen := len(parts(account))):  # PySpark's workers are a group of their own, and may finish a part yet
        time.sleep(2)
    left = sum(int(part.name.split("-")[0]) for part in parts(account))
    assert 0 < left < total
    assert not (account.root / "runs" / "t1" / "result.json").exists()
    result = run(account.order("train", "t1", classifier=FOREST), spark)
    assert features(result) == (left, total - left)
    assert result["features"]["damaged_parts"] == 0


def parts(account: Account) -> list[Path]:
    return [path for path in (account.root / "features").rglob("*.parquet") if not path.name.startswith(".")]
