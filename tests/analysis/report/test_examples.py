from collections import Counter

import numpy as np

from aerial_ops.analysis.report.examples import RIGHT_EACH, SPARE, WRONG_EACH, choose_examples
from aerial_ops.analysis.report.sections import mistakes
from aerial_ops.analysis.report.sources import ReportData
from aerial_ops.analysis.tables import Predictions
from aerial_ops.reporting import SilentTask
from tests.analysis.synthetic import picture
from tests.memory_store import MemoryStore


def test_every_class_is_shown_right_and_wrong(data: ReportData) -> None:
    assert data.metrics
    classes = list(data.metrics.classes)
    assert [one.label for one in data.examples.right] == sorted(classes * RIGHT_EACH)
    assert all(one.label == one.predicted for one in data.examples.right)
    wrong = Counter(one.label for one in data.examples.wrong)
    rows = dict(zip(classes, data.metrics.confusion, strict=True))
    assert wrong == {name: min(WRONG_EACH, sum(row) - row[classes.index(name)]) for name, row in rows.items()}
    assert all(one.certainty is not None and 0 < one.certainty <= 1 for one in data.examples.wrong)


def test_a_class_s_most_frequent_mistakes_come_first(data: ReportData) -> None:
    assert data.metrics
    for line in mistakes(data):
        row = dict(zip(data.metrics.classes, data.metrics.confusion[data.metrics.classes.index(line.name)], strict=True))
        assert line.tiles == sum(row.values()) and line.wrong == line.tiles - row.pop(line.name)
        shown = [one.predicted for one in line.examples]
        assert all(one.label == line.name for one in line.examples)
        assert row[shown[0]] == max(row.values())
        kinds = sum(tiles > 0 for tiles in row.values())
        assert len(set(shown)) == min(WRONG_EACH, kinds)


def test_a_missing_picture_is_replaced_by_the_next() -> None:
    store = MemoryStore()
    paths = [f"Forest/{i}.png" for i in range(RIGHT_EACH * SPARE)]
    there = paths[RIGHT_EACH:]
    for path in there:
        store.write("test", path, picture("Forest", 1, side=32))
    predictions = Predictions(paths, ["Forest"] * len(paths), ["Forest"] * len(paths))
    examples = choose_examples(store, predictions, np.full(len(paths), np.nan), SilentTask())  # type: ignore[arg-type]
    assert len(examples.right) == RIGHT_EACH and {one.path for one in examples.right} <= set(there)
    assert all(one.certainty is None for one in examples.right)
    assert examples.wrong == ()
