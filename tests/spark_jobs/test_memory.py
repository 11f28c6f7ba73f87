"""What a worker and the driver need at most, measured in processes of their own."""

import subprocess
import sys
from pathlib import Path

from PIL import Image

MEGABYTE = 1 << 20

WORKER = """
import hashlib, sys
from pathlib import Path
from spark_jobs.folders import FolderStore
from spark_jobs.network import Network, Session
from spark_jobs.slices import Order, Slice, featurise_slice
from spark_jobs.memory import give_back_large_blocks
give_back_large_blocks()
folder = Path(sys.argv[1])
data = (folder / "tiny.onnx").read_bytes()
session = Session(str(folder / "tiny.onnx"), Network("tiny", hashlib.sha256(data).hexdigest(), 32, "features", 6))
def work(name):
    told = []
    orders = [Order("tiles", "tiles", name, 0) for _ in range(12)]
    rows = list(featurise_slice(Slice(orders), lambda: session, FolderStore(folder), 32, tell=told.append))
    assert all(row[3] is not None for row in rows), rows[0]
    return max(news.peak_bytes for news in told)
small = work("small.png")
print(small, work("large.png"), work("grey.png"))
"""

DRIVER = """
import base64, hashlib, pickle, sys
from pathlib import Path
from spark_jobs import cache, parts
from spark_jobs.entries import Entry
from spark_jobs.cutting import cut, slice_counts
from spark_jobs.slices import Order, Slice
from spark_jobs.spec import ImageSet
from spark_jobs.memory import peak_bytes
from spark_jobs.tiles import list_tiles, sample_tiles
count = int(sys.argv[1])
def name(at): return f"Developed/m_4207{at % 10}_ne_19_1_2016{at:07d}_{at * 7 % 100003:06d}.png"
class Store:
    def list(self, container, prefix=""):
        if container == "features":
            return (Entry(f"{prefix}{128:05d}-{at:032x}.parquet", 700000, f"md5:{at}") for at in range(count // 128))
        marks = (base64.b64encode(hashlib.md5(str(at).encode()).digest()).decode() for at in range(count))
        return (Entry(name(at), 30000 + at % 1000, f"md5:{mark}") for at, mark in enumerate(marks))
    def level(self, container, prefix=""): return list(self.list(container, prefix)), []
class Footers:
    def digests_in(footer):
        at = 128 * footer
        return [Entry(*tile).digest("train") for tile in listed[at : at + 128]]
tiles = sample_tiles(list_tiles(Store(), ImageSet("train")), 1.0, 0, by_label=True)
listed = [(tile.path, tile.size, tile.mark) for tile in tiles]
Store.tail = lambda self, container, entry, length: int(entry.name[-40:-8], 16)
cache.parts.digests_in = Footers.digests_in
orders = [Order("train", "train", tile.path, 0, tile.size, tile.mark) for tile in tiles]
index = cache.FeatureIndex(Store(), "network@0")
slices = [Slice(part, index.parts_of(order.digest for order in part)) for part in cut(orders, slice_counts([count], 160)[0])]
assert sum(len(part.parts) for part in slices) >= count // 128
pickle.dumps(slices)
print(peak_bytes())
"""


def measured(program: str, *arguments: str) -> list[int]:
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [int(word) for word in done.stdout.split()]


def test_a_worker_decodes_one_large_tile_at_a_time(tmp_path: Path) -> None:
    """Twelve tiles of 4096 x 4096 (48 MB decoded) at hand, four threads: little more than one of them is held."""
    from tests.spark_jobs.conftest import tiny_network

    (tmp_path / "tiny.onnx").write_bytes(tiny_network())
    (tmp_path / "tiles").mkdir()
    ramp = Image.linear_gradient("L")
    Image.merge("RGB", [ramp] * 3).save(tmp_path / "tiles" / "small.png")
    Image.merge("RGB", [ramp.resize((4096, 4096))] * 3).save(tmp_path / "tiles" / "large.png", compress_level=1)
    ramp.resize((4096, 4096)).convert("I;16").save(tmp_path / "tiles" / "grey.png", compress_level=1)
    small, large, grey = measured(WORKER, str(tmp_path))
    assert large - small < 100 * MEGABYTE
    assert grey - small < 150 * MEGABYTE


def test_the_driver_lists_and_plans_100000_tiles() -> None:
    (peak,) = measured(DRIVER, "100000")
    assert peak < 500 * MEGABYTE


def test_a_process_is_not_charged_with_what_its_parent_needed() -> None:
    ballast = bytearray(700 * MEGABYTE)
    ballast[::4096] = b"x" * len(ballast[::4096])
    (peak,) = measured("from spark_jobs.memory import peak_bytes; print(peak_bytes())")
    assert peak < 200 * MEGABYTE < len(ballast)
