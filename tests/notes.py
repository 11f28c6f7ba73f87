"""A reporter that keeps what it was told."""

from aerial_ops.reporting import SilentReporter


class Notes(SilentReporter):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)
