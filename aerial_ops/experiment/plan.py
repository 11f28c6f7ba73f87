"""An experiment file: where the images come from, what is trained, how the best is chosen, what is kept."""

import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from aerial_ops.errors import UsageError
from aerial_ops.infrastructure.environments import checked_environment_name
from aerial_ops.jobs.spec import ClassifierKind
from aerial_ops.names import checked_name
from aerial_ops.runs.history import Metric


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SampleImages(_Table):
    """[source.sample]: images made by procedure, when there are none at hand."""

    train_per_class: int = Field(default=60, ge=1)
    test_per_class: int = Field(default=30, ge=1)
    county_rows: int = Field(default=20, ge=1)
    county_columns: int = Field(default=28, ge=1)
    seed: int = 7


class SceneTiles(_Table):
    """[source.scenes]: tiles cut from aerial scenes, labelled by a land-cover raster; `county` is the scene to map."""

    train: list[str] = Field(min_length=1)
    labels: str
    county: str
    tile_pixels: int = Field(default=48, ge=8)
    majority: float = Field(default=0.75, gt=0, le=1)
    test_fraction: float = Field(default=0.2, gt=0, lt=1)
    water: bool = False
    seed: int = 0


class Source(_Table):
    """[source]: exactly one of a folder, a blob URL, a generated sample or scenes. Paths start at the experiment file."""

    folder: str | None = None
    url: str | None = None
    sample: SampleImages | None = None
    scenes: SceneTiles | None = None

    @model_validator(mode="after")
    def _one(self) -> "Source":
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"needs exactly one of folder, url, sample, scenes; it has {', '.join(given) or 'none'}")
        return self


class Training(_Table):
    """[[train]]: one model."""

    name: str
    backbone: str = "efficientnet-lite0"
    classifier: ClassifierKind = "random-forest"
    params: dict[str, Any] = {}
    sample_frac: float = Field(default=1.0, gt=0, le=1)
    seed: int = 0


class Cluster(_Table):
    """[cluster]: what is rented, for how long at most, and what it may cost; None is what the settings say."""

    workers: int | None = Field(default=None, ge=1)
    ttl: str | None = None
    max_cost: float | None = Field(default=None, gt=0)


class Experiment(_Table):
    """The file as a whole. `name` is also the environment's."""

    name: str
    keep: Literal["nothing", "data", "everything"] = "nothing"
    cluster: Cluster = Cluster()
    best: Metric = "accuracy"
    score: bool = True
    max_rejected: float = Field(default=0.01, ge=0, le=1)
    source: Source
    train: list[Training] = Field(min_length=1)

    @model_validator(mode="after")
    def _names(self) -> "Experiment":
        names = [training.name for training in self.train]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ValueError(f"two trainings are called {', '.join(doubled)}")
        return self

    def on(self, **cluster: Any) -> Self:
        """The same on another cluster; what is None stays as the file says."""
        given = {key: value for key, value in cluster.items() if value is not None}
        return self.model_copy(update={"cluster": self.cluster.model_copy(update=given)})


def load_experiment(path: Path) -> Experiment:
    """Read and check `path`. Raises UsageError that names the line and the nearest valid key."""
    try:
        text = path.read_text()
        values = tomllib.loads(text)
    except FileNotFoundError:
        raise UsageError(f"There is no experiment file {path}.", suggestion="Examples are in the folder experiments.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}.") from error
    try:
        plan = Experiment.model_validate(values)
    except ValidationError as error:
        raise UsageError("\n".join(f"{path}{_explain(problem, text)}" for problem in error.errors())) from error
    checked_environment_name(plan.name)
    for training in plan.train:
        checked_name(training.name)
    return plan


def _explain(problem: Any, text: str) -> str:
    key = str(problem["loc"][-1]) if problem["loc"] else ""
    where = ".".join(str(part) for part in problem["loc"])
    line = next((f":{n}" for n, content in enumerate(text.splitlines(), 1) if content.split("=")[0].strip() == key), "")
    if problem["type"] == "extra_forbidden":
        near = get_close_matches(key, sorted(_keys(Experiment)), n=1)
        return f"{line}: there is no key {where!r}." + (f" Did you mean {near[0]!r}?" if near else "")
    return f"{line}: {where or 'the file'}: {problem['msg'].removeprefix('Value error, ')}."


def _keys(model: type[BaseModel]) -> set[str]:
    return {
        name
        for table in (model, Cluster, Source, SampleImages, SceneTiles, Training)
        for name in table.model_fields
    }  # fmt: skip
