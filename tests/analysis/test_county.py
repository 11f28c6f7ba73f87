import numpy as np
import pytest

from aerial_ops.analysis.county import county_of
from aerial_ops.analysis.geodesy import areas
from aerial_ops.analysis.smoothing import UNKNOWN
from aerial_ops.analysis.tables import (
    Places,
    Predictions,
    blob_name,
    read_labels,
    read_places,
    read_predictions,
    read_rejected,
)
from aerial_ops.errors import DataError

HEADER = "filename,llcrnrlat,llcrnrlon,urcrnrlat,urcrnrlon\n"
STEP = 0.002


def places_csv(rows: int = 3, cols: int = 4, prefix: str = "") -> str:
    lines = [
        f"{prefix}t{r}_{c}.png,{42.5 - r * STEP - STEP:.6f},{-71 + c * STEP:.6f},{42.5 - r * STEP:.6f},{-71 + (c + 1) * STEP:.6f}"
        for r in range(rows)
        for c in range(cols)
    ]
    return HEADER + "\n".join(lines) + "\n"


def places(**shape: int) -> Places:
    return read_places(places_csv(**shape).encode(), "tiles")


def predictions(labels: dict[str, str]) -> Predictions:
    return Predictions(list(labels), list(labels.values()), [])


def test_a_whole_county() -> None:
    tiles = places()
    county = county_of(tiles, predictions(dict.fromkeys(tiles.names, "Forest")), ["Developed", "Forest"])
    assert len(county) == 12 and county.grid.shape == (3, 4)
    assert (county.unscored, county.unplaced, county.unusable) == (0, 0, 0)
    assert county.tiles(county.raw) == {"Developed": 0, "Forest": 12}
    assert county.places.names[0] == "t0_0.png" and (county.grid.rows[0], county.grid.cols[0]) == (0, 0)


def test_missing_and_extra_tiles_are_counted_on_both_sides() -> None:
    tiles = places()
    county = county_of(tiles, predictions({"t0_0.png": "Forest", "t2_3.png": "Shrub", "elsewhere.png": "Shrub"}))
    assert (len(county), county.unscored, county.unplaced) == (2, 10, 1)
    assert county.classes == ("Forest", "Shrub")
    assert list(county.grid.rows) == [0, 2] and list(county.grid.cols) == [0, 3]


def test_unscored_tiles_keep_neighbours_apart_when_smoothing() -> None:
    tiles = places(rows=1, cols=5)
    scored = {"t0_0.png": "Forest", "t0_1.png": "Shrub", "t0_2.png": "Forest", "t0_4.png": "Shrub"}
    county = county_of(tiles, predictions(scored), ["Forest", "Shrub"])
    assert [county.classes[i] for i in county.smoothed] == ["Forest", "Shrub", "Forest", "Shrub"]
    crowded = county_of(
        places(rows=3, cols=3), predictions({f"t{r}_{c}.png": "SF"[r != 1 or c != 1] for r in range(3) for c in range(3)})
    )
    assert set(crowded.smoothed) == {crowded.classes.index("F")}


def test_tiles_are_found_by_address_folder_or_file_name() -> None:
    scored = {"wasbs://middlesexma2016@acc.blob.core.windows.net/deep/t0_0.png": "Forest", "/t0_1.png": "Forest"}
    read = read_predictions(
        ("filepath,pred_label\n" + "".join(f"{k},{v}\n" for k, v in scored.items())).encode(), "p", labelled=False
    )
    assert len(county_of(places(), read)) == 2
    nested = read_places(places_csv(prefix="a/").encode(), "tiles")
    assert len(county_of(nested, predictions({"b/t0_0.png": "Forest", "a/t0_1.png": "Forest"}))) == 1


def test_labels_from_elsewhere_are_laid_onto_the_tiles() -> None:
    tiles = places()
    county = county_of(tiles, predictions(dict.fromkeys(tiles.names[1:], "Forest")), ["Developed", "Forest"])
    older = read_labels(
        b"label,filename\nDeveloped,t0_1.png\n,t0_2.png\nWater,t0_3.png\nForest,f/t1_0.png\nForest,t0_0.png\n", "o"
    )
    assert older == {"t0_1.png": "Developed", "t0_3.png": "Water", "f/t1_0.png": "Forest", "t0_0.png": "Forest"}
    assert county.indices(older).tolist() == [0, UNKNOWN, UNKNOWN, 1] + [UNKNOWN] * 7
    assert county.indices({}).tolist() == [UNKNOWN] * 11


