"""Bars fit a terminal of 80 columns, and tell what helps at the moment."""

import io

from rich.console import Console
from rich.progress import Progress, TaskID

from aerial_ops.cli.bars import bar_columns


class Watched:
    """A bar at a time of its own, at the end of a line of 80 characters."""

    def __init__(self, unit: str, total: int | None) -> None:
        self.now = 0.0
        self.console = Console(file=io.StringIO(), force_terminal=True, width=80, color_system=None)
        self.progress = Progress(*bar_columns(unit), console=self.console, auto_refresh=False, get_time=lambda: self.now)
        self.task: TaskID = self.progress.add_task("Verifying", total=total)

    def after(self, seconds: float, done: int) -> str:
        self.now += seconds
        self.progress.update(self.task, completed=done)
        with self.console.capture() as capture:
            self.console.print(self.progress)
        [line] = capture.get().splitlines()
        return line


def test_bytes_have_a_speed_and_the_time_that_is_left() -> None:
    bar = Watched("bytes", 400_000_000)
    assert "left" not in bar.after(0, 0)
    bar.after(1, 10_000_000)
    assert bar.after(1, 20_000_000).endswith("20.0/400.0 MB 10.0 MB/s 0:00:02 0:00:38 left")
    assert bar.after(38, 400_000_000).rstrip().endswith("0:00:40")


def test_other_work_is_counted() -> None:
    assert Watched("files", 10_000).after(3, 2_500).rstrip().endswith(" 2500/10000 files 0:00:03")
    assert Watched("files", None).after(3, 2_500).rstrip().endswith("2500/? files 0:00:03")
