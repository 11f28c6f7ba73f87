"""The score job: a class for every tile, by a Spark ML model on features or by a retrained network."""

from __future__ import annotations

from typing import Any

import numpy as np

from spark_jobs import models
from spark_jobs.context import Job
from spark_jobs.evaluate import from_scores, predicted_counts
from spark_jobs.learn import Predicted, predict
from spark_jobs.network import features_of


def score(job: Job) -> dict[str, Any]:
    """Run a score order; what result.json is to say of it."""
    spec = job.spec
    with job.progress.stage("list"):
        trained = models.read_trained(job.store, spec.name)
        if trained.network is not None:
            network, container, file = trained.network, models.CONTAINER, f"{spec.name}/model.onnx"
        else:
            backbone = models.check_backbone(job.store, trained, spec.backbone)
            network = features_of(backbone)
            container, file = "pretrainedmodels", backbone.file
        job.hand_out(network, container, file)
        if trained.network is None:
            model = models.load_spark_model(job.place, trained)
        sets = job.find_tiles()
    features = job.featurise(sets, trained.classes, network)
    with job.progress.stage("predict"):
        predictions = predict(model, features) if trained.network is None else _scored(features)
    with job.progress.stage("write"):
        job.write_predictions(f"{spec.name}_predictions_o16n", predictions, trained.classes, labelled=False)
        job.write_rejected()
    return {"metrics": None, "predicted": predicted_counts(predictions, trained.classes)}


def _scored(features: Any) -> list[Predicted]:
    rows = features.select("path", "features").collect()
    return from_scores([row[0] for row in rows], np.array([row[1].toArray() for row in rows], np.float32))
