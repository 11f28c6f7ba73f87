"""What a progress bar on a terminal tells."""

from collections.abc import Sequence

from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text


class _Left(TimeRemainingColumn):
    """The time that is left, said to be that; nothing when the end is reached or not known."""

    def render(self, task: Task) -> Text:
        return Text() if task.finished or task.time_remaining is None else super().render(task).append(" left")


def bar_columns(unit: str) -> Sequence[ProgressColumn]:
    """The columns for work counted in `unit`: "bytes", with speed and time left, or a plural such as "tiles"."""
    if unit == "bytes":
        amount: list[ProgressColumn] = [BarColumn(24), DownloadColumn(), TransferSpeedColumn(), TimeElapsedColumn(), _Left()]
    else:
        amount = [BarColumn(24), MofNCompleteColumn(), TextColumn(unit), TimeElapsedColumn()]
    return [TextColumn("{task.description}"), *amount]
