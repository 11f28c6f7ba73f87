"""An experiment file: where the images come from, what is trained, how the best is chosen, what is kept."""

import os
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from aerial_ops.errors import UsageError
from aerial_ops.experiment.trainings import Grid, Table, Training
from aerial_ops.experiment.values import Count, EnvironmentName, Life
from aerial_ops.runs.history import Metric

__all__ = ["Cluster", "Experiment", "Grid", "SampleImages", "SceneTiles", "Score", "Source", "Training"]


class SampleImages(Table):
    """[source.sample]: images made by procedure, when there are none at hand."""

    train_per_class: int = Field(default=60, ge=1)
    test_per_class: int = Field(default=30, ge=1)
    county_rows: int = Field(default=20, ge=1)
    county_columns: int = Field(default=28, ge=1)
    seed: int = 7


class SceneTiles(Table):
    """[source.scenes]: tiles cut from aerial scenes, labelled by a land-cover raster; `county` is the scene to map."""

    train: list[str] = Field(min_length=1)
    labels: str
    county: str
    tile_pixels: int = Field(default=48, ge=8)
    majority: float = Field(default=0.75, gt=0, le=1)
    test_fraction: float = Field(default=0.2, gt=0, lt=1)
    water: bool = False
    seed: int = 0


class Source(Table):
    """[source]: exactly one of these. Paths start at the experiment file; `url_variable` names a variable that holds the URL."""

    folder: str | None = None
    url: str | None = None
    url_variable: str | None = None
    sample: SampleImages | None = None
    scenes: SceneTiles | None = None

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

    workers: Count | None = None
    ttl: Life | None = None
    max_cost: float | None = Field(default=None, gt=0)


class Score(Table):
    """[score]: the best model classifies the county, on a cluster of so many workers; None is as it is."""

    workers: int | None = Field(default=None, ge=1)


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

    name: EnvironmentName
    keep: Literal["nothing", "data", "everything"] = "nothing"
    keep_on_failure: Life | None = None
    best: Metric = "accuracy"
    parallel: Count = "auto"
    max_rejected: float = Field(default=0.01, ge=0, le=1)
    score: Annotated[Score | None, BeforeValidator(_scored)] = Score()
    cluster: Cluster = Cluster()
    source: Source
    train: Annotated[list[Training], BeforeValidator(_listed)] = Field(default_factory=list)
    grid: Annotated[list[Grid], BeforeValidator(_listed)] = Field(default_factory=list)

    def on(self, **cluster: Any) -> Self:
        """The same on another cluster; what is None stays as the file says."""
        given = {key: value for key, value in cluster.items() if value is not None}
        return self.model_copy(update={"cluster": self.cluster.model_copy(update=given)})

    def expanded(self) -> Self:
        """The same with each grid's trainings behind those that are written one by one."""
        made = [training for grid in self.grid for training in grid.trainings()]
        return self.model_copy(update={"train": [*self.train, *made], "grid": []})
