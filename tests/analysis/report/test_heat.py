import pytest

from aerial_ops.analysis.report.heat import LEVELS, cells, contrast, level


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read_on_every_cell(theme: str) -> None:
    for name, (background, ink) in cells(theme).items():
        assert contrast(background, ink) >= 4.5, name


def test_known_contrasts() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.01)


def test_levels_rise_with_the_share_and_little_is_not_nothing() -> None:
    steps = [level(share / 100) for share in range(101)]
    assert steps == sorted(steps)
    assert (steps[0], level(0.0001), steps[100]) == (0, 1, LEVELS)
