from pathlib import Path

import pytest

from spark_jobs.errors import DataError
from spark_jobs.folders import FolderStore
from spark_jobs.spec import ImageSet
from spark_jobs.tiles import Tile, check_labels, list_tiles, sample_tiles

TILES = [Tile(f"{label}/{index:03d}.png", label) for label, count in (("A", 200), ("B", 40), ("C", 3)) for index in range(count)]


def test_images_are_found_by_extension_and_sorted(tmp_path: Path) -> None:
    for name in ("B/2.PNG", "A/1.jpeg", "A/0.tif", "A/notes.txt", "tile_summaries.csv", "A/deep/3.JPG", "top.png"):
        (tmp_path / "train" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "train" / name).touch()
    store = FolderStore(tmp_path)
    tiles = list_tiles(store, ImageSet("train"))
    assert all(tile.mark.startswith("mtime:") for tile in tiles)
    assert [tile[:2] for tile in tiles] == [
        ("A/0.tif", "A"),
        ("A/1.jpeg", "A"),
        ("A/deep/3.JPG", "A"),
        ("B/2.PNG", "B"),
        ("top.png", ""),
    ]
    inside = [tile[:2] for tile in list_tiles(store, ImageSet("train", "A/"))]
    assert inside == [("A/0.tif", ""), ("A/1.jpeg", ""), ("A/deep/3.JPG", "deep")]
    with pytest.raises(DataError, match="train/C holds no images"):
        list_tiles(store, ImageSet("train", "C"))
    with pytest.raises(DataError, match="container nowhere does not exist"):
        list_tiles(store, ImageSet("nowhere"))


@pytest.mark.parametrize(
    ("fraction", "counts"), [(1.0, [200, 40, 3]), (0.5, [100, 20, 2]), (0.1, [20, 4, 1]), (0.001, [1, 1, 1])]
)
def test_each_label_keeps_its_share(fraction: float, counts: list[int]) -> None:
    kept = sample_tiles(reversed(TILES), fraction, seed=0, by_label=True)
    assert [sum(tile.label == label for tile in kept) for label in "ABC"] == counts
    assert kept == sorted(kept)


def test_a_smaller_sample_is_part_of_a_larger_one() -> None:
    small, large = (set(sample_tiles(TILES, fraction, 7, by_label=True)) for fraction in (0.1, 0.3))
    assert small < large
    assert small != set(sample_tiles(TILES, 0.1, 8, by_label=True))


def test_unlabelled_tiles_are_sampled_as_one() -> None:
    assert len(sample_tiles(TILES, 0.1, 0, by_label=False)) == 24


def test_labels_are_sorted() -> None:
    assert check_labels(TILES, TILES[::-1]) == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        ("AB", "A", "The test set has no folder for B"),
        ("AB", "ABX", "classes that the train set does not know: X"),
        ("A", "A", "one class only"),
        (["A", "B", ""], "AB", "1 images of the train set lie in no class folder"),
    ],
)
def test_labels_that_cannot_be_learned(train: str, test: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        check_labels([Tile(f"{label}/x.png", label) for label in train], [Tile(f"{label}/x.png", label) for label in test])
