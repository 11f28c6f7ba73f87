from typing import Any

import pytest

from aerial_ops.jobs.spec import PARAMETERS
from spark_jobs.errors import SpecError
from spark_jobs.learn import forest_partitions, make_estimator
from spark_jobs.spec import Classifier

pytestmark = pytest.mark.slow


def test_defaults_and_settings(spark: Any) -> None:
    forest = make_estimator(Classifier("random-forest", {"maxDepth": 7, "impurity": "entropy"}, seed=42))
    assert (forest.getNumTrees(), forest.getMaxDepth(), forest.getImpurity(), forest.getSeed()) == (20, 7, "entropy", 42)
    logistic = make_estimator(Classifier("logistic-regression", {"elasticNetParam": 0.5}))
    assert (logistic.getRegParam(), logistic.getMaxIter(), logistic.getElasticNetParam()) == (0.01, 10, 0.5)


@pytest.mark.parametrize(
    ("kind", "params", "message"),
    [
        ("random-forest", {"regParam": 0.1}, "random-forest has no parameter regParam"),
        ("random-forest", {"seed": 1, "labelCol": "x"}, "no parameter labelCol, seed"),
        ("random-forest", {"numTrees": "many"}, "classifier.params.numTrees is 'many'"),
        ("random-forest", {"numTrees": 2.5}, "classifier.params.numTrees is 2.5"),
        ("random-forest", {"numTrees": 0}, "refuses a parameter: .*numTrees"),
        ("logistic-regression", {"family": "poisson"}, "refuses a parameter: .*family"),
        ("logistic-regression", {"maxIter": True}, "classifier.params.maxIter is True"),
    ],
)
def test_wrong_parameters_are_told_with_the_valid_ones(spark: Any, kind: str, params: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        make_estimator(Classifier(kind, params))
    assert "maxBins" in caught.value.suggestion if kind == "random-forest" else "regParam" in caught.value.suggestion


@pytest.mark.parametrize("kind", PARAMETERS)
def test_the_kit_knows_the_parameters_that_can_be_set(spark: Any, kind: str) -> None:
    with pytest.raises(SpecError) as caught:
        make_estimator(Classifier(kind, {"nothing": 1}))
    assert caught.value.suggestion == f"Valid parameters of {kind}: {', '.join(sorted(PARAMETERS[kind]))}."


@pytest.mark.parametrize(("tiles", "partitions"), [(1, 2), (2048, 2), (2049, 4), (11_760, 12)])
def test_a_forest_has_few_even_partitions(tiles: int, partitions: int) -> None:
    assert forest_partitions(tiles) == partitions
