import numpy as np
import pytest

from aerial_ops.analysis.export import changes
from aerial_ops.analysis.export.changes import DARK, GREY, year_change
from aerial_ops.analysis.export.layers import MapLayers
from aerial_ops.analysis.palette import class_colours
from tests.analysis.counties import county_like

LETTERS = {"c": "Cultivated", "d": "Developed", "f": "Forest"}


def layers(*board: str) -> MapLayers:
    return MapLayers("m", county_like(board, LETTERS), None, None, None, {})


def test_every_tile_has_its_kind_of_change_the_most_frequent_first() -> None:
    found = year_change("m_change", layers("fffc", "fffc", "ff  "), layers("fddd", "fffd", "fccc"), None)
    assert found.kinds == ("Unchanged", "Cultivated to Developed", "Forest to Developed", "Forest to Cultivated")
    assert found.kind.tolist() == [0, 2, 2, 1, 0, 0, 0, 1, 0, 3, -1, -1]
    colours = class_colours(LETTERS.values())  # type: ignore[arg-type]
    assert found.colours == (GREY, colours["Developed"], colours["Developed"], colours["Cultivated"])
    assert [tuple(place.after) for place in found.places] == [("Developed",), ("Developed",), ("Cultivated",)]


def test_more_kinds_than_can_be_named_are_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "MOST_KINDS", 1)
    found = year_change("m_change", layers("ffff"), layers("fddc"), None)
    assert found.kinds == ("Unchanged", "Forest to Developed", "Other change") and found.colours[2] == DARK
    assert found.kind.tolist() == [0, 1, 1, 2]


def test_a_map_that_stayed_the_same_has_no_kinds() -> None:
    found = year_change("m_change", layers("fd"), layers("fd"), None)
    assert found.kinds == ("Unchanged",) and not found.places and not np.any(found.kind)
