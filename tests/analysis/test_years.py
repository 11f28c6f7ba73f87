import numpy as np

from aerial_ops.analysis.tables import Places, Predictions
from aerial_ops.analysis.years import by_year


def places_of(names: list[str]) -> Places:
    sides = (np.arange(len(names)) + 0.1 * k for k in range(4))
    return Places(names, *sides, unusable=3)


def test_tiles_in_folders_of_years_are_divided() -> None:
    names = ["2018/a.png", "2009/a.png", "2018/b.png"]
    predictions = Predictions(["2009/a.png", "2018/b.png", "2018/a.png"], ["Forest", "Water", "Shrub"], [])
    old, new = by_year(places_of(names), predictions)
    assert (old.name, new.name) == ("2009", "2018")
    assert old.places.names == ["2009/a.png"] and new.places.names == ["2018/a.png", "2018/b.png"]
    assert new.places.south.tolist() == [0, 2] and new.places.east.tolist() == [0.30000000000000004, 2.3]
    assert (old.places.unusable, new.places.unusable) == (0, 3)
    assert old.predictions == Predictions(["2009/a.png"], ["Forest"], [])
    assert new.predictions == Predictions(["2018/b.png", "2018/a.png"], ["Water", "Shrub"], [])


def test_a_county_without_such_folders_stays_whole() -> None:
    for names in (["a.png", "b.png"], ["north/a.png", "south/b.png"], ["2018/a.png", "b.png"], ["2018/x/a.png"], []):
        places, predictions = places_of(names), Predictions(names, ["Forest"] * len(names), [])
        (only,) = by_year(places, predictions)
        assert only.name == "" and only.places is places and only.predictions is predictions
