"""The options of `aerial-ops data build`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Out = Annotated[Path, typer.Argument(help="New or empty folder; a folder with unfinished sets is finished.")]
Scenes = Annotated[
    list[Path] | None,
    typer.Option(
        "--scene",
        metavar="PATH",
        help="GeoTIFF (red, green, blue, 8 bits) or folder of them, to train and test on; repeatable.",
    ),
]
LabelRaster = Annotated[Path | None, typer.Option(metavar="PATH", help="Raster of land-cover codes, such as NLCD.")]
County = Annotated[
    list[Path] | None,
    typer.Option(metavar="PATH", help="GeoTIFF or folder whose tiles are the county to map; repeatable, also for several years."),
]
Stac = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Look for scenes in a STAC API: planetary-computer, or a URL. Needs --bbox and a year."),
]
StacTokens = Annotated[
    str | None, typer.Option(metavar="URL", help="Service that gives SAS tokens; the Planetary Computer's is the default.")
]
Collection = Annotated[str, typer.Option(help="Collection of the STAC API.")]
Bbox = Annotated[
    str | None, typer.Option(metavar="W,S,E,N", help="Only this ground, in degrees, such as --bbox=-71.9,42.1,-71.0,42.8.")
]
Years = Annotated[list[int] | None, typer.Option("--year", help="Year of the scenes to train and test on; repeatable.")]
CountyYears = Annotated[list[int] | None, typer.Option("--county-year", help="Year of the scenes to map; repeatable.")]
TileMetres = Annotated[float, typer.Option(help="Side of a tile on the ground, in metres.")]
TilePixels = Annotated[int, typer.Option(help="Side of a tile's picture, in pixels.")]
Overlap = Annotated[float, typer.Option(help="Share of its side that a labelled tile has in common with the next.")]
LabelRule = Annotated[
    Literal["points", "majority"],
    typer.Option(help="What labels a tile: 3 x 3 points in one class, or a share of all its ground."),
]
Majority = Annotated[float, typer.Option(help="Least share of one class in a tile, with --label-rule majority.")]
Classes = Annotated[
    Path | None,
    typer.Option(metavar="TOML", help="Classes and their codes: [classes], then Forest = [41, 42]. Default: NLCD's."),
]
Water = Annotated[bool, typer.Option("--water", help="Keep open water (11) as a class of its own.")]
MaxMissing = Annotated[float, typer.Option(help="Most pixels without data in a tile, as a share.")]
MaxCloud = Annotated[float | None, typer.Option(help="Most bright, colourless pixels in a tile, as a share. Default: any.")]
PerClass = Annotated[int | None, typer.Option(help="Most training tiles of a class; the test set in proportion. Default: all.")]
TestFraction = Annotated[float, typer.Option(help="Share of the labelled places held out for the test.")]
BlockMetres = Annotated[
    float | None,
    typer.Option(help="Side of the blocks of ground that are held out. Default: 2 to 20 tiles."),
]
BufferMetres = Annotated[float | None, typer.Option(help="No training tile is nearer to a test tile. Default: a tile's side.")]
Seed = Annotated[int, typer.Option(min=0, help="Chooses the blocks and, with --per-class, the tiles.")]
