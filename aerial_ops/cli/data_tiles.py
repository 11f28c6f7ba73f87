"""`aerial-ops data tiles`: image sets cut from imagery and a label raster."""

from pathlib import Path
from typing import Annotated

import typer

from aerial_ops.cli.options import Json


def tiles(
    scene: Annotated[list[Path], typer.Option(help="GeoTIFF (red, green, blue, 8 bits) to train and test on; repeatable.")],
    labels: Annotated[Path, typer.Option(help="Raster of NLCD codes.")],
    out: Annotated[Path, typer.Option(help="New or empty folder; unfinished sets are finished.")],
    county: Annotated[Path | None, typer.Option(help="GeoTIFF whose tiles are the county to map.")] = None,
    tile_pixels: Annotated[int, typer.Option(help="Side of a tile in the scene's pixels.")] = 48,
    majority: Annotated[float, typer.Option(help="Least share of one class in a tile.")] = 0.75,
    test_fraction: Annotated[float, typer.Option(help="Share of the columns held out for the test.")] = 0.2,
    seed: Annotated[int, typer.Option(min=0, help="Chooses the block of columns held out.")] = 0,
    water: Annotated[bool, typer.Option("--water", help="Keep open water as a class of its own.")] = False,
    as_json: Json = False,
) -> None:
    """Cut scenes into labelled tiles, split by place, and a county to map (needs the extra `geo`)."""
    from aerial_ops.cli.output import Output
    from aerial_ops.datasets.tiles import TileRequest, cut_tiles

    output = Output(as_json)
    request = TileRequest(tuple(scene), labels, county, tile_pixels, majority, test_fraction, seed, water)
    result = cut_tiles(out, request, reporter=output)
    output.result(result.as_dict(), result.sentence())
