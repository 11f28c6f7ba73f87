"""A store as several trainings and a scoring leave it: records, tables, places, small pictures; always the same."""

import csv
import hashlib
import io
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from PIL import Image
from pyarrow import parquet

from aerial_ops.analysis.metrics import Metrics
from aerial_ops.runs.history import History
from aerial_ops.runs.record import RunRecord
from aerial_ops.storage.layout import CLASSES

START = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)
COLOURS = {
    "Barren": (196, 178, 148), "Cultivated": (170, 150, 70), "Developed": (150, 146, 142),
    "Forest": (38, 74, 42), "Herbaceous": (134, 158, 88), "Shrub": (106, 110, 66),
}  # fmt: skip
ALIKE = np.array(
    [
        [60, 4, 12, 1, 8, 15], [3, 70, 4, 1, 15, 7], [6, 3, 84, 1, 3, 3],
        [0, 1, 1, 90, 2, 6], [5, 14, 3, 2, 64, 12], [8, 7, 3, 12, 16, 54],
    ]
)  # fmt: skip


class Writes(Protocol):
    def write(self, container: str, name: str, data: bytes | str, *, overwrite: bool = True, content_type: str = "") -> None: ...


def table(header: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([header, *rows])
    return out.getvalue()


def probabilities(rng: np.random.Generator, predicted: list[str]) -> np.ndarray:
    shares = rng.dirichlet(np.full(len(CLASSES), 0.6), len(predicted))
    shares[np.arange(len(predicted)), [CLASSES.index(name) for name in predicted]] += rng.uniform(0.6, 3, len(predicted))
    return shares / shares.sum(axis=1, keepdims=True)


def write_predictions(store: Writes, base: str, columns: dict[str, list[str]], rng: np.random.Generator) -> None:
    store.write("predictions", f"{base}.csv", table(tuple(columns), list(zip(*columns.values(), strict=True))))
    shares = probabilities(rng, columns["pred_label"])
    arrays: dict[str, Any] = {**columns, **{f"p_{name}": shares[:, i] for i, name in enumerate(CLASSES)}}
    sink = io.BytesIO()
    parquet.write_table(pa.table(arrays), sink)
    store.write("predictions", f"{base}.parquet", sink.getvalue())


@lru_cache
def picture(label: str, seed: int, side: int = 224) -> bytes:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:side, 0:side]
    image = np.array(COLOURS[label]) + rng.normal(0, 9, (side, side, 1)) + rng.normal(0, 12, 3)
    if label in ("Cultivated", "Herbaceous"):
        turn = rng.uniform(0, np.pi)
        image += 14 * np.sin((x * np.cos(turn) + y * np.sin(turn)) * (0.9 if label == "Cultivated" else 0.05))[..., None]
    if label == "Developed":
        image -= 45.0 * ((x % 74 < 10) | (y % 58 < 8))[..., None]
        for _ in range(26):
            px, py, w, h = rng.integers(0, side, 2).tolist() + rng.integers(10, 26, 2).tolist()
            image[py : py + h, px : px + w] = rng.integers(90, 230) + rng.normal(0, 8, 3)
    if label in ("Forest", "Shrub"):
        for _ in range(420 if label == "Forest" else 70):
            px, py, r = rng.integers(0, side), rng.integers(0, side), rng.integers(4, 10)
            crown = np.hypot(x - px, y - py) < r
            image[crown] += rng.normal(4, 14) * np.array([0.7, 1, 0.6]) - (26 if label == "Shrub" else 0)
    out = io.BytesIO()
    Image.fromarray(np.clip(image, 0, 255).astype(np.uint8)).save(out, "PNG")
    return out.getvalue()


def confused(rng: np.random.Generator, labels: list[str], skill: float) -> list[str]:
    shares = ALIKE / ALIKE.sum(axis=1, keepdims=True)
    shares = (1 - skill) * shares + skill * np.eye(len(CLASSES))
    return [CLASSES[rng.choice(len(CLASSES), p=shares[CLASSES.index(name)])] for name in labels]


