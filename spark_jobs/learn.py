"""Spark ML classifiers on features: any parameter, fixed seeds, the same model for the same features."""

from __future__ import annotations

import math
from typing import Any, NamedTuple, Sequence

from spark_jobs import lightgbm
from spark_jobs.errors import SpecError
from spark_jobs.plans import planned_once
from spark_jobs.spec import Classifier

DEFAULTS: dict[str, dict[str, Any]] = {
    "random-forest": {"numTrees": 20, "maxDepth": 5},
    "logistic-regression": {"regParam": 0.01, "maxIter": 10},
}
# What the job itself sets; and per-class thresholds would make the prediction differ from the largest probability.
RESERVED = {
    *("featuresCol", "labelCol", "predictionCol", "probabilityCol", "rawPredictionCol", "weightCol", "leafCol"),
    *("seed", "threshold", "thresholds", "checkpointInterval"),
}


class Predicted(NamedTuple):
    """One tile's prediction: class indices (label -1 without one) and a probability a class."""

    path: str
    label: int
    prediction: int
    probabilities: tuple[float, ...]


def make_estimator(classifier: Classifier) -> Any:
    """The estimator with all parameters set and checked, by Spark ML's own rules too.

    Raises SpecError, and JobError when lightgbm is asked for where SynapseML is not.
    """
    from pyspark.ml import classification

    if classifier.kind == lightgbm.KIND:
        return lightgbm.LightGbm.of(classifier.params, classifier.seed)
    random_forest = classifier.kind == "random-forest"
    estimator = classification.RandomForestClassifier() if random_forest else classification.LogisticRegression()
    valid = {param.name: param for param in estimator.params if param.name not in RESERVED}
    advice = f"Valid parameters of {classifier.kind}: {', '.join(sorted(valid))}."
    unknown = sorted(set(classifier.params) - set(valid))
    if unknown:
        raise SpecError(f"Spark ML's {classifier.kind} has no parameter {', '.join(unknown)} that can be set.", advice)
    for name, value in {**DEFAULTS[classifier.kind], **classifier.params}.items():
        try:
            estimator.set(valid[name], value)
        except TypeError as error:
            raise SpecError(f"classifier.params.{name} is {value!r}: {error}", f"{valid[name].doc} {advice}") from None
    if random_forest:
        estimator.setSeed(classifier.seed)
    try:
        estimator._transfer_params_to_java()  # Spark checks a value's range only here; fit would, but after the images.
    except Exception as error:
        raise SpecError(f"Spark ML refuses a parameter: {_first_line(error)}", advice) from None
    return estimator


def fit(estimator: Any, classifier: Classifier, features: Any, classes: Sequence[str], tiles: int) -> Any:
    """Train on a frame (path, label, features) of so many tiles. The model depends on the rows only, not on how they lie."""
    from pyspark.sql import functions

    # Spark ML need not go through the rows to find out how many classes there are.
    known = functions.col("label").alias("label", metadata={"ml_attr": {"type": "nominal", "vals": list(classes)}})
    partitions = forest_partitions(tiles) if classifier.kind == "random-forest" else 1
    rows = features.select("path", known, "features").repartition(partitions, "path").sortWithinPartitions("path")
    with planned_once(features.sparkSession):
        return estimator.fit(rows)


def forest_partitions(tiles: int) -> int:
    """How many partitions a random forest is trained on: about a thousand tiles each, and an even number.

    Each partition costs the forest half a second of processor time for its own statistics of every node, so slices are too small.
    Random forests count: integers add up exactly in any order. For the other classifiers it is one partition in one order:
    gradients are sums of floats, and Spark merges each partition's share when it happens to arrive; even with two partitions the
    means that its summarizer merges depend on which came first. (LightGBM: see lightgbm.py.)
    """
    return 2 * max(1, math.ceil(tiles / 2048))


def model_class(kind: str) -> Any:
    """What loads a model, by model.info's word for it."""
    from pyspark.ml import classification

    if kind == "lightgbm":
        return lightgbm.LightGbmModel
    forest = kind == "random_forest"
    return classification.RandomForestClassificationModel if forest else classification.LogisticRegressionModel


def predict(model: Any, features: Any) -> list[Predicted]:
    """Predictions of a frame (path, label, features), sorted by path."""
    chosen = model.transform(features).select("path", "label", "prediction", "probability")
    return sorted(Predicted(row[0], row[1], int(row[2]), tuple(row[3].toArray().tolist())) for row in chosen.collect())


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