def test_nothing_joined_and_nothing_at_all() -> None:
    assert len(county_of(places(), predictions({"x.png": "Forest"}))) == 0
    empty = county_of(read_places(HEADER.encode(), "tiles"), predictions({"x.png": "Forest"}))
    assert (len(empty), empty.unplaced, empty.grid.shape) == (0, 1, (0, 0))


def test_land_is_measured_on_the_ellipsoid() -> None:
    pyproj = pytest.importorskip("pyproj", reason="pyproj comes with the extra geo")
    south, west = np.array([42.5]), np.array([-71.4])
    found = areas(south, west, south + 0.002, west + 0.0027)[0]
    geod = pyproj.Geod(ellps="WGS84")
    exact, _ = geod.polygon_area_perimeter([-71.4, -71.3973, -71.3973, -71.4], [42.5, 42.5, 42.502, 42.502])
    assert found == pytest.approx(exact, rel=1e-6)


def test_overlapping_tiles_do_not_count_land_twice() -> None:
    lines = [f"t{c}.png,42.0,{-71 + c * STEP / 2:.6f},42.002,{-71 + c * STEP / 2 + STEP:.6f}" for c in range(40)]
    tiles = read_places((HEADER + "\n".join(lines)).encode(), "tiles")
    county = county_of(tiles, predictions(dict.fromkeys(tiles.names, "Forest")))
    one = areas(tiles.south[:1], tiles.west[:1], tiles.north[:1], tiles.east[:1])[0]
    assert county.square_metres(county.raw)["Forest"] == pytest.approx(40 * one / 2, rel=0.01)


def test_a_county_across_the_date_line_stays_in_one_piece() -> None:
    lines = [
        f"t{c}.png,-17.0,{(179.99 + c * STEP + 180) % 360 - 180:.6f},-16.998,{(179.992 + c * STEP + 180) % 360 - 180:.6f}"
        for c in range(10)
    ]
    tiles = read_places((HEADER + "\n".join(lines)).encode(), "tiles")
    county = county_of(tiles, predictions(dict.fromkeys(tiles.names, "Forest")))
    assert len(county) == 10 and county.grid.shape == (1, 10)


def test_rows_that_cannot_be_used_are_counted() -> None:
    raw = (
        places_csv(rows=1)
        + "t0_0.png,42,-71,42.1,-70\nbad.png,x,1,2,3\nflat.png,42,-71,42,-70\nfar.png,91,1,92,2\ninf.png,inf,1,2,3\n"
    )
    tiles = read_places(raw.encode(), "tiles")
    assert len(tiles.names) == 4 and tiles.unusable == 5
    assert tiles.west[0] == -71


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "no column filename"),
        (b"filename,lat\n", "no column llcrnrlat"),
        (HEADER.encode() + b"a.png,1,2\n", "near line 2"),
        (b"\xff\xfe", "UTF-8"),
        (HEADER.encode() + b'"a.png,1,2,3,4\n', "CSV"),
    ],
)
def test_a_table_that_cannot_be_read_says_which_and_why(raw: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        read_places(raw, "middlesexma2016/tile_summaries.csv")
    assert "middlesexma2016/tile_summaries.csv" in caught.value.message


def test_columns_may_come_in_any_order_with_others_between() -> None:
    read = read_predictions(b"\xef\xbb\xbfx,pred_label,filepath,label\n1,A,p.png,B\n", "p", labelled=True)
    assert (read.paths, read.predicted, read.labels) == (["p.png"], ["A"], ["B"])


def test_rejected_images() -> None:
    assert read_rejected(b'filepath,reason\na/b.png,"empty, it seems"\n', "r")[0].reason == "empty, it seems"


@pytest.mark.parametrize("name", ["Forest/odd #1?.png", "a b/c%20d.png", "ü.png"])
def test_odd_names_stay_what_they_are(name: str) -> None:
    assert blob_name(name) == name
    assert blob_name(f"wasb://test@host:10000/{name}") == name
