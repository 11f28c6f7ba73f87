import io

import pytest
from pyarrow import parquet

from spark_jobs.errors import ModelError
from spark_jobs.learn import Predicted
from spark_jobs.tables import (
    labels_text,
    prediction_csv,
    prediction_parquet,
    read_csv,
    read_labels,
    read_model_info,
    rejected_csv,
)

CLASSES = ["Forest", "Shrub"]
ROWS = [Predicted('Forest/a, "b".png', 0, 1, (0.25, 0.75)), Predicted("Forest/é.png", 0, 0, (0.5, 0.5))]


def test_csv_follows_rfc_4180_with_line_feeds() -> None:
    assert prediction_csv(ROWS, CLASSES, labelled=True).decode() == (
        'filepath,label,pred_label\n"Forest/a, ""b"".png",Forest,Shrub\nForest/é.png,Forest,Forest\n'
    )
    assert prediction_csv(ROWS[1:], CLASSES, labelled=False).decode() == "filepath,pred_label\nForest/é.png,Forest\n"


def test_parquet_has_a_probability_per_class() -> None:
    table = parquet.read_table(io.BytesIO(prediction_parquet(ROWS, CLASSES, labelled=True)))
    assert table.column_names == ["filepath", "label", "pred_label", "p_Forest", "p_Shrub"]
    assert table.to_pylist()[0] == {
        "filepath": 'Forest/a, "b".png',
        "label": "Forest",
        "pred_label": "Shrub",
        "p_Forest": 0.25,
        "p_Shrub": 0.75,
    }


def test_rejected_rows_are_sorted_and_come_back() -> None:
    data = rejected_csv([("train/b\nc.png", "empty file"), ("test/a.png", "damaged image: a, b")])
    assert data.startswith(b"filepath,reason\n")
    assert read_csv(data) == [["test/a.png", "damaged image: a, b"], ["train/b\nc.png", "empty file"]]


def test_labels_come_back_by_index() -> None:
    assert read_labels(labels_text(CLASSES), "x") == CLASSES
    assert read_labels(b"Shrub\t1\r\nForest\t0\r\n", "x") == CLASSES


@pytest.mark.parametrize("data", [b"", b"Forest 0\n", b"Forest\t0\nShrub\t2\n", b"Forest\tx\n", b"Forest\t1\nShrub\t1\n"])
def test_labels_that_make_no_sense(data: bytes) -> None:
    with pytest.raises(ModelError, match=r"x must give|x has a line"):
        read_labels(data, "x")


def test_model_info_is_read_leniently() -> None:
    assert read_model_info(b"model_source, onnx\r\n\nnonsense\noutput_model_name,a\n") == {
        "model_source": "onnx",
        "output_model_name": "a",
    }
