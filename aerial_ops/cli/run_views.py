"""How the history looks to a person; the same data as JSON."""

from collections.abc import Iterable, Sequence

from aerial_ops.cli.output import Output
from aerial_ops.runs import comparison, tables
from aerial_ops.runs.history import HOW_TO_START, History, Metric
from aerial_ops.runs.record import Kind, RunRecord

EMPTY = f"There are no runs yet. {HOW_TO_START}"


class RunViews:
    """The commands of `aerial-ops runs` over one history."""

    def __init__(self, history: History, out: Output) -> None:
        self._history = history
        self._out = out

    def list(self, kind: Kind | None, name: str | None, limit: int | None) -> None:
        """A line a run, of the newest `limit`; a sentence when there are more, or none."""
        records = self._history.list(kind, name, limit and limit + 1)
        if limit and len(records) > limit:
            records = records[:limit]
            self._out.note(f"The newest {limit}; there are more: aerial-ops runs list --all")
        if not records:
            self._out.note(EMPTY if kind is None and name is None else "No run fits. All runs: aerial-ops runs list")
        self._show([record.model_dump(mode="json") for record in records], [tables.listing(records)] if records else [])

    def show(self, key: str) -> None:
        """Everything about one run."""
        record = self._history.get(key)
        self._show(record.model_dump(mode="json"), tables.details(record))

    def compare(self, keys: Sequence[str]) -> None:
        """Runs side by side, by default the newest training of every model."""
        records = [self._history.get(key) for key in dict.fromkeys(keys)] or self._history.newest()
        if not records:
            self._out.note(EMPTY)
        data = comparison.compare(records)
        self._show(data, tables.comparison(data) if records else [])

    def best(self, metric: Metric) -> None:
        """The best of the newest trainings."""
        record: RunRecord = self._history.best(metric)
        self._show(record.model_dump(mode="json"), [tables.listing([record])])

    def _show(self, data: object, shown: Iterable[tables.Table]) -> None:
        def show() -> None:
            for number, table in enumerate(shown):
                if number:
                    self._out.line()
                self._out.table(table.columns, table.rows, table.right)

        self._out.result(data, show)
