"""Building in a process of its own: how much memory it takes, and what is left when it is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from rasterio.windows import Window

from aerial_ops.datasets.build import build_images
from tests.datasets.conftest import LEFT, TOP, UTM14
from tests.datasets.test_build import Striped, request_of
from tests.datasets.test_sample import contents

SIDE = 32_000
"""Pixels a side: three gigabytes of colours."""
MOST_MB = 700
BUILD = """
import sys
from pathlib import Path
from aerial_ops.datasets.build import build_images
from aerial_ops.datasets.request import BuildRequest
from spark_jobs.memory import peak_bytes

result = build_images(Path(sys.argv[2]), BuildRequest(county=(Path(sys.argv[1]),), tile_metres=896))
print(sum(result.county.values()), peak_bytes() // 2**20)
"""


def test_a_scene_far_larger_than_the_memory_that_is_used(tmp_path: Path) -> None:
    profile = {"driver": "GTiff", "count": 3, "width": SIDE, "height": SIDE, "dtype": "uint8", "crs": UTM14}
    tiled = {"tiled": True, "blockxsize": 512, "blockysize": 512, "sparse_ok": True, "bigtiff": "yes"}
    scene = tmp_path / "vast.tif"
    picture = np.random.default_rng(0).integers(1, 255, (3, 1024, 1024), np.uint8)
    with rasterio.open(scene, "w", **profile, **tiled, transform=from_origin(LEFT, TOP, 1.0, 1.0)) as file:
        for k in range(0, SIDE - 2048, 4096):
            file.write(picture, window=Window(k, k, 1024, 1024))
    assert scene.stat().st_size < 100e6
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(scene), str(tmp_path / "out")], check=True, capture_output=True, text=True
    )
    tiles, megabytes = map(int, done.stdout.split())
    assert tiles > 0
    assert megabytes < MOST_MB, f"{megabytes} MB for a scene of {3 * SIDE**2 // 10**6} MB"


@pytest.mark.parametrize(("blow", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
def test_a_stopped_build_is_finished_by_the_next(tmp_path: Path, striped: Striped, blow: signal.Signals, code: int) -> None:
    scenes, labels = striped
    arguments = ["data", "build", str(tmp_path / "out"), "--scene", str(scenes[0]), "--scene", str(scenes[1])]
    arguments += ["--labels", str(labels), "--county", str(scenes[1]), "--tile-metres", "80", "--tile-pixels", "200"]
    process = subprocess.Popen([str(Path(sys.executable).with_name("aerial-ops")), *arguments], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while len(list((tmp_path / "out").rglob("*.png"))) < 20:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(process.pid, blow)
    assert process.wait(60) == code
    assert json.loads((tmp_path / "out/build.json").read_text())["complete"] is False
    kept = len(list((tmp_path / "out").rglob("[!.]*.png")))
    request = request_of(striped, tile_pixels=200)
    result = build_images(tmp_path / "out", request)
    whole = build_images(tmp_path / "whole", request)
    assert result.made == whole.made - kept > 0
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
