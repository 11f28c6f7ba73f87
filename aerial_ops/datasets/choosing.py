"""Class balance: which tiles of each set and class are cut when at most so many are wanted."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from hashlib import blake2b

from aerial_ops.datasets.cutting import Tile
from aerial_ops.datasets.outcomes import Outcome
from aerial_ops.storage.layout import TRAIN

Key = tuple[str, str]
"""Container and class."""


def quota(container: str, per_class: int | None, test_fraction: float) -> int | None:
    """The most tiles of a class in a set: `per_class` in training, and in the test set what keeps its proportion."""
    if per_class is None or container == TRAIN:
        return per_class
    return max(round(per_class * test_fraction / (1 - test_fraction)), 1)


def cut_until_full(
    tiles: Iterable[tuple[Tile, str]],
    most: Callable[[str], int | None],
    seed: int,
    cut: Callable[[list[Tile]], list[Outcome]],
) -> tuple[list[tuple[Tile, str, Outcome]], int]:
    """Cut tiles in a random order given by `seed`, until each set and class has its quota or no tile is left.

    `most` gives a container's quota for each class. Returns the tiles that were looked at, and how many were not needed.
    """
    queues: dict[Key, list[Tile]] = defaultdict(list)
    for tile, name in tiles:
        queues[tile.container, name].append(tile)
    for queue in queues.values():
        queue.sort(key=lambda tile: (rank(seed, tile.path), tile.path), reverse=True)
    kept = dict.fromkeys(queues, 0)
    looked_at: list[tuple[Tile, str, Outcome]] = []
    while True:
        batch: dict[Tile, str] = {}
        for (container, name), queue in queues.items():
            limit = most(container)
            wanted = len(queue) if limit is None else min(limit - kept[container, name], len(queue))
            batch |= {queue.pop(): name for _ in range(wanted)}
        if not batch:
            return looked_at, sum(map(len, queues.values()))
        in_order = sorted(batch)
        for tile, outcome in zip(in_order, cut(in_order), strict=True):
            kept[tile.container, batch[tile]] += not outcome.dropped
            looked_at.append((tile, batch[tile], outcome))


def rank(seed: int, path: str) -> bytes:
    """A stable random number for each path: tiles in its order are a fair sample, whatever others there are."""
    return blake2b(f"{seed}/{path}".encode(), digest_size=8).digest()