def train(
    store: Writes, name: str, skill: float, minute: int, *, pictures: bool = False, tiles: int = 900, **fields: Any
) -> RunRecord:
    rng = np.random.default_rng(minute)
    share = [0.08, 0.2, 0.17, 0.3, 0.14, 0.11]
    labels = [str(label) for label in rng.choice(CLASSES, tiles, p=share)]
    predicted = confused(rng, labels, skill)
    paths = [f"{label}/tile_{i:05d}.png" for i, label in enumerate(labels)]
    write_predictions(store, f"{name}_predictions_test_set", {"filepath": paths, "label": labels, "pred_label": predicted}, rng)
    if pictures:
        for i, (path, label) in enumerate(zip(paths, labels, strict=True)):
            store.write("test", path, picture(label, i % 8))
    seconds = 38.0 + 3.1 * minute
    document = {
        "run_id": f"{name}-train-20261124T{5 + minute // 60:02d}{minute % 60:02d}00-ab12",
        "kind": "train",
        "name": name,
        "state": "succeeded",
        "created_at": START + timedelta(minutes=minute),
        "started_at": START + timedelta(minutes=minute, seconds=9),
        "finished_at": START + timedelta(minutes=minute, seconds=9 + seconds),
        "seconds": seconds,
        "backbone": {"name": "efficientnet-lite0", "sha256": hashlib.sha256(b"lite0").hexdigest()},
        "classifier": {"kind": "random-forest", "params": {"numTrees": 20, "maxDepth": 5}, "seed": 0},
        "data": {kind: hashlib.sha256(kind.encode()).hexdigest() for kind in ("train", "test")},
        "model": f"trainedmodels/{name}/model",
        "counts": {
            "train": {"listed": 3602, "sampled": 3602, "used": 3600, "rejected": 2},
            "test": {"listed": tiles + 1, "sampled": tiles + 1, "used": tiles, "rejected": 1},
        },
        "metrics": Metrics.from_predictions(labels, predicted, CLASSES).model_dump(),
        "memory": {"worker_peak_bytes": 248_143_872, "driver_peak_bytes": 180_355_072},
        "timings": {"list": 0.4, "featurise": seconds * 0.8, "fit": seconds * 0.12, "evaluate": 0.8, "write": 0.5},
        "engine": "arrow",
        "code": {"version": "0.1.0", "hash": hashlib.sha256(b"code").hexdigest()},
        "spark_version": "3.5.9",
        "python_version": "3.11.7",
        "cores": 2,
        **fields,
    }
    record = RunRecord.model_validate(document)
    History(store).save(record)  # type: ignore[arg-type]
    return record


