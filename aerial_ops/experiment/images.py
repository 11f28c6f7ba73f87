"""Where an experiment's images come from: a folder or URL as given, or a folder that is filled first."""

from pathlib import Path

from aerial_ops.datasets.sample import SampleParameters, make_sample
from aerial_ops.datasets.tiles import TileRequest, cut_tiles
from aerial_ops.experiment.plan import SceneTiles, Source
from aerial_ops.reporting import Reporter


def prepare_images(source: Source, folder: Path, base: Path, report: Reporter) -> str:
    """The address for sync. Generated sets are made in `folder`, once; relative paths of `source` start at `base`."""
    if address := source.address:
        return address
    if source.folder:
        return str(base / source.folder)
    if source.sample:
        make_sample(folder, SampleParameters(**source.sample.model_dump()), reporter=report)
    elif source.scenes:
        cut_tiles(folder, _request(source.scenes, base), reporter=report)
    return str(folder)


def _request(scenes: SceneTiles, base: Path) -> TileRequest:
    return TileRequest(
        scenes=tuple(base / scene for scene in scenes.train),
        labels=base / scenes.labels,
        county=base / scenes.county,
        **scenes.model_dump(exclude={"train", "labels", "county"}),
    )
