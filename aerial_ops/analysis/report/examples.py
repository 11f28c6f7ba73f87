"""Test tiles that were right and wrong, as small pictures."""

import base64
import hashlib
import io
from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice, zip_longest

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from aerial_ops.analysis.report.results import Results
from aerial_ops.analysis.tables import Predictions
from aerial_ops.errors import BlobNotFoundError
from aerial_ops.reporting import Task
from aerial_ops.storage import layout

WRONG_EACH = 6
RIGHT_EACH = 2
SPARE = 3
MOST_CLASSES = 12
SIDE = 168
QUALITY = 78
READERS = 8


@dataclass(frozen=True, slots=True)
class Example:
    """One tile: blob name, true and predicted label, probability of the latter (None if unknown), picture as a data URI."""

    path: str
    label: str
    predicted: str
    certainty: float | None
    picture: str


@dataclass(frozen=True, slots=True)
class Examples:
    """Tiles that were classified right and wrong, class by class; of a class, the most frequent mistakes first."""

    right: tuple[Example, ...]
    wrong: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class _Tile:
    path: str
    label: str
    predicted: str
    certainty: float | None


def choose_examples(results: Results, predictions: Predictions, certainty: npt.NDArray[np.float64], task: Task) -> Examples:
    """Up to WRONG_EACH wrong and RIGHT_EACH right tiles of each class, always the same ones for the same predictions.

    The wrong ones take turns by what they were taken for, the most frequent first; within these the choice goes by a hash of
    the name, so that neighbours in a folder do not stand for all. Tiles whose picture is not there or not readable are passed
    over. Of a test set with more than MOST_CLASSES classes, the most frequent ones are shown. `certainty` [TILES] is nan
    where it is not known.
    """
    sure = [None if np.isnan(value) else float(value) for value in certainty]
    rows = zip(predictions.paths, predictions.labels, predictions.predicted, sure, strict=True)
    tiles = sorted((_Tile(*row) for row in rows), key=lambda tile: hashlib.sha256(tile.path.encode()).digest())
    frequent = [label for label, _ in Counter(predictions.labels).most_common(MOST_CLASSES)]
    classes = [[tile for tile in tiles if tile.label == label] for label in sorted(frequent)]
    right = [([tile for tile in one if tile.label == tile.predicted], RIGHT_EACH) for one in classes]
    wrong = [(_in_turns([tile for tile in one if tile.label != tile.predicted]), WRONG_EACH) for one in classes]
    piles = [*right, *wrong]
    task.update(total=len(piles))

    def shown(pile: tuple[Sequence[_Tile], int]) -> list[Example]:
        candidates, each = pile
        made = ((tile, thumbnail(results, layout.TEST, tile.path)) for tile in candidates[: each * SPARE])
        good = (Example(t.path, t.label, t.predicted, t.certainty, picture) for t, picture in made if picture)
        chosen = list(islice(good, each))
        task.advance()
        return chosen

    with ThreadPoolExecutor(READERS) as readers:
        found = list(readers.map(shown, piles))
    return Examples(tuple(chain(*found[: len(right)])), tuple(chain(*found[len(right) :])))


def _in_turns(tiles: Sequence[_Tile]) -> list[_Tile]:
    """The first of each pile of equal predictions, the largest pile first, then the second of each, and so on."""
    piles: dict[str, list[_Tile]] = defaultdict(list)
    for tile in tiles:
        piles[tile.predicted].append(tile)
    ordered = [pile for _, pile in sorted(piles.items(), key=lambda item: (-len(item[1]), item[0]))]
    return [tile for turn in zip_longest(*ordered) for tile in turn if tile is not None]


def thumbnail(results: Results, container: str, path: str) -> str | None:
    """A small picture of a tile as a data: address; None when it is not there or not readable."""
    try:
        with Image.open(io.BytesIO(results.read(container, path))) as image:
            thumbnail = image.convert("RGB")
        thumbnail.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        small = io.BytesIO()
        thumbnail.save(small, "WEBP", quality=QUALITY, method=4)
    except (BlobNotFoundError, UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return None
    return "data:image/webp;base64," + base64.b64encode(small.getvalue()).decode()