def county_labels(rows: int, cols: int, seed: int = 3) -> np.ndarray:
    """Classes [rows, cols] in patches: a town, fields, woods, with single odd tiles."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:rows, 0:cols] / max(rows, cols)
    field = np.zeros((len(CLASSES), rows, cols))
    for label in range(len(CLASSES)):
        for _ in range(7):
            cy, cx = rng.uniform(0, rows / max(rows, cols)), rng.uniform(0, cols / max(rows, cols))
            field[label] += rng.uniform(0.5, 1.2) * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * rng.uniform(0.04, 0.13) ** 2))
    field *= np.array([0.45, 1.1, 0.9, 1.25, 0.8, 0.6])[:, None, None]
    best = field.argmax(axis=0)
    odd = rng.random((rows, cols)) < 0.09
    best[odd] = rng.integers(0, len(CLASSES), int(odd.sum()))
    return best


def score(store: Writes, name: str, minute: int, rows: int = 24, cols: int = 28, *, outline: bool = True) -> RunRecord:
    """A county of rows x cols tiles (fewer within an `outline`) in degrees, turned a little, with its scoring."""
    rng = np.random.default_rng(minute)
    labels = county_labels(rows, cols)
    r, c = (index.ravel() for index in np.indices((rows, cols)))
    if outline:
        edge = np.hypot((r - rows / 2) / (rows * 0.5), (c - cols / 2) / (cols * 0.52))
        inside = edge + 0.07 * np.sin(np.arctan2(r - rows / 2, c - cols / 2) * 5) < 1
        r, c = r[inside], c[inside]
    metres = 224.0
    east, north = c * metres + r * metres * 0.02, -r * metres + c * metres * 0.02
    lat = 42.55 + north / 111_080
    lon = -71.55 + east / (111_320 * np.cos(np.radians(42.5)))
    high, wide = metres / 111_080, metres / (111_320 * np.cos(np.radians(42.5)))
    names = [f"tile_{i:05d}.png" for i in range(len(r))]
    rows_out = [
        (n, f"{la:.6f}", f"{lo:.6f}", f"{la + high:.6f}", f"{lo + wide:.6f}") for n, la, lo in zip(names, lat, lon, strict=True)
    ]
    store.write(
        "middlesexma2016", "tile_summaries.csv", table(("filename", "llcrnrlat", "llcrnrlon", "urcrnrlat", "urcrnrlon"), rows_out)
    )
    predicted = [CLASSES[i] for i in labels[r, c]]
    write_predictions(store, f"{name}_predictions_o16n", {"filepath": names[:-3], "pred_label": predicted[:-3]}, rng)
    store.write(
        "predictions",
        f"{name}_rejected.csv",
        "filepath,reason\nmiddlesexma2016/tile_90001.png,empty file\nmiddlesexma2016/tile_90002.png,not an image\n",
    )
    document = {
        "run_id": f"{name}-score-20261124T{6 + minute // 60:02d}{minute % 60:02d}00-cd34",
        "kind": "score",
        "name": name,
        "state": "succeeded",
        "created_at": START + timedelta(minutes=minute),
        "started_at": START + timedelta(minutes=minute, seconds=8),
        "finished_at": START + timedelta(minutes=minute, seconds=29),
        "seconds": 21.0,
        "backbone": {"name": "efficientnet-lite0", "sha256": hashlib.sha256(b"lite0").hexdigest()},
        "data": {"middlesexma2016": hashlib.sha256(b"county").hexdigest()},
        "model": f"trainedmodels/{name}/model",
        "counts": {"tiles": {"listed": len(r) - 1, "sampled": len(r) - 1, "used": len(r) - 3, "rejected": 2}},
        "predicted": {name: predicted[:-3].count(name) for name in CLASSES},
        "timings": {"list": 0.3, "featurise": 18.9, "predict": 1.2, "write": 0.4},
        "engine": "arrow",
        "spark_version": "3.5.9",
        "python_version": "3.11.7",
        "cores": 2,
    }
    record = RunRecord.model_validate(document)
    History(store).save(record)  # type: ignore[arg-type]
    return record


def fill(store: Writes) -> None:
    """Four models of different quality, one of them re-trained, and a county scored with rf1."""
    logistic = {"kind": "logistic-regression", "params": {"regParam": 0.01, "maxIter": 10}, "seed": 0}
    train(store, "rf1", 0.1, 0)
    train(
        store,
        "deep",
        0.42,
        4,
        cost_usd=1.9,
        classifier={"kind": "random-forest", "params": {"numTrees": 50, "maxDepth": 9}, "seed": 0},
    )
    train(store, "lr1", 0.6, 8, classifier=logistic, cost_usd=1.35)
    train(store, "quick", 0.0, 12, tiles=120, sample={"fraction": 0.1, "seed": 0}, cost_usd=0.4)
    train(store, "rf1", 0.35, 16, pictures=True, cost_usd=1.21)
    score(store, "rf1", 20)
