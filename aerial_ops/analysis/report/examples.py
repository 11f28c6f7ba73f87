"""Test tiles that were right and wrong, as small pictures."""

import base64
import hashlib
import io
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import zip_longest

from PIL import Image, UnidentifiedImageError

from aerial_ops.analysis.tables import Predictions
from aerial_ops.errors import BlobNotFoundError
from aerial_ops.reporting import Task
from aerial_ops.storage import layout
from aerial_ops.storage.blobs import BlobStore

EACH = 12
SPARE = 2
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
    """Tiles that were classified right, class by class, and wrong, the most frequent mistakes first."""

    right: tuple[Example, ...]
    wrong: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class _Tile:
    path: str
    label: str
    predicted: str
    certainty: float | None


def choose_examples(store: BlobStore, predictions: Predictions, certainty: Sequence[float], task: Task) -> Examples:
    """Up to EACH right and EACH wrong tiles, always the same ones for the same predictions.

    The right ones take turns by class, the wrong ones by pair of true and predicted class, the most frequent pair first;
    within these the choice goes by a hash of the name, so that neighbours in a folder do not stand for all. Tiles whose
    picture is not in storage or not readable are passed over.
    """
    sure: list[float | None] = [*certainty] or [None] * len(predictions.paths)
    rows = zip(predictions.paths, predictions.labels, predictions.predicted, sure, strict=True)
    tiles = sorted((_Tile(*row) for row in rows), key=lambda tile: hashlib.sha256(tile.path.encode()).digest())
    right = _in_turns([tile for tile in tiles if tile.label == tile.predicted], lambda tile: tile.label, by_size=False)
    wrong = _in_turns([tile for tile in tiles if tile.label != tile.predicted], lambda t: (t.label, t.predicted), by_size=True)
    chosen = [*right[: EACH * SPARE], *wrong[: EACH * SPARE]]
    task.update(total=len(chosen))

    def picture(tile: _Tile) -> str | None:
        made = _thumbnail(store, tile.path)
        task.advance()
        return made

    with ThreadPoolExecutor(READERS) as readers:
        pictures = readers.map(picture, chosen)
        shown = [Example(t.path, t.label, t.predicted, t.certainty, p) for t, p in zip(chosen, pictures, strict=True) if p]
    return Examples(
        right=tuple(sorted([e for e in shown if e.label == e.predicted][:EACH], key=lambda e: e.label)),
        wrong=tuple([e for e in shown if e.label != e.predicted][:EACH]),
    )


def _in_turns(tiles: Sequence[_Tile], key: Callable[[_Tile], object], *, by_size: bool) -> list[_Tile]:
    piles: dict[object, list[_Tile]] = defaultdict(list)
    for tile in tiles:
        piles[key(tile)].append(tile)
    ordered = [pile for _, pile in sorted(piles.items(), key=lambda item: (-len(item[1]) if by_size else 0, str(item[0])))]
    return [tile for turn in zip_longest(*ordered) for tile in turn if tile is not None]


def _thumbnail(store: BlobStore, path: str) -> str | None:
    try:
        with Image.open(io.BytesIO(store.read(layout.TEST, path))) as image:
            thumbnail = image.convert("RGB")
        thumbnail.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        small = io.BytesIO()
        thumbnail.save(small, "WEBP", quality=QUALITY, method=4)
    except (BlobNotFoundError, UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return None
    return "data:image/webp;base64," + base64.b64encode(small.getvalue()).decode()
