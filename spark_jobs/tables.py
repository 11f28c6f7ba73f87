"""The files a job leaves: CSV (RFC 4180 quoting, line feeds), Parquet with probabilities, and the small text files of a model."""

from __future__ import annotations

import csv
import io
from typing import Any, Iterable, Sequence

from spark_jobs.errors import ModelError
from spark_jobs.learn import Predicted

REJECTED_HEADER = ("filepath", "reason")
MODEL_INFO = ("output_model_name", "model_source", "pretrained_model_type", "retraining_type", "mmlspark_model_type")


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A CSV file in UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def prediction_csv(predictions: Iterable[Predicted], classes: Sequence[str], labelled: bool) -> bytes:
    """filepath,label,pred_label of the test set, or filepath,pred_label of unlabelled tiles."""
    if labelled:
        return csv_bytes(
            ("filepath", "label", "pred_label"), ((row.path, classes[row.label], classes[row.prediction]) for row in predictions)
        )
    return csv_bytes(("filepath", "pred_label"), ((row.path, classes[row.prediction]) for row in predictions))


def prediction_parquet(predictions: Sequence[Predicted], classes: Sequence[str], labelled: bool) -> bytes:
    """The same rows as Parquet, with a float64 column p_CLASS for each class."""
    import pyarrow as pa
    from pyarrow import parquet

    columns: dict[str, Any] = {"filepath": pa.array([row.path for row in predictions], pa.string())}
    if labelled:
        columns["label"] = pa.array([classes[row.label] for row in predictions], pa.string())
    columns["pred_label"] = pa.array([classes[row.prediction] for row in predictions], pa.string())
    for index, name in enumerate(classes):
        columns[f"p_{name}"] = pa.array([row.probabilities[index] for row in predictions], pa.float64())
    sink = io.BytesIO()
    parquet.write_table(pa.table(columns), sink)
    return sink.getvalue()


def rejected_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """filepath,reason; the path begins with the container, since train and test may hold the same one."""
    return csv_bytes(REJECTED_HEADER, sorted(map(tuple, rows)))


def read_csv(data: bytes) -> list[list[str]]:
    """The rows of a CSV file without its header."""
    return list(csv.reader(io.StringIO(data.decode(), newline="")))[1:]


def model_info_text(values: dict[str, str]) -> bytes:
    """The `key,value` lines of model.info, in the original's order."""
    return "".join(f"{key},{values[key]}\n" for key in MODEL_INFO).encode()


def read_model_info(data: bytes) -> dict[str, str]:
    """model.info as a dictionary."""
    lines = (line.strip().partition(",") for line in data.decode().splitlines())
    return {key.strip(): value.strip() for key, comma, value in lines if comma}


def labels_text(classes: Sequence[str]) -> bytes:
    """labels_to_inds.tsv: label, tab, index."""
    return "".join(f"{name}\t{index}\n" for index, name in enumerate(classes)).encode()


def read_labels(data: bytes, where: str) -> list[str]:
    """The classes by index. Raises ModelError when the indices are not 0, 1, 2, ..."""
    found: dict[int, str] = {}
    for line in data.decode().splitlines():
        name, tab, index = line.rpartition("\t")
        if line.strip() and not (tab and index.strip().isdigit()):
            raise ModelError(f"{where} has a line that is not label, tab, index: {line!r}.")
        if tab:
            found[int(index)] = name
    if not found or sorted(found) != list(range(len(found))):
        raise ModelError(f"{where} must give the indices 0, 1, 2, ... once each; it gives {sorted(found)}.")
    return [found[index] for index in range(len(found))]
