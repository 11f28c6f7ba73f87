from pathlib import Path

from .golden import check


def test_mistakes_get_a_sentence(tmp_path: Path) -> None:
    check(Path(__file__).with_name("mistakes.golden"), tmp_path)
