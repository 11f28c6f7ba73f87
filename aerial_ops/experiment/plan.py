"""An experiment file: where the images come from, what is trained, how the best is chosen, what is kept."""

import os
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from aerial_ops.errors import UsageError
from aerial_ops.experiment.trainings import Grid, Table, Training
from aerial_ops.experiment.values import Count, EnvironmentName, Life, checked_life
from aerial_ops.jobs.spec import Engine
from aerial_ops.runs.history import Metric

__all__ = ["Cluster", "Experiment", "Grid", "SampleImages", "SceneTiles", "Score", "Source", "Training"]


class SampleImages(Table):
    """[source.sample]: images made by procedure, when there are none at hand."""

    train_per_class: int = Field(default=60, ge=1, description="Training tiles of each of the six classes.")
    test_per_class: int = Field(default=30, ge=1, description="Test tiles of each class.")
    county_rows: int = Field(default=20, ge=1, description="Rows of tiles of the county.")
    county_columns: int = Field(default=28, ge=1, description="Columns of tiles of the county.")
    seed: int = Field(default=7, ge=0, description="Another seed makes other pictures and another county.")


class SceneTiles(Table):
    """[source.scenes]: image sets built from aerial scenes and a land-cover raster, as `aerial-ops data build` does."""

    train: list[str] = Field(default=[], description="GeoTIFF scenes, or folders of them, to train and test on.")
    labels: str = Field(description="The land-cover raster that labels the tiles.")
    county: list[str] = Field(default=[], description="The scenes that are mapped, of one year or of several to compare.")
    stac: str | None = Field(default=None, description='A STAC API to look for scenes in: `"planetary-computer"`, or a URL.')
    stac_tokens: str | None = Field(default=None, description="The service that gives SAS tokens for its storage.")
    collection: str = Field(default="naip", description="The STAC API's collection.")
    bbox: list[float] | None = Field(
        default=None,
        min_length=4,
        max_length=4,
        description="The ground of all tiles: west, south, east, north in degrees.",
    )
    years: list[int] = Field(default=[], description="Years of the STAC API's scenes to train and test on.")
    county_years: list[int] = Field(default=[], description="Years of the STAC API's scenes that are mapped.")
    tile_metres: float = Field(default=224, gt=0, description="A tile's side on the ground.")
    tile_pixels: int = Field(default=224, ge=8, le=4096, description="A tile's side in its picture.")
    overlap: float = Field(default=0, ge=0, le=0.9, description="Share of a side that labelled neighbours have in common.")
    label_rule: Literal["points", "majority"] = Field(
        default="points", description="Whether 3 x 3 points must fall in one class, or a class must have the majority."
    )
    majority: float = Field(default=0.75, gt=0, le=1, description="The share of a tile that is a majority.")
    classes: str | None = Field(default=None, description="A TOML file with the classes and their codes; NLCD's without one.")
    water: bool = Field(default=False, description="Whether open water is a class of its own.")
    max_missing: float = Field(default=0.01, ge=0, le=1, description="The most pixels without data in a tile, as a share.")
    max_cloud: float | None = Field(default=None, ge=0, le=1, description="The most bright, colourless pixels, as a share.")
    per_class: int | None = Field(default=None, ge=1, description="The most training tiles of a class.")
    test_fraction: float = Field(default=0.2, gt=0, lt=1, description="The share of the labelled places kept for testing.")
    block_metres: float | None = Field(default=None, gt=0, description="Side of the blocks of ground that are kept for testing.")
    buffer_metres: float | None = Field(
        default=None, ge=0, description="No training tile is nearer to a test tile; a tile's side if not given."
    )
    seed: int = Field(default=0, ge=0, description="Chooses the places for testing.")


class Source(Table):
    """[source]: exactly one of these. Paths start at the experiment file; `url_variable` names a variable that holds the URL."""

    folder: str | None = Field(default=None, description="A folder with `train/`, `test/` and `middlesexma2016/`.")
    url: str | None = Field(default=None, description="A blob account or container; without a SAS, azure-identity signs in.")
    url_variable: str | None = Field(
        default=None, description="The environment variable that holds the URL: for a SAS, which is a secret."
    )
    sample: SampleImages | None = Field(default=None, description="Images made by procedure.")
    scenes: SceneTiles | None = Field(default=None, description="Sets built from aerial scenes.")

    @model_validator(mode="after")
    def _one(self) -> "Source":
        ways = list(type(self).model_fields)
        given = [name for name in ways if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"needs exactly one of {', '.join(ways)}; it has {', '.join(given) or 'none'}")
        return self

    @property
    def address(self) -> str | None:
        """The blob URL, given or from the environment; None for other ways. Raises UsageError when the variable is not set."""
        if self.url_variable is None:
            return self.url
        if address := os.environ.get(self.url_variable):
            return address
        raise UsageError(
            f"The images are at the URL in the variable {self.url_variable}, and that is not set.",
            suggestion=f"export {self.url_variable}='https://ACCOUNT.blob.core.windows.net/?SAS'",
        )


