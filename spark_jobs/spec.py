"""The order of a job, runs/RUN_ID/spec.json, read and checked."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Mapping

from spark_jobs.errors import SpecError

SCHEMA_VERSION = 1
KINDS = ("train", "score", "calibrate")
CLASSIFIERS = ("random-forest", "logistic-regression", "lightgbm")
ENGINES = ("onnxruntime", "synapseml")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_REQUIRED = object()


@dataclass(frozen=True)
class ImageSet:
    """Images of a container below a prefix."""

    container: str
    prefix: str = ""

    @property
    def where(self) -> str:
        """The set's address for people."""
        return f"{self.container}/{self.prefix}" if self.prefix else f"The container {self.container}"


@dataclass(frozen=True)
class NetworkFile:
    """A file in the container pretrainedmodels."""

    file: str
    sha256: str


@dataclass(frozen=True)
class Backbone:
    """A prepared network: `tiles` uint8 [N, side, side, 3] -> [N, length]; `file` lies in the container pretrainedmodels.

    `values` is the same network from float32 [N, 3, side, side], which only the engine synapseml needs.
    """

    name: str
    file: str
    sha256: str
    side: int
    length: int
    values: NetworkFile | None = None


@dataclass(frozen=True)
class Classifier:
    """Which classifier, with Spark ML's own parameter names, for lightgbm SynapseML's."""

    kind: str
    params: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0


@dataclass(frozen=True)
class Spec:
    """One order. To train: train, test, classifier, backbone. To score: tiles. To calibrate: tiles, backbone."""

    kind: str
    run_id: str
    name: str
    backbone: Backbone | None
    classifier: Classifier | None
    sets: Mapping[str, ImageSet]
    fraction: float = 1.0
    sample_seed: int = 0
    max_rejected: float = 0.01
    overwrite: bool = False
    cache: bool = True
    engine: str = "onnxruntime"

    @property
    def keeps_features(self) -> bool:
        """Whether the feature cache is read and written: that takes Python on the workers."""
        return self.cache and self.engine == "onnxruntime"


def parse_spec(data: bytes) -> Spec:
    """Read an order. Raises SpecError that names the key."""
    try:
        raw = json.loads(data)
    except ValueError as error:
        raise SpecError(f"The order is not JSON: {error}.") from None
    order = _Reader(raw, "")
    version = order.get("schema_version", int)
    if version != SCHEMA_VERSION:
        raise SpecError(
            f"The order has schema version {version}; this job understands {SCHEMA_VERSION}.",
            "Submit with the job code's own release.",
        )
    kind = order.choice("kind", KINDS)
    name = order.get("name", str)
    if not NAME.fullmatch(name):
        raise SpecError(f"The name {name!r} is not made of letters, digits, - and _.", "Choose another name.")
    sample = order.part("sample", optional=True)
    fraction = float(sample.get("fraction", (int, float), 1.0))
    max_rejected = float(order.get("max_rejected", (int, float), 0.01))
    if not 0 < fraction <= 1:
        raise SpecError(f"sample.fraction is {fraction}; it must be over 0 and at most 1.")
    if not 0 <= max_rejected <= 1:
        raise SpecError(f"max_rejected is {max_rejected}; it must be a share between 0 and 1.")
    train = kind == "train"
    return Spec(
        kind=kind,
        run_id=order.get("run_id", str),
        name=name,
        backbone=_backbone(order, required=kind != "score"),
        classifier=_classifier(order) if train else None,
        sets={key: _images(order, key) for key in (("train", "test") if train else ("tiles",))},
        fraction=fraction,
        sample_seed=sample.get("seed", int, 0),
        max_rejected=max_rejected,
        overwrite=order.get("overwrite", bool, False),
        cache=order.get("cache", bool, True),
        engine=order.choice("engine", ENGINES, ENGINES[0]),
    )


class _Reader:
    """One object of the JSON, with errors that name the key."""

    def __init__(self, raw: Any, path: str) -> None:
        if not isinstance(raw, dict):
            raise SpecError(f"{path.rstrip('.') or 'The order'} is not an object.")
        self._raw: dict[str, Any] = raw
        self._path = path

    def get(self, key: str, kinds: Any, default: Any = _REQUIRED) -> Any:
        value = self._raw.get(key, default)
        if value is _REQUIRED:
            raise SpecError(f"The order lacks {self._path}{key}.")
        # JSON's true is no number, though Python's bool is an int.
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
            raise SpecError(f"{self._path}{key} is {value!r}, which is of the wrong type.")
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: Any = _REQUIRED) -> str:
        value = self.get(key, str, default)
        if value not in choices:
            raise SpecError(f"{self._path}{key} is {value!r}; it must be one of: {', '.join(choices)}.")
        return str(value)

    def part(self, key: str, optional: bool = False) -> _Reader:
        return _Reader(self.get(key, dict, {} if optional else _REQUIRED), f"{self._path}{key}.")

    def is_null(self, key: str) -> bool:
        return self._raw.get(key) is None


def _backbone(order: _Reader, required: bool) -> Backbone | None:
    if order.is_null("backbone") and not required:
        return None
    part = order.part("backbone")
    texts = {key: part.get(key, str) for key in ("name", "file", "sha256")}
    sizes = {key: part.get(key, int) for key in ("side", "length")}
    if min(sizes.values()) < 1:
        raise SpecError(f"backbone.side and backbone.length must be positive, not {sizes['side']} and {sizes['length']}.")
    return Backbone(**texts, **sizes, values=None if part.is_null("values") else _network_file(part.part("values")))


def _network_file(part: _Reader) -> NetworkFile:
    return NetworkFile(part.get("file", str), part.get("sha256", str))


def _classifier(order: _Reader) -> Classifier:
    part = order.part("classifier")
    return Classifier(part.choice("kind", CLASSIFIERS), part.get("params", dict, {}), part.get("seed", int, 0))


def _images(order: _Reader, key: str) -> ImageSet:
    part = order.part(key)
    return ImageSet(part.get("container", str), part.get("prefix", str, ""))
