"""Colours of classes and groups on maps, as #rrggbb."""

from collections.abc import Sequence
from typing import Literal

from aerial_ops.analysis.metrics import CULTIVATED, DEVELOPED, GROUPS, UNDEVELOPED

Palette = Literal["standard", "colour-blind"]

GROUP_COLOURS: dict[Palette, dict[str, str]] = {
    "standard": {DEVELOPED: "#d62f2a", CULTIVATED: "#ffffff", UNDEVELOPED: "#3f8f4f"},
    "colour-blind": {DEVELOPED: "#d55e00", CULTIVATED: "#f7f2c4", UNDEVELOPED: "#2a6fa8"},
}
"""The standard colours are those of the original map: Developed red, Cultivated white, the rest green."""

CLASS_COLOURS: dict[Palette, dict[str, str]] = {
    "standard": {
        "Barren": "#b9ad9c",
        "Cultivated": "#e7c65c",
        "Developed": "#d62f2a",
        "Forest": "#1f6b3a",
        "Herbaceous": "#a9cc7a",
        "Shrub": "#8a7a3c",
        "Water": "#3f78b5",
        "Wetlands": "#6fb3b0",
    },
    "colour-blind": {
        "Barren": "#777777",
        "Cultivated": "#f0e442",
        "Developed": "#d55e00",
        "Forest": "#00664b",
        "Herbaceous": "#7fcdb4",
        "Shrub": "#cc79a7",
        "Water": "#0072b2",
        "Wetlands": "#56b4e9",
    },
}
"""Land looks like itself in the standard colours; the others follow Okabe and Ito (2008) and differ in lightness too."""

SPARE_COLOURS = ("#7b5ea7", "#3fb5c4", "#c77f4a", "#5a6b7b", "#b04f83", "#8fa33a", "#4b4fa3", "#d9a0a0")


def group_colours(palette: Palette = "standard") -> dict[str, str]:
    """A colour for each of the three groups."""
    return {group: GROUP_COLOURS[palette][group] for group in GROUPS}


def class_colours(classes: Sequence[str], palette: Palette = "standard") -> dict[str, str]:
    """A colour for each class; classes without one of their own take spare ones, in order."""
    known = {name.casefold(): colour for name, colour in CLASS_COLOURS[palette].items()}
    others = [name for name in classes if name.casefold() not in known]
    spare = {name: SPARE_COLOURS[i % len(SPARE_COLOURS)] for i, name in enumerate(others)}
    return {name: known.get(name.casefold()) or spare[name] for name in classes}
