import json
from typing import Any

import pytest

from spark_jobs.errors import SpecError
from spark_jobs.spec import parse_spec

BACKBONE = {"name": "net", "file": "net.onnx", "sha256": "ab", "side": 224, "length": 1280}
TRAIN: dict[str, Any] = {
    "schema_version": 1,
    "kind": "train",
    "run_id": "r",
    "name": "rf1",
    "backbone": BACKBONE,
    "classifier": {"kind": "random-forest", "params": {"numTrees": 20}, "seed": 4},
    "train": {"container": "train", "prefix": "2018/"},
    "test": {"container": "test"},
    "sample": {"fraction": 0.5, "seed": 2},
    "max_rejected": 0.02,
    "overwrite": True,
}


def parse(**changes: Any) -> Any:
    return parse_spec(json.dumps({key: value for key, value in {**TRAIN, **changes}.items() if value != "gone"}).encode())


def test_a_train_order() -> None:
    spec = parse()
    assert (spec.kind, spec.run_id, spec.name, spec.fraction, spec.sample_seed) == ("train", "r", "rf1", 0.5, 2)
    assert spec.backbone.length == 1280
    assert (spec.classifier.kind, dict(spec.classifier.params), spec.classifier.seed) == ("random-forest", {"numTrees": 20}, 4)
    assert (spec.sets["train"].prefix, spec.sets["test"].container) == ("2018/", "test")
    assert (spec.max_rejected, spec.overwrite) == (0.02, True)


def test_a_score_order_of_a_retrained_network() -> None:
    spec = parse(kind="score", backbone=None, tiles={"container": "county"}, sample="gone")
    assert (spec.backbone, spec.classifier, spec.fraction) == (None, None, 1.0)
    assert set(spec.sets) == {"tiles"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schema_version": 2}, "schema version 2"),
        ({"kind": "guess"}, "kind is 'guess'; it must be one of: train, score, calibrate"),
        ({"kind": "gone"}, "lacks kind"),
        ({"name": "a b"}, "'a b' is not made of"),
        ({"name": "_staging"}, "is not made of"),
        ({"backbone": None}, "backbone is None"),
        ({"backbone": {**BACKBONE, "side": "224"}}, "backbone.side is '224', which is of the wrong type"),
        ({"backbone": {**BACKBONE, "length": 0}}, "must be positive"),
        ({"classifier": {"kind": "svm"}}, "classifier.kind is 'svm'"),
        ({"train": {}}, "lacks train.container"),
        ({"sample": {"fraction": 0}}, "sample.fraction is 0"),
        ({"sample": {"fraction": True}}, "sample.fraction is True"),
        ({"max_rejected": 1.5}, "max_rejected is 1.5"),
        ({"overwrite": 1}, "overwrite is 1"),
    ],
)
def test_wrong_orders_name_the_key(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse(**changes)
    assert message in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff"])
def test_what_is_not_an_order(data: bytes) -> None:
    with pytest.raises(SpecError, match="The order"):
        parse_spec(data)
