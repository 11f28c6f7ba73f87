"""What a CI job shows of an experiment: also when it fails, and when the page cannot be written."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from aerial_ops.errors import LeftBehindError, RefusedError
from aerial_ops.experiment.summary import Summary
from aerial_ops.infrastructure.approval import Proposal, allow
from aerial_ops.infrastructure.cost import Rate
from aerial_ops.infrastructure.down import Removed
from aerial_ops.infrastructure.prices import NodePrice

DEADLINE = datetime(2026, 11, 24, 18, tzinfo=UTC)


def rate() -> Rate:
    price = NodePrice("Standard_D12_V2", "eastus", 0.5, DEADLINE.date(), "price list")
    return Rate((("worker", 4, price),))


def test_the_price_is_written_when_it_was_allowed(tmp_path: Path) -> None:
    told = Summary(tmp_path / "page.md", "it")
    told.noting(allow)(Proposal("?", rate=rate(), usd_until_deadline=4.0, deadline=DEADLINE))
    told.noting(allow)(Proposal("Without a price?"))
    assert (tmp_path / "page.md").read_text() == (
        "Price: 2.00 $/h (price list of 2026-11-24), 4.00 $ at most, until 2026-11-24 18:00 UTC.\n\n"
    )


def test_a_price_that_was_refused_is_not_told_as_allowed(tmp_path: Path) -> None:
    def refuse(_: Proposal) -> None:
        raise RefusedError("No.")

    with pytest.raises(RefusedError):
        Summary(tmp_path / "page.md", "it").noting(refuse)(Proposal("?", rate=rate(), usd_until_deadline=4.0, deadline=DEADLINE))
    assert not (tmp_path / "page.md").exists()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (LeftBehindError("Not everything is gone.", left="Still there: x"), "(exit code 4): Not everything is gone."),
        (KeyboardInterrupt(), "(exit code 130): KeyboardInterrupt"),
        (ValueError("secret"), "(exit code 1): ValueError"),
    ],
)
def test_a_failure_is_told_and_goes_on(tmp_path: Path, error: BaseException, words: str) -> None:
    with pytest.raises(type(error)), Summary(tmp_path / "page.md", "it").running("Run"):
        raise error
    page = (tmp_path / "page.md").read_text()
    assert page.startswith("### Run it\n\n") and words in page and "secret" not in page
    assert ("Still there: x" in page) == isinstance(error, LeftBehindError)


def test_a_page_that_cannot_be_written_does_not_hide_the_error(tmp_path: Path) -> None:
    notes: list[str] = []
    told = Summary(tmp_path / "no-such-folder" / "page.md", "it", notes.append)
    with pytest.raises(LeftBehindError), told.running("Run"):
        raise LeftBehindError("Not everything is gone.")
    told.removed(None)
    assert [note.split(": ")[1] for note in notes] == ["No such file or directory."]  # said once


def test_a_page_that_cannot_be_written_does_not_stop_a_removal(tmp_path: Path) -> None:
    told = Summary(tmp_path, "it")
    with told.running("Remove"):
        assert told.removed(Removed("it", (), False, 0.0)) is not None


@pytest.mark.parametrize(
    ("removed", "words"),
    [
        (None, "The environment was kept"),
        (Removed("it", (), False, 0.0), "There was nothing to remove.\n"),
        (
            Removed("it", ("a", "b"), False, 1.5),
            "Removed: 2 things, 0 left, as Azure lists them by tag. The cluster cost 1.50 $.",
        ),
        (Removed("it", ("a",), True, 0.0, left=3), "Removed: 1 things, the data was kept.\n"),
    ],
)
def test_what_became_of_the_environment(tmp_path: Path, removed: Removed | None, words: str) -> None:
    Summary(tmp_path / "page.md", "it").removed(removed)
    assert words in (tmp_path / "page.md").read_text()


def test_without_a_page_nothing_is_written(tmp_path: Path) -> None:
    Summary(None, "it").removed(None)
    assert list(tmp_path.iterdir()) == []
