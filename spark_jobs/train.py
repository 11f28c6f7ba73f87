"""The train job: features of the train and test sets, a classifier, its predictions and its measure."""

from __future__ import annotations

from typing import Any, Iterable, Sequence

from spark_jobs import models
from spark_jobs.context import Job
from spark_jobs.errors import DataError, SpecError
from spark_jobs.evaluate import metrics
from spark_jobs.learn import fit, make_estimator, predict
from spark_jobs.network import features_of
from spark_jobs.tiles import check_labels


def train(job: Job) -> dict[str, Any]:
    """Run a train order; what result.json is to say of it. Everything that can be checked is checked before an image is read."""
    spec, classifier, backbone = job.spec, job.spec.classifier, job.spec.backbone
    if classifier is None or backbone is None:
        raise SpecError("A train order needs a classifier and a backbone.")
    with job.progress.stage("list"):
        models.check_free(job.store, spec)
        estimator = make_estimator(classifier)
        network = features_of(backbone)
        job.hand_out(network, "pretrainedmodels", backbone.file)
        sets = job.find_tiles()
        classes = check_labels(sets["train"], sets["test"])
    features = job.featurise(sets, classes, network)
    with job.progress.stage("fit"):
        _check_all_left((tile.label for tile in sets["train"] if ("train", tile.path) not in job.lost), classes)
        model = fit(estimator, classifier, features.where("set = 'train'"), classes, job.counts["train"]["used"])
    with job.progress.stage("evaluate"):
        predictions = predict(model, features.where("set = 'test'"))
        measured = metrics(predictions, classes)
    with job.progress.stage("write"):
        try:
            models.save_staged(job.place, model, spec)
            job.write_predictions(f"{spec.name}_predictions_test_set", predictions, classes, labelled=True)
            job.write_rejected()
            models.publish(job.spark, job.store, job.place, spec, classifier, backbone, classes)
        except Exception:
            models.discard_staged(job.spark, job.place, spec)
            raise
    return {"metrics": measured}


def _check_all_left(left: Iterable[str], classes: Sequence[str]) -> None:
    lost = sorted(set(classes) - set(left))
    if lost:
        raise DataError(f"No image of {', '.join(lost)} in the train set can be used.", "Repair the images of this class.")
