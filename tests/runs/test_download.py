from pathlib import Path

import pytest

from aerial_ops.errors import UsageError
from aerial_ops.runs.download import download_results
from tests.memory_store import MemoryStore


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    for container, blob in (
        ("predictions", "rf_predictions_test_set.csv"),
        ("predictions", "rf_predictions_o16n.parquet"),
        ("predictions", "rf_2_predictions_test_set.csv"),
        ("trainedmodels", "rf/model.info"),
        ("trainedmodels", "rf/model/part-0"),
        ("runs", "rf-train-1-a/record.json"),
        ("runs", "rf-train-1-a/spec.json"),
        ("runs", "rf-x-train-1-a/record.json"),
    ):
        store.write(container, blob, blob)
    return store


def test_a_models_results_and_no_others_are_written(store: MemoryStore, tmp_path: Path) -> None:
    files = download_results(store, "rf", tmp_path / "new folder")  # type: ignore[arg-type]
    assert sorted(file.relative_to(tmp_path / "new folder").as_posix() for file in files) == [
        "model.info",
        "rf_predictions_o16n.parquet",
        "rf_predictions_test_set.csv",
        "runs/rf-train-1-a.json",
    ]
    assert (tmp_path / "new folder" / "model.info").read_text() == "rf/model.info"
    assert not list(tmp_path.rglob("*.part"))


def test_again_gives_the_same(store: MemoryStore, tmp_path: Path) -> None:
    assert download_results(store, "rf", tmp_path) == download_results(store, "rf", tmp_path)  # type: ignore[arg-type]


def test_an_unknown_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing of a model 'rf'"):
        download_results(MemoryStore(), "rf", tmp_path)  # type: ignore[arg-type]


def test_a_scored_county_comes_with_its_places(store: MemoryStore, tmp_path: Path) -> None:
    store.write("middlesexma2016", "tile_summaries.csv", "places")
    store.write("predictions", "rf_2_predictions_o16n.csv", "of another model")
    assert not any(file.name == "tile_summaries.csv" for file in download_results(store, "rf", tmp_path))  # type: ignore[arg-type]
    store.write("predictions", "rf_predictions_o16n.csv", "tiles")
    download_results(store, "rf", tmp_path)  # type: ignore[arg-type]
    assert (tmp_path / "tile_summaries.csv").read_text() == "places"
    assert not (tmp_path / "older_labels.csv").exists()


def test_a_test_set_comes_with_its_places(store: MemoryStore, tmp_path: Path) -> None:
    store.write("test", "test_places.csv", "places")
    download_results(store, "rf", tmp_path)  # type: ignore[arg-type]
    assert (tmp_path / "test_places.csv").read_text() == "places"
