"""A job's order, as docs/architecture.md tells of it: runs/RUN_ID/spec.json."""

import hashlib
import json
import secrets
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from aerial_ops.storage.layout import COUNTY, TEST, TRAIN

ClassifierKind = Literal["random-forest", "logistic-regression", "lightgbm"]
Engine = Literal["onnxruntime", "synapseml"]
DEFAULTS: dict[str, dict[str, Any]] = {
    "random-forest": {"numTrees": 20, "maxDepth": 5},
    "logistic-regression": {"regParam": 0.01, "maxIter": 10},
    "lightgbm": {"numIterations": 100, "numLeaves": 31, "learningRate": 0.1},
}
# fmt: off
PARAMETERS: dict[str, set[str]] = {
    "random-forest": {
        "bootstrap", "cacheNodeIds", "featureSubsetStrategy", "impurity", "maxBins", "maxDepth", "maxMemoryInMB",
        "minInfoGain", "minInstancesPerNode", "minWeightFractionPerNode", "numTrees", "subsamplingRate",
    },
    "logistic-regression": {
        "aggregationDepth", "elasticNetParam", "family", "fitIntercept", "lowerBoundsOnCoefficients",
        "lowerBoundsOnIntercepts", "maxBlockSizeInMB", "maxIter", "regParam", "standardization", "tol",
        "upperBoundsOnCoefficients", "upperBoundsOnIntercepts",
    },
    "lightgbm": {
        "baggingFraction", "baggingFreq", "binSampleCount", "boostingType", "dropRate", "featureFraction", "lambdaL1", "lambdaL2",
        "learningRate", "maxBin", "maxDeltaStep", "maxDepth", "maxDrop", "minDataInLeaf", "minGainToSplit",
        "minSumHessianInLeaf", "numIterations", "numLeaves", "skipDrop",
    },
}
# fmt: on
"""What the classifiers let one set; the job asks Spark ML itself, this is for refusing a slip before it costs money."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class NetworkFile(_Part):
    """A file in `pretrainedmodels`."""

    file: str
    sha256: str


class Backbone(_Part):
    """A prepared network in `pretrainedmodels`; `values` is the same from floats, which the engine synapseml needs."""

    name: str
    file: str
    sha256: str
    side: int
    length: int
    values: NetworkFile | None = None


class Classifier(_Part):
    """What is fitted to the features; `params` are Spark ML's own names, for lightgbm SynapseML's."""

    kind: ClassifierKind
    params: dict[str, Any]
    seed: int = 0

    @classmethod
    def of(cls, kind: ClassifierKind, params: dict[str, Any], seed: int) -> "Classifier":
        """The mission's defaults for `kind`, overridden by `params`."""
        return cls(kind=kind, params={**DEFAULTS[kind], **params}, seed=seed)


class Images(_Part):
    """The images below `prefix` of `container`."""

    container: str
    prefix: str = ""


class Sample(_Part):
    """The share of the images that is used, chosen by a hash of seed and path."""

    fraction: float = Field(default=1.0, gt=0, le=1)
    seed: int = 0


class JobSpec(_Part):
    """What train and score have in common."""

    schema_version: Literal[1] = 1
    run_id: str
    name: str
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC))
    data: dict[str, str | None] = {}  # container -> data hash of its manifest
    sample: Sample = Sample()
    max_rejected: float = Field(default=0.01, ge=0, le=1)
    overwrite: bool = False
    cache: bool = True
    engine: Engine = "onnxruntime"

    @property
    def needs_synapseml(self) -> bool:
        """Whether the job cannot be done without SynapseML on the cluster."""
        return self.engine == "synapseml"

    def digest(self) -> str:
        """The same for two orders of the same work on the same data, whatever their run ids."""
        work = self.model_dump(mode="json", exclude={"run_id", "created_at", "overwrite", "cache"})
        return hashlib.sha256(json.dumps(work, sort_keys=True).encode()).hexdigest()


class TrainSpec(JobSpec):
    """Fit a classifier on `train` and score `test`."""

    kind: Literal["train"] = "train"
    backbone: Backbone
    classifier: Classifier
    train: Images = Images(container=TRAIN)
    test: Images = Images(container=TEST)

    @property
    def needs_synapseml(self) -> bool:
        """For features, or for the classifier."""
        return self.engine == "synapseml" or self.classifier.kind == "lightgbm"


class ScoreSpec(JobSpec):
    """Apply the model `name` to tiles; `backbone` is None for a network retrained elsewhere.

    `model_type` is what model.info calls the classifier.
    """

    kind: Literal["score"] = "score"
    backbone: Backbone | None
    model_type: str = ""
    tiles: Images = Images(container=COUNTY)

    @property
    def needs_synapseml(self) -> bool:
        """For features, or for the model."""
        return self.engine == "synapseml" or self.model_type == "lightgbm"


class CalibrateSpec(JobSpec):
    """Compute the features of a sample, and keep nothing but how long it took."""

    kind: Literal["calibrate"] = "calibrate"
    backbone: Backbone
    tiles: Images = Images(container=TRAIN)


JobOrder = TrainSpec | ScoreSpec | CalibrateSpec
_ORDERS: TypeAdapter[JobOrder] = TypeAdapter(Annotated[JobOrder, Field(discriminator="kind")])


def new_run_id(name: str, kind: str) -> str:
    """NAME-KIND-TIME-RANDOM: sorts by time within a name, and is unique."""
    return f"{name}-{kind}-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"


def parse_spec(raw: bytes) -> JobOrder:
    """The order in `raw`; raises pydantic's ValidationError."""
    return _ORDERS.validate_json(raw)
