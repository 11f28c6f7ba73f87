"""`aerial-ops data build`: image sets from imagery and a label raster."""

from aerial_ops.cli import data_build_options as options
from aerial_ops.cli.options import Json


def build(
    out: options.Out,
    scenes: options.Scenes = None,
    labels: options.LabelRaster = None,
    county: options.County = None,
    stac: options.Stac = None,
    stac_tokens: options.StacTokens = None,
    collection: options.Collection = "naip",
    bbox: options.Bbox = None,
    years: options.Years = None,
    county_years: options.CountyYears = None,
    tile_metres: options.TileMetres = 224.0,
    tile_pixels: options.TilePixels = 224,
    overlap: options.Overlap = 0.0,
    label_rule: options.LabelRule = "points",
    majority: options.Majority = 0.75,
    classes: options.Classes = None,
    water: options.Water = False,
    max_missing: options.MaxMissing = 0.01,
    max_cloud: options.MaxCloud = None,
    per_class: options.PerClass = None,
    test_fraction: options.TestFraction = 0.2,
    block_metres: options.BlockMetres = None,
    buffer_metres: options.BufferMetres = None,
    seed: options.Seed = 0,
    as_json: Json = False,
) -> None:
    """Make labelled tiles, split by place, and a county to map, from aerial scenes (needs the extra `geo`).

    Safe to repeat: it goes on where it was stopped. summary.html in the folder shows what was made, what was dropped and why.
    """
    given = {name: value for name, value in locals().items() if name not in ("out", "as_json")}
    from aerial_ops.cli.output import Output
    from aerial_ops.datasets.build import build_images
    from aerial_ops.datasets.request import BuildRequest

    output = Output(as_json)
    result = build_images(out, BuildRequest.of(**given), reporter=output)
    output.result(result.as_dict(), result.sentence())
