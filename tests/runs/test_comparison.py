from aerial_ops.runs.comparison import compare, differences
from aerial_ops.runs.tables import comparison, details, listing
from tests.runs.conftest import Maker

FOREST = {"kind": "random-forest", "params": {"numTrees": 20, "maxDepth": 5}, "seed": 0}
LOGISTIC = {"kind": "logistic-regression", "params": {"regParam": 0.01}, "seed": 0}
BACKBONE = {"name": "resnet18", "sha256": "f" * 64}


def test_only_what_differs_is_shown(record: Maker) -> None:
    runs = [record("a", backbone=BACKBONE, classifier=FOREST), record("b", backbone=BACKBONE, classifier=LOGISTIC)]
    assert differences(runs) == {
        "classifier": ["random-forest", "logistic-regression"],
        "maxDepth": [5, None],
        "numTrees": [20, None],
        "regParam": [None, 0.01],
    }
    assert differences(runs[:1]) == {}


def test_comparison_holds_quality_time_and_price(record: Maker) -> None:
    data = compare([record("a", right=6, seconds=80.0, cost_usd=0.5), record("b", right=9), record("c", metrics=None)])
    assert data["best"] == "b-train-000"
    first, second, third = data["runs"]
    assert (first["accuracy"], first["seconds"], first["cost_usd"]) == (0.8, 80.0, 0.5)
    assert second["accuracy_interval"][0] < 0.95 < second["accuracy_interval"][1]
    assert third["accuracy"] is None
    assert compare([])["best"] is None


def test_tables_have_as_many_cells_as_columns(record: Maker) -> None:
    full = record(
        "a", backbone=BACKBONE, classifier=FOREST, counts={"train": {"listed": 3}}, timings={"fit": 1.0},
        predicted={"Forest": 2}, error={"message": "[/red] odd"}, batch={"id": 1, "name": "a"},
    )  # fmt: skip
    tables = [listing([full]), *details(full), *comparison(compare([full, record("b", metrics=None)]))]
    assert len(tables) == 10
    for table in tables:
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert set(table.right) <= set(table.columns)


def test_hashes_are_cut_and_numbers_are_rounded_for_people(record: Maker) -> None:
    shown = {row[0]: row[1] for row in details(record("a", backbone=BACKBONE, seconds=95.4))[0].rows}
    assert shown["backbone sha256"] == "f" * 12
    assert shown["time"] == "1 min 35 s"
