"""Where an experiment's images come from: a folder or URL as given, or a folder that is filled first."""

import shlex
from pathlib import Path

from aerial_ops.datasets.build import build_images
from aerial_ops.datasets.request import BuildRequest, bounding_box
from aerial_ops.datasets.sample import SampleParameters, make_sample
from aerial_ops.errors import UsageError
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
        build_images(folder, _request(source.scenes, base), reporter=report)
    return str(folder)


def refuse_missing(source: Source, file: Path) -> None:
    """Raises UsageError when the images are to be in a folder that is none; `file` is the experiment's."""
    folder = file.parent / (source.folder or "")
    if source.folder and not folder.is_dir():
        what = "is no folder" if folder.exists() else "does not exist"
        raise UsageError(
            f"{file}: the images are to be in {folder}, and that {what}.",
            left="Nothing was made.",
            suggestion=f"Mend `folder` in [source], or make some images: aerial-ops data sample {shlex.quote(str(folder))}",
        )


def _request(scenes: SceneTiles, base: Path) -> BuildRequest:
    return BuildRequest(
        scenes=tuple(base / scene for scene in scenes.train),
        labels=base / scenes.labels,
        county=tuple(base / scene for scene in scenes.county),
        classes=base / scenes.classes if scenes.classes else None,
        bbox=bounding_box(scenes.bbox) if scenes.bbox else None,
        years=tuple(scenes.years),
        county_years=tuple(scenes.county_years),
        **scenes.model_dump(exclude={"train", "labels", "county", "classes", "bbox", "years", "county_years"}),
    )
