"""The classifier lightgbm: SynapseML's LightGBMClassifier, driven in the JVM without SynapseML's Python package.

LightGBM is trained in one task that has all cores of its executor but one. So nothing has to be agreed between machines: no
ports, no barrier that waits for a full cluster, no task without rows, which LightGBM cannot bear. And sums have one order: with
LightGBM's `deterministic` and columns dealt to threads, the model follows from the rows alone, whatever the number of cores.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, NamedTuple

from spark_jobs import synapse
from spark_jobs.errors import JobError, SpecError

KIND = "lightgbm"
DEFAULTS: dict[str, Any] = {"numIterations": 100, "numLeaves": 31, "learningRate": 0.1}
_CHUNK = 1000  # rows that are copied at a time; SynapseML's own 10,000 take 100 MB and more at once


class Number(NamedTuple):
    """A whole number (kind int) or any (kind float) from `least`, or above it, to `most`."""

    kind: type
    least: float
    most: float = float("inf")
    above: bool = False

    def allows(self, value: Any) -> bool:
        """Whether `value` may be set."""
        kinds = (int,) if self.kind is int else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds):
            return False
        return bool((self.least < value if self.above else self.least <= value) and value <= self.most)

    def __str__(self) -> str:
        kind = "a whole number" if self.kind is int else "a number"
        return f"{kind} {'above' if self.above else 'of at least'} {self.least:g}" + (
            f" and at most {self.most:g}" if self.most < float("inf") else ""
        )


class Choice(NamedTuple):
    """One of some words."""

    words: tuple[str, ...]
    kind: type = str

    def allows(self, value: Any) -> bool:
        """Whether `value` may be set."""
        return value in self.words

    def __str__(self) -> str:
        return f"one of {', '.join(self.words)}"


# SynapseML's names; the ranges are LightGBM's own, which it would tell only when the features are there.
PARAMETERS: dict[str, Number | Choice] = {
    "numIterations": Number(int, 1),
    "numLeaves": Number(int, 2, 131072),
    "learningRate": Number(float, 0, above=True),
    "maxDepth": Number(int, -1, 1000),
    "minDataInLeaf": Number(int, 0),
    "minSumHessianInLeaf": Number(float, 0),
    "minGainToSplit": Number(float, 0),
    "maxDeltaStep": Number(float, 0),
    "maxBin": Number(int, 2, 65535),
    "binSampleCount": Number(int, 1),
    "lambdaL1": Number(float, 0),
    "lambdaL2": Number(float, 0),
    "featureFraction": Number(float, 0, 1, above=True),
    "baggingFraction": Number(float, 0, 1, above=True),
    "baggingFreq": Number(int, 0),
    "boostingType": Choice(("gbdt", "dart")),
    "dropRate": Number(float, 0, 1),
    "maxDrop": Number(int, -1),
    "skipDrop": Number(float, 0, 1),
}


@dataclass(frozen=True)
class LightGbm:
    """The estimator: `fit` makes a LightGbmModel of a frame (path, label, features as a vector) in one sorted partition."""

    params: Mapping[str, Any]
    seed: int

    @classmethod
    def of(cls, params: Mapping[str, Any], seed: int) -> LightGbm:
        """With defaults for what is not given. Raises SpecError for a wrong parameter, JobError without SynapseML."""
        checked = {**DEFAULTS, **params}
        advice = f"Valid parameters of {KIND}: {', '.join(sorted(PARAMETERS))}."
        unknown = sorted(set(checked) - set(PARAMETERS))
        if unknown:
            raise SpecError(f"LightGBM has no parameter {', '.join(unknown)} that can be set.", advice)
        for name, value in checked.items():
            if not PARAMETERS[name].allows(value):
                raise SpecError(f"classifier.params.{name} is {value!r}; it must be {PARAMETERS[name]}.", advice)
        _check_there("or use another classifier: --classifier random-forest")
        return cls({name: PARAMETERS[name].kind(value) for name, value in checked.items()}, seed)

    def fit(self, rows: Any) -> LightGbmModel:
        """Train. The label's metadata names the classes, as Spark ML's own classifiers want it."""
        context, classes = _context(), len(rows.schema["label"].metadata["ml_attr"]["vals"])
        java = _package(context).LightGBMClassifier()
        for name, value in {**self.params, **self._fixed(context, classes)}.items():
            java.set(java.getParam(name).w(value))
        # Called dataTransferMode since SynapseML 0.11: rows are handed over in the task, and none are collected on the driver.
        mode = next(name for name in ("dataTransferMode", "executionMode") if java.hasParam(name))
        java.set(java.getParam(mode).w("bulk"))
        return LightGbmModel(java.fit(rows._jdf))

    def _fixed(self, context: Any, classes: int) -> dict[str, Any]:
        return {
            "objective": "binary" if classes == 2 else "multiclass",
            "seed": self.seed,
            "deterministic": True,
            "passThroughArgs": "force_col_wise=true",
            "numTasks": 1,
            "numThreads": threads(context),
            "useSingleDatasetMode": False,
            "useBarrierExecutionMode": False,
            "matrixType": "dense",
            "chunkSize": _CHUNK,
        }


@dataclass(frozen=True)
class LightGbmModel:
    """A trained model in the JVM."""

    java: Any

    @classmethod
    def load(cls, url: str) -> LightGbmModel:
        """Read what `write` has written. Raises JobError without SynapseML."""
        _check_there("or score with a model of another kind")
        return cls(_package(_context()).LightGBMClassificationModel.load(url))

    def transform(self, frame: Any) -> Any:
        """The frame with columns prediction and probability."""
        from pyspark.sql import DataFrame

        return DataFrame(self.java.transform(frame._jdf), frame.sparkSession)

    def write(self) -> Any:
        """Spark's writer of models."""
        return self.java.write()


def _context() -> Any:
    from pyspark import SparkContext

    return SparkContext._active_spark_context


def _check_there(instead: str) -> None:
    """Raises JobError when SynapseML is missing, or LightGBM's native library cannot be loaded on the driver."""
    context = _context()
    synapse.check_there(context, "lightgbm.LightGBMClassifier", instead)
    try:
        _package(context).LightGBMUtils.initializeNativeLibrary()
    except Exception as error:
        cause = getattr(error, "java_exception", error)
        raise JobError(
            f"LightGBM's native library cannot be loaded: {cause}",
            f"It needs a Linux on x86-64 with glibc 2.27 and libgomp1 on every node; {instead}",
        ) from error


def _package(context: Any) -> Any:
    return context._jvm.com.microsoft.azure.synapse.ml.lightgbm


def threads(context: Any) -> int:
    """How many threads LightGBM takes: one less than the executor that will have the task has cores.

    Its threads wait for each other after every step by spinning. Where one of them has no core, all of them burn time: two
    threads on two busy cores took four times the processor time of one, and five times as long.
    """
    local = context.master.startswith("local")
    # Not getConf(), which reads all settings one by one: the account's key would be in a log of that.
    cores = context.defaultParallelism if local else context._conf.get("spark.executor.cores", "1")
    return max(1, int(cores) - 1)
