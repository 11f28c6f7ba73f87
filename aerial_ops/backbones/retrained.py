"""Networks retrained elsewhere, put into `trainedmodels` so that they score tiles as they are."""

from pathlib import Path

from aerial_ops.backbones.labels import labels_text, read_labels
from aerial_ops.backbones.prepared import Description
from aerial_ops.backbones.sources import UNTOLD, NetworkOptions, prepare_retrained
from aerial_ops.errors import BackboneError, RefusedError, UsageError
from aerial_ops.names import checked_name
from aerial_ops.reporting import SILENT, Reporter
from aerial_ops.storage import layout
from aerial_ops.storage.blobs import BlobStore

UNKNOWN = "unknown"


def import_model(
    store: BlobStore,
    name: str,
    file: Path,
    labels_file: Path,
    *,
    options: NetworkOptions = UNTOLD,
    pretrained_model_type: str = UNKNOWN,
    retraining_type: str = UNKNOWN,
    overwrite: bool = False,
    report: Reporter = SILENT,
) -> Description:
    """Check the network and its labels, fold its preprocessing in, and put it there as the model `name`.

    `pretrained_model_type` (such as resnet18) and `retraining_type` (such as last_only) go to model.info as they are.
    Raises UsageError for a wrong name or labels, RefusedError for a taken name, BackboneError for an unfit network; nothing is
    written then.
    """
    checked_name(name)
    origin = {"pretrained_model_type": pretrained_model_type, "retraining_type": retraining_type}
    for key, value in origin.items():
        if not value or not value.isprintable() or "," in value:
            raise UsageError(f"{value!r} cannot be a {key}: model.info holds a key, a comma and a value on a line.")
    classes = read_labels(labels_file)
    prepared = prepare_retrained(file, options, name)
    scores = prepared.description.length
    if scores != len(classes):
        raise BackboneError(
            f"{file.name} gives {scores} scores per tile, but {labels_file.name} names {len(classes)} classes.",
            suggestion="Give the labels of the very network, or name its output with --output.",
        )
    if store.exists(layout.TRAINED, layout.model_info(name)) and not overwrite:
        raise RefusedError(
            f"A model named {name} exists already.", suggestion="Choose another name, or replace it with --overwrite."
        )
    store.ensure_containers([layout.TRAINED])
    _remove(store, name)
    info = {"output_model_name": name, "model_source": "onnx", **origin, "mmlspark_model_type": "none"}
    store.write(layout.TRAINED, layout.retrained_network(name), prepared.model)
    store.write(
        layout.TRAINED, layout.retrained_description(name), prepared.description.as_json(), content_type="application/json"
    )
    store.write(layout.TRAINED, layout.labels_to_inds(name), labels_text(classes), content_type="text/tab-separated-values")
    store.write(
        layout.TRAINED,
        layout.model_info(name),
        "".join(f"{key},{value}\n" for key, value in info.items()),
        content_type="text/plain",
    )
    report.note(f"The model {name} gives a score for each of: {', '.join(classes)}.")
    for note in prepared.description.notes:
        report.note(f"{name}: {note}.")
    return prepared.description


def _remove(store: BlobStore, name: str) -> None:
    """What an older model or a broken import left. model.info goes first: without it there is no model."""
    store.delete(layout.TRAINED, layout.model_info(name))
    for blob in list(store.list(layout.TRAINED, f"{name}/")):
        store.delete(layout.TRAINED, blob.name)
