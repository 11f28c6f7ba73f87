"""What an image set is to be made of: the options of `aerial-ops data build`, checked."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from aerial_ops.datasets.classes import ClassMap, class_map
from aerial_ops.datasets.grid import Tiling
from aerial_ops.datasets.labels import Rule
from aerial_ops.datasets.quality import Limits
from aerial_ops.datasets.raster import Bounds
from aerial_ops.datasets.split import SplitRule
from aerial_ops.datasets.stac.search import Catalogue, catalogue_of
from aerial_ops.errors import UsageError


@dataclass(frozen=True)
class BuildRequest:
    """Scenes to train and test on (files or folders) with their labels, scenes of the county to map, and the rules.

    `county` may cover several years. With `stac`, scenes of `years` and `county_years` are looked for in that catalogue.
    `bbox` (west, south, east, north in degrees) is the ground that tiles are made of, whatever the scenes cover.
    `per_class` is the most training tiles of a class; the test set keeps its proportion.
    """

    scenes: tuple[Path, ...] = ()
    labels: Path | None = None
    county: tuple[Path, ...] = ()
    stac: str | None = None
    stac_tokens: str | None = None
    collection: str = "naip"
    bbox: Bounds | None = None
    years: tuple[int, ...] = ()
    county_years: tuple[int, ...] = ()
    tile_metres: float = 224.0
    tile_pixels: int = 224
    overlap: float = 0.0
    label_rule: Rule = "points"
    majority: float = 0.75
    classes: Path | None = None
    water: bool = False
    max_missing: float = 0.01
    max_cloud: float | None = None
    per_class: int | None = None
    test_fraction: float = 0.2
    block_metres: float | None = None
    buffer_metres: float | None = None
    seed: int = 0

    @classmethod
    def of(cls, *, bbox: str | None = None, **options: Any) -> "BuildRequest":
        """A request of options as they are typed: lists or None where several may be given, the bounding box as text."""
        for name in ("scenes", "county", "years", "county_years"):
            options[name] = tuple(options.get(name) or ())
        return cls(bbox=bounding_box(bbox.split(",")) if bbox else None, **options)

    def __post_init__(self) -> None:
        self._check_catalogue()
        if not (self.scenes or self.years or self.county or self.county_years):
            raise UsageError("No scene is given.", suggestion="Give at least one --scene SCENE.tif, or a --county to map.")
        if (self.scenes or self.years) and not self.labels:
            raise UsageError("Scenes to train on need labels.", suggestion="Give --labels NLCD.tif.")
        if self.label_rule not in ("points", "majority"):
            raise UsageError(f"There is no label rule {self.label_rule!r}.", suggestion="Give --label-rule points or majority.")
        if not 0 < self.majority <= 1:
            raise UsageError(f"The majority is {self.majority:g}; it is a share above 0 and at most 1.")
        if self.per_class is not None and self.per_class < 1:
            raise UsageError(f"At most {self.per_class} tiles of a class leaves none.", suggestion="Give --per-class 1 or more.")
        _ = self.catalogue, self.tiling, self.limits, self.split_rule  # each checks its own part

    def _check_catalogue(self) -> None:
        if self.bbox is not None:
            west, south, east, north = self.bbox
            if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
                raise UsageError(
                    f"The bounding box {west:g},{south:g},{east:g},{north:g} encloses nothing.",
                    suggestion="It is west,south,east,north in degrees, such as --bbox=-71.9,42.1,-71.0,42.8.",
                )
        if (self.years or self.county_years) and not (self.stac and self.bbox):
            raise UsageError(
                "Scenes of a year are looked for in a catalogue, by a bounding box.",
                suggestion="Give --stac planetary-computer and --bbox=WEST,SOUTH,EAST,NORTH.",
            )
        if self.stac and not (self.years or self.county_years):
            raise UsageError("The catalogue is asked by year.", suggestion="Give --year to train on, --county-year to map.")

    @property
    def catalogue(self) -> Catalogue | None:
        """Where scenes of years are looked for. Raises UsageError."""
        return catalogue_of(self.stac, self.collection, self.stac_tokens) if self.stac else None

    @property
    def tiling(self) -> Tiling:
        """The size of the tiles."""
        return Tiling(self.tile_metres, self.tile_pixels, self.overlap)

    @property
    def limits(self) -> Limits:
        """When a tile is dropped for its pixels."""
        return Limits(self.max_missing, self.max_cloud)

    @property
    def split_rule(self) -> SplitRule:
        """How places are divided."""
        return SplitRule(self.test_fraction, self.block_metres, self.buffer_metres, self.seed)

    def class_map(self) -> ClassMap:
        """The classes and their codes. Raises UsageError."""
        return class_map(self.classes, water=self.water)

    def rules(self) -> dict[str, Any]:
        """What the set depends on beside the files, JSON-ready."""
        files = {"scenes", "labels", "county", "stac", "stac_tokens", "collection", "years", "county_years", "classes", "water"}
        plain = {key: value for key, value in asdict(self).items() if key not in files}
        return {**plain, "classes": {name: list(codes) for name, codes in self.class_map().codes.items()}}


def bounding_box(numbers: Sequence[float | str]) -> Bounds:
    """West, south, east and north, of numbers or texts. Raises UsageError."""
    try:
        west, south, east, north = (float(number) for number in numbers)
    except ValueError:
        raise UsageError(
            f"{','.join(map(str, numbers))!r} is not a bounding box.",
            suggestion="It is west,south,east,north in degrees, such as --bbox=-71.9,42.1,-71.0,42.8.",
        ) from None
    return west, south, east, north
