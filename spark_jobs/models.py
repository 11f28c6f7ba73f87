"""Trained models in the container trainedmodels: published as a whole, model.info last; read back for scoring."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Sequence

from spark_jobs.errors import JobError, ModelError, NotFoundError
from spark_jobs.hadoop import HadoopFiles
from spark_jobs.learn import model_class
from spark_jobs.network import Network
from spark_jobs.places import Place
from spark_jobs.spec import Backbone, Classifier, Spec
from spark_jobs.stores import Store
from spark_jobs.tables import labels_text, model_info_text, read_labels, read_model_info

CONTAINER = "trainedmodels"
SPARK_ML, ONNX = "mmlspark", "onnx"
LABELS = "labels_to_inds.tsv"
TYPES = {"random-forest": "random_forest", "logistic-regression": "logistic_regression", "lightgbm": "lightgbm"}


@dataclass(frozen=True)
class Trained:
    """A model as model.info describes it; `network` when it is a retrained network."""

    name: str
    source: str
    classes: list[str]
    backbone: str
    type: str
    network: Network | None = None


def check_free(store: Store, spec: Spec) -> None:
    """Raise ModelError when the name is taken, unless by an earlier attempt of this very run, or the order overwrites."""
    if spec.overwrite or not store.exists(CONTAINER, f"{spec.name}/model.info"):
        return
    try:
        maker = json.loads(store.get(CONTAINER, f"{spec.name}/training.json")).get("run_id")
    except (NotFoundError, ValueError):
        maker = None
    if maker != spec.run_id:
        raise ModelError(f"A model named {spec.name} exists already.", "Choose another --name, or replace it with --overwrite.")


def staging_path(spec: Spec) -> str:
    """Where the model lies while it is being written."""
    return f"{spec.name}/_staging_{spec.run_id}"


def save_staged(place: Place, model: Any, spec: Spec) -> None:
    """Write the Spark ML model beside its final place."""
    model.write().overwrite().save(place.hadoop_url(CONTAINER, staging_path(spec)))


def publish(
    spark: Any, store: Store, place: Place, spec: Spec, classifier: Classifier, backbone: Backbone, classes: Sequence[str]
) -> None:
    """Move the staged model to its place and describe it. While model.info is away, there is no model."""
    store.delete(CONTAINER, f"{spec.name}/model.info")
    for file in ("model.onnx", "model.json"):  # of a retrained network that this model replaces
        store.delete(CONTAINER, f"{spec.name}/{file}")
    files = HadoopFiles(spark, place, CONTAINER)
    files.delete(f"{spec.name}/model")
    files.rename(staging_path(spec), f"{spec.name}/model")
    training = {
        "schema_version": 1,
        "run_id": spec.run_id,
        "classes": list(classes),
        "backbone": asdict(backbone),
        "classifier": {"kind": classifier.kind, "params": dict(classifier.params), "seed": classifier.seed},
    }
    store.put(CONTAINER, f"{spec.name}/training.json", (json.dumps(training, indent=2) + "\n").encode(), "application/json")
    store.put(CONTAINER, f"{spec.name}/{LABELS}", labels_text(classes), "text/tab-separated-values")
    info = {
        "output_model_name": spec.name,
        "model_source": SPARK_ML,
        "pretrained_model_type": backbone.name,
        "retraining_type": "transfer",
        "mmlspark_model_type": TYPES[classifier.kind],
    }
    store.put(CONTAINER, f"{spec.name}/model.info", model_info_text(info), "text/plain")


def discard_staged(spark: Any, place: Place, spec: Spec) -> None:
    """Remove what a failed run has staged."""
    HadoopFiles(spark, place, CONTAINER).delete(staging_path(spec))


def read_trained(store: Store, name: str) -> Trained:
    """What is known of a trained model. Raises ModelError when it is missing or not understood."""
    try:
        info = read_model_info(store.get(CONTAINER, f"{name}/model.info"))
        classes = read_labels(store.get(CONTAINER, f"{name}/{LABELS}"), f"{CONTAINER}/{name}/{LABELS}")
    except NotFoundError as error:
        raise ModelError(f"There is no model named {name}: {error.message}", "Train one: aerial-ops train --name NAME") from None
    source = info.get("model_source", "")
    network = None
    if source == ONNX:
        network = _retrained(store, name, len(classes))
    elif source != SPARK_ML or info.get("mmlspark_model_type") not in TYPES.values():
        raise ModelError(
            f"{CONTAINER}/{name}/model.info describes a model this job cannot apply: {info}.",
            f"model_source must be {SPARK_ML} (with mmlspark_model_type {' or '.join(TYPES.values())}) or {ONNX}.",
        )
    return Trained(name, source, classes, info.get("pretrained_model_type", ""), info.get("mmlspark_model_type", ""), network)


def check_backbone(store: Store, trained: Trained, backbone: Backbone | None) -> Backbone:
    """The order's backbone, when it is the one the model was trained on, to the byte. Raises ModelError."""
    if backbone is None or backbone.name != trained.backbone:
        other = backbone.name if backbone else "none"
        raise ModelError(
            f"The model {trained.name} was trained on features of {trained.backbone}, not of {other}.",
            f"Score with --backbone {trained.backbone}.",
        )
    try:
        known: dict[str, Any] = json.loads(store.get(CONTAINER, f"{trained.name}/training.json"))["backbone"]
    except (NotFoundError, ValueError, KeyError):
        return backbone
    if known.get("sha256") != backbone.sha256:
        raise ModelError(
            f"The network {backbone.name} has changed since the model {trained.name} was trained on its features.",
            "Train again, or restore the network that was used then.",
        )
    return backbone


def load_spark_model(place: Place, trained: Trained) -> Any:
    """The Spark ML model. Raises ModelError when its files are damaged, JobError when it needs SynapseML, which is not there."""
    kind = model_class(trained.type)
    try:
        return kind.load(place.hadoop_url(CONTAINER, f"{trained.name}/model"))
    except JobError:
        raise
    except Exception as error:
        reason = str(error).strip().splitlines()[0][:300]
        raise ModelError(f"The files of the model {trained.name} cannot be read: {reason}", "Train it again.") from error


def _retrained(store: Store, name: str, classes: int) -> Network:
    try:
        about = json.loads(store.get(CONTAINER, f"{name}/model.json"))
        network = Network(name, about["sha256"], int(about["side"]), "scores", int(about["length"]))
    except (NotFoundError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{CONTAINER}/{name}/model.json does not describe the network: {error}", "Import it again: aerial-ops models import"
        ) from None
    if network.length != classes:
        raise ModelError(f"The network {name} gives {network.length} scores, but {LABELS} names {classes} classes.")
    return network
