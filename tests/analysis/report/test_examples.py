from aerial_ops.analysis.report.examples import EACH, choose_examples
from aerial_ops.analysis.report.sources import ReportData
from aerial_ops.analysis.tables import Predictions
from aerial_ops.reporting import SilentTask
from tests.analysis.synthetic import picture
from tests.memory_store import MemoryStore


def test_every_class_and_the_most_frequent_mistakes_are_shown(data: ReportData) -> None:
    assert len(data.examples.right) == len(data.examples.wrong) == EACH
    assert data.metrics
    assert {one.label for one in data.examples.right} == set(data.metrics.classes)
    counts = {
        (t, p): n for t, row in zip(data.metrics.classes, data.metrics.confusion, strict=True)
        for p, n in zip(data.metrics.classes, row, strict=True) if t != p
    }  # fmt: skip
    shown = [counts[one.label, one.predicted] for one in data.examples.wrong]
    assert shown == sorted(shown, reverse=True) and shown[0] == max(counts.values())
    assert all(one.certainty is not None and 0 < one.certainty <= 1 for one in data.examples.wrong)


def test_a_missing_picture_is_replaced_by_the_next() -> None:
    store = MemoryStore()
    paths = [f"Forest/{i}.png" for i in range(EACH + 5)]
    for path in paths[5:]:
        store.write("test", path, picture("Forest", 1, side=32))
    predictions = Predictions(paths, ["Forest"] * len(paths), ["Forest"] * len(paths))
    examples = choose_examples(store, predictions, [], SilentTask())  # type: ignore[arg-type]
    assert {one.path for one in examples.right} == set(paths[5:])
    assert all(one.certainty is None for one in examples.right)
    assert examples.wrong == ()