class Cluster(Table):
    """[cluster]: what is rented, for how long at most, and what it may cost; None is what the settings say."""

    cloud: Literal["azure", "emulator"] | None = Field(default=None, description="Where it is (default: the settings').")
    location: str | None = Field(default=None, description="Azure region, in its short form (default: the settings').")
    workers: Count | None = Field(
        default=None, description='Worker nodes of 4 cores; "auto": as many as quota and `max_cost` allow.'
    )
    ttl: Life | None = Field(default=None, description="How long it may live at most; then the cloud itself removes it.")
    max_cost: float | None = Field(default=None, gt=0, description="Refuse what would cost more, in USD, until the deadline.")


class Score(Table):
    """[score]: the best model classifies the county, on a cluster of so many workers; None is as it is."""

    workers: int | None = Field(
        default=None, ge=1, description="Scale the cluster to so many worker nodes first (default: as it is)."
    )


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


def _scored(value: Any) -> Any:
    if isinstance(value, bool):
        return Score() if value else None
    if isinstance(value, (dict, Score)):
        return value
    raise ValueError(f"is true, false or a table; it is {value!r}")


class Experiment(Table):
    """The file as a whole. `name` is also the environment's. Once it is loaded, `train` holds what its grids make too."""

    name: EnvironmentName = Field(description="The experiment, and the environment that it makes.")
    keep: Literal["nothing", "data", "everything"] = Field(
        "nothing",
        description="What stays at the end: `data` is the storage account, `everything` the cluster too, until its deadline.",
    )
    keep_on_failure: Life | None = Field(
        default=None, description="After a failure, leave the cluster so long for a look at it (default: it goes at once)."
    )
    best: Metric = Field(
        default="accuracy", description="How the best model is chosen; `groups` is the accuracy in the three groups."
    )
    parallel: Count = Field(default="auto", description='Trainings at a time; "auto": as many as the cluster has room for.')
    max_rejected: float = Field(
        default=0.01, ge=0, le=1, description="The share of images that may be unreadable before a job fails."
    )
    cache: bool = Field(
        default=True, description="Whether jobs take features that an earlier job has left, and leave theirs to the next."
    )
    engine: Engine = Field(
        default="onnxruntime",
        description="What computes the features; `synapseml` where no Python package may be installed on the nodes.",
    )
    score: Annotated[Score | None, BeforeValidator(_scored)] = Field(
        default=Score(), description="Whether the best model classifies the county: `true`, `false`, or the table [score]."
    )
    cluster: Cluster = Field(default=Cluster(), description="The Spark cluster.")
    source: Source = Field(description="Where the images come from.")
    train: Annotated[list[Training], BeforeValidator(_listed)] = Field(default_factory=list, description="A model each.")
    grid: Annotated[list[Grid], BeforeValidator(_listed)] = Field(
        default_factory=list, description="A model for each combination."
    )

    @property
    def settings(self) -> dict[str, Any]:
        """What the file says of the settings: cloud and location. Flags and variables go before it."""
        return self.cluster.model_dump(include={"cloud", "location"}, exclude_none=True)

    def on(self, *, parallel: int | None = None, **cluster: Any) -> Self:
        """The same on another cluster, with so many trainings at a time; what is None stays as the file says.

        Raises UsageError for a `ttl` that is none, or too short.
        """
        if cluster.get("ttl") is not None:
            checked_life(cluster["ttl"])
        given = {key: value for key, value in cluster.items() if value is not None}
        update = {"cluster": self.cluster.model_copy(update=given), "parallel": parallel or self.parallel}
        return self.model_copy(update=update)

    def expanded(self) -> Self:
        """The same with each grid's trainings behind those that are written one by one."""
        made = [training for grid in self.grid for training in grid.trainings()]
        return self.model_copy(update={"train": [*self.train, *made], "grid": []})
