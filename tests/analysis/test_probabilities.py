import io

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from aerial_ops.analysis.probabilities import read_probabilities
from aerial_ops.errors import DataError


def written(**columns: list[object]) -> bytes:
    sink = io.BytesIO()
    parquet.write_table(pa.table(columns), sink)
    return sink.getvalue()


def test_each_tile_finds_the_probability_of_its_label_and_of_any_class() -> None:
    raw = written(filepath=["wasbs://c@h/f/a.png", "b.png"], pred_label=["X", "Y"], p_X=[0.75, 0.2], p_Y=[0.25, 0.8])
    found = read_probabilities(raw, "p")
    assert found.classes == ("X", "Y") and found.paths == ["f/a.png", "b.png"]
    assert found.certainty(["b.png", "a.png"], ["Y", "X"]).tolist() == [0.8, 0.75]
    assert found.of(["a.png", "b.png"], "Y").tolist() == [0.25, 0.8]
    unknown = found.certainty(["c.png", "a.png"], ["X", "Z"])
    assert np.isnan(unknown).all()


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"no parquet", "not readable"),
        (written(filepath=["a"], pred_label=["X"]), "no column p_CLASS"),
        (written(path=["a"], p_X=[0.5]), "not readable"),
        (written(filepath=["a"], p_X=["much"]), "not readable"),
        (written(filepath=["a"], p_X=[1.5]), "not between 0 and 1"),
        (written(filepath=["a"], p_X=[None]), "not between 0 and 1|not readable"),
    ],
)
def test_what_is_no_table_of_probabilities_is_refused(raw: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        read_probabilities(raw, "predictions/m_predictions_o16n.parquet")
    assert "predictions/m_predictions_o16n.parquet" in caught.value.message
