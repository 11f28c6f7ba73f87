"""The models of an experiment: one by one, and as grids of everything that is listed."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from itertools import product
from math import prod
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from aerial_ops.experiment.values import ModelName
from aerial_ops.jobs.orders import DEFAULT_BACKBONE
from aerial_ops.jobs.spec import PARAMETERS, ClassifierKind
from aerial_ops.names import LONGEST

MOST = 100
"""Trainings of one experiment."""
UNKNOWN_PARAMETER = "unknown_parameter"
"""The type of the error that names a parameter which a classifier does not have."""
_DIGEST = 8
_AXES = ("backbone", "classifier", "sample_frac", "seed")

Value = TypeVar("Value")
Fraction = Annotated[float, Field(gt=0, le=1)]


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _different(values: list[Value]) -> list[Value]:
    if not values:
        raise ValueError("the list is empty")
    twice = [value for place, value in enumerate(values) if value in values[:place]]
    if twice:
        raise ValueError(f"{twice[0]!r} is listed twice")
    return values


Several = Annotated[list[Value], BeforeValidator(_listed), AfterValidator(_different)]
"""A list of different values; one value alone is a list of one."""


class Table(BaseModel):
    """A table of the file; a key that it does not have is an error, and no value is bent until it fits."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _known(params: Iterable[str], classifier: ClassifierKind) -> None:
    valid = sorted(PARAMETERS[classifier])
    for name in params:
        if name not in valid:
            near = get_close_matches(name, valid, n=1)
            advice = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(valid)}"
            words = "{classifier} has no parameter '{name}'; {advice}"
            raise PydanticCustomError(UNKNOWN_PARAMETER, words, {"name": name, "classifier": classifier, "advice": advice})


class Training(Table):
    """[[train]]: one model."""

    name: ModelName = Field(description="The model's name.")
    backbone: str = Field(
        DEFAULT_BACKBONE, description="The network whose features are used; `aerial-ops models list` shows them."
    )
    classifier: ClassifierKind = Field(
        "random-forest", description="What is fitted to the features; lightgbm takes SynapseML on the cluster."
    )
    params: dict[str, Any] = Field(
        default_factory=dict,
        description="The classifier's parameters, by Spark ML's own names (lightgbm: SynapseML's), such as `{ numTrees = 20 }`.",
    )
    sample_frac: Fraction = Field(default=1.0, description="The share of the images that is used; no others are read.")
    seed: int = Field(default=0, description="Chooses the sample.")

    @model_validator(mode="after")
    def _sensible(self) -> "Training":
        _known(self.params, self.classifier)
        return self


class Grid(Table):
    """[[grid]]: a model for each combination of what the lists hold."""

    name: ModelName | None = Field(
        default=None, description="What the models' names begin with (default: backbone and classifier)."
    )
    backbone: Several[str] = Field(default=[DEFAULT_BACKBONE], description="Networks.")
    classifier: Several[ClassifierKind] = Field(default=["random-forest"], description="Classifiers.")
    params: dict[str, Several[Any]] = Field(
        default_factory=dict, description="Values of parameters, such as `{ numTrees = [20, 50] }`; with one classifier only."
    )
    sample_frac: Several[Fraction] = Field(default=[1.0], description="Shares of the images.")
    seed: Several[int] = Field(default=[0], description="Seeds of the sample.")

    @model_validator(mode="after")
    def _sensible(self) -> "Grid":
        if self.params and len(self.classifier) > 1:
            raise ValueError("params belong to one classifier; write a [[grid]] for each classifier")
        _known(self.params, self.classifier[0])
        if (count := prod(len(values) for values in self._axes().values())) > MOST:
            raise ValueError(f"it makes {count:,} trainings, and {MOST} are allowed; shorten its lists")
        return self

    def trainings(self) -> Iterator[Training]:
        """One for each combination, the last list changing fastest. Their names tell apart what differs."""
        axes = self._axes()
        taken: set[str] = set()
        for values in product(*axes.values()):
            point = dict(zip(axes, values, strict=True))
            name = self._name(point)
            if len(name) > LONGEST or name in taken:
                digest = hashlib.sha256(repr(point).encode()).hexdigest()[:_DIGEST]
                name = f"{name[: LONGEST - _DIGEST - 1]}-{digest}"
            taken.add(name)
            own = {key: point.pop(key) for key in _AXES}
            yield Training(name=name, params=point, **own)

    def _axes(self) -> dict[str, list[Any]]:
        return {
            "backbone": self.backbone,
            "classifier": self.classifier,
            **self.params,
            "sample_frac": self.sample_frac,
            "seed": self.seed,
        }

    def _name(self, point: dict[str, Any]) -> str:
        """The grid's name, else backbone and classifier; then what the lists vary."""
        varied = {key for key, values in self._axes().items() if len(values) > 1}
        parts = [self.name] if self.name else []
        for key, value in point.items():
            if key in {"backbone", "classifier"}:
                parts += [str(value)] if key in varied or not self.name else []
            elif key in varied:
                parts.append(f"{'sample' if key == 'sample_frac' else key}{value}")
        return re.sub(r"[^A-Za-z0-9-]+", "_", "-".join(parts)).lstrip("_-") or "model"
