"""Make orders from what a user asks for, and refuse what cannot work before a job is started."""

import json
from collections.abc import Iterable
from typing import Any

from aerial_ops.backbones.store import Description, publish_values, resolve
from aerial_ops.errors import BlobNotFoundError, DataError, RefusedError, UsageError
from aerial_ops.jobs.spec import (
    Backbone,
    CalibrateSpec,
    Classifier,
    ClassifierKind,
    Engine,
    NetworkFile,
    Sample,
    ScoreSpec,
    TrainSpec,
    new_run_id,
)
from aerial_ops.names import checked_name
from aerial_ops.reporting import SILENT, Reporter
from aerial_ops.runs.history import History
from aerial_ops.storage.blobs import BlobInfo, BlobStore
from aerial_ops.storage.layout import COUNTY, TEST, TRAIN, TRAINED, model_info
from aerial_ops.storage.manifest import hash_of

DEFAULT_BACKBONE = "efficientnet-lite0"
CALIBRATION = "calibration"


def train_order(
    store: BlobStore,
    name: str,
    *,
    backbone: str = DEFAULT_BACKBONE,
    classifier: ClassifierKind = "random-forest",
    params: dict[str, Any] | None = None,
    sample: Sample | None = None,
    max_rejected: float = 0.01,
    overwrite: bool = False,
    cache: bool = True,
    engine: Engine = "onnxruntime",
    report: Reporter = SILENT,
) -> TrainSpec:
    """An order to train `name`; its backbone is in `pretrainedmodels` afterwards."""
    checked_name(name)
    images = _images(store, TRAIN, TEST)
    return TrainSpec(
        run_id=new_run_id(name, "train"),
        name=name,
        data=_hashes(images),
        backbone=_backbone(store, resolve(store, backbone, report=report), engine),
        classifier=Classifier.of(classifier, params or {}, seed=0),
        sample=sample or Sample(),
        max_rejected=max_rejected,
        overwrite=overwrite,
        cache=cache,
        engine=engine,
    )


def score_order(
    store: BlobStore,
    name: str,
    *,
    sample: Sample | None = None,
    max_rejected: float = 0.01,
    overwrite: bool = False,
    cache: bool = True,
    engine: Engine = "onnxruntime",
    report: Reporter = SILENT,
) -> ScoreSpec:
    """An order to classify the county with the model `name`, by the very backbone that it was trained on."""
    info = read_model_info(store, checked_name(name))
    is_network = info.get("model_source") == "onnx"
    images = _images(store, COUNTY)
    return ScoreSpec(
        run_id=new_run_id(name, "score"),
        name=name,
        data=_hashes(images),
        backbone=None if is_network else _trained_on(store, name, info["pretrained_model_type"], engine, report),
        model_type=info.get("mmlspark_model_type", ""),
        sample=sample or Sample(),
        max_rejected=max_rejected,
        overwrite=overwrite,
        cache=cache,
        engine=engine,
    )


def calibrate_order(
    store: BlobStore, backbone: str = DEFAULT_BACKBONE, *, tiles: int, report: Reporter = SILENT
) -> CalibrateSpec:
    """An order to measure the features of about `tiles` training tiles, none of them from the cache."""
    images = _images(store, TRAIN)
    return CalibrateSpec(
        run_id=new_run_id(CALIBRATION, "calibrate"),
        name=CALIBRATION,
        data=_hashes(images),
        backbone=_backbone(store, resolve(store, backbone, report=report)),
        sample=Sample(fraction=min(1.0, tiles / len(images[TRAIN]))),
        overwrite=True,
        cache=False,
    )


def read_model_info(store: BlobStore, name: str) -> dict[str, str]:
    """The `key,value` lines of trainedmodels/NAME/model.info. Raises UsageError when there is no such model."""
    try:
        lines = store.read(TRAINED, model_info(name)).decode().splitlines()
    except BlobNotFoundError:
        raise UsageError(
            f"There is no model {name!r} in {TRAINED}.", suggestion=f"Train it: aerial-ops train --name {name}"
        ) from None
    return dict(line.split(",", 1) for line in lines if "," in line)


def parse_params(pairs: Iterable[str]) -> dict[str, Any]:
    """`numTrees=50` and the like; values are JSON where they can be (numbers, true, false), else text."""
    params = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise UsageError(f"--param {pair!r} is not of the form NAME=VALUE.", suggestion="For example: --param numTrees=50")
        try:
            params[key] = json.loads(value)
        except ValueError:
            params[key] = value
    return params


def _hashes(images: dict[str, list[BlobInfo]]) -> dict[str, str | None]:
    return {container: hash_of(blobs) for container, blobs in images.items()}


def _backbone(store: BlobStore, description: Description, engine: Engine = "onnxruntime") -> Backbone:
    found = Backbone.model_validate(description.model_dump())
    if engine == "onnxruntime":
        return found
    file, sha256 = publish_values(store, description)
    return found.model_copy(update={"values": NetworkFile(file=file, sha256=sha256)})


def _trained_on(store: BlobStore, name: str, backbone: str, engine: Engine, report: Reporter) -> Backbone:
    there = _backbone(store, resolve(store, backbone, report=report), engine)
    record = next(iter(History(store).list(kind="train", name=name, limit=1)), None)
    if record and record.backbone and record.backbone.sha256 != there.sha256:
        raise RefusedError(
            f"The model {name!r} was trained on another file of {backbone} than the one in pretrainedmodels: "
            "its features would mean something else.",
            suggestion=f"Train it again: aerial-ops train --name {name} --overwrite",
        )
    return there


def _images(store: BlobStore, *containers: str) -> dict[str, list[BlobInfo]]:
    """What is in the containers, each listed once. Raises DataError for one without anything."""
    found = {}
    for container in containers:
        try:
            found[container] = list(store.list(container))
        except BlobNotFoundError:
            found[container] = []
        if not found[container]:
            raise DataError(
                f"The container {container} holds no images.",
                suggestion="Copy them there first: aerial-ops sync --source FOLDER\n"
                "Nothing at hand? Make some:   aerial-ops data sample FOLDER",
            )
    return found
