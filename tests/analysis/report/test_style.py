"""The page's colours: text can be read on every ground, light and dark (WCAG 2, AA)."""

import re
from importlib import resources

import pytest

from aerial_ops.analysis.palette import CLASS_COLOURS, GROUP_COLOURS
from aerial_ops.analysis.report.differences import COLOURS, OTHER, SAME
from aerial_ops.analysis.report.heat import contrast

STYLE = resources.files("aerial_ops.analysis.report").joinpath("templates", "page.css").read_text("utf-8")
LIGHT, DARK = (dict(re.findall(r"--(\w[\w-]*): (#\w{6})", block)) for block in re.findall(r":root \{([^}]*)\}", STYLE)[:2])


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "card", "faint"])
@pytest.mark.parametrize("text", ["ink", "soft", "accent"])
def test_text_can_be_read(theme: dict[str, str], text: str, ground: str) -> None:
    assert contrast(theme[text], theme[ground]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_warnings_and_pressed_buttons_can_be_read(theme: dict[str, str]) -> None:
    assert contrast(theme["warn"], theme["warn-soft"]) >= 4.5 and contrast(theme["ink"], theme["warn-soft"]) >= 4.5
    assert contrast(theme["warn"], theme["paper"]) >= 4.5 and contrast(theme["paper"], theme["accent"]) >= 4.5


def as_seen(colour: str, matrix: tuple[tuple[float, float, float], ...]) -> tuple[float, ...]:
    """A colour as people without one kind of cone see it (Machado et al. 2009), in linear light."""
    linear = [(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4) for value in channels(colour)]
    return tuple(sum(weight * value for weight, value in zip(row, linear, strict=True)) for row in matrix)


def channels(colour: str) -> list[float]:
    return [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]


PROTANOPIA = ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998))
DEUTERANOPIA = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))


@pytest.mark.parametrize("matrix", [PROTANOPIA, DEUTERANOPIA], ids=["protanopia", "deuteranopia"])
@pytest.mark.parametrize(
    "colours",
    [list(GROUP_COLOURS["colour-blind"].values()), list(CLASS_COLOURS["colour-blind"].values()), [*COLOURS, SAME, OTHER]],
    ids=["groups", "classes", "differences"],
)
def test_safe_colours_are_told_apart_without_red_or_green(
    colours: list[str], matrix: tuple[tuple[float, float, float], ...]
) -> None:
    seen = [as_seen(colour, matrix) for colour in colours]
    for i, one in enumerate(seen):
        for j in range(i):
            far = sum((a - b) ** 2 for a, b in zip(one, seen[j], strict=True)) ** 0.5
            assert far > 0.1, f"{colours[i]} and {colours[j]} look alike"
