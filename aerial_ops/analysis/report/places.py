"""Places on a map that are worth a look, each with a picture of one of its tiles."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from aerial_ops.analysis.clusters import Cluster
from aerial_ops.analysis.report.examples import READERS, thumbnail
from aerial_ops.analysis.report.results import Results
from aerial_ops.storage import layout


@dataclass(frozen=True, slots=True)
class Place:
    """A cluster of tiles. `tile` is its surest one on the map; `pictures` show it, an earlier year first (none if not there)."""

    cluster: Cluster
    tile: int
    pictures: tuple[str, ...]

    @property
    def was(self) -> str:
        """The classes before, the most frequent first."""
        return ", ".join(self.cluster.before)

    @property
    def now(self) -> str:
        """The classes after, the most frequent first."""
        return ", ".join(self.cluster.after)


def places(results: Results, clusters: Sequence[Cluster], names: Sequence[Sequence[str]]) -> tuple[Place, ...]:
    """A place for each cluster. `names` are the tiles' blob names [TILES], of each year that has pictures, oldest first."""
    wanted = [(names_of[one.tiles[0]], one) for one in clusters for names_of in names]
    with ThreadPoolExecutor(READERS) as readers:
        made = list(readers.map(lambda pair: thumbnail(results, layout.COUNTY, pair[0]), wanted))
    each = len(names)
    return tuple(
        Place(one, int(one.tiles[0]), tuple(picture for picture in made[i * each : (i + 1) * each] if picture))
        for i, one in enumerate(clusters)
    )
