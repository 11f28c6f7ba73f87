"""What an image set is to be made of: the options of `aerial-ops data build`, checked."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from aerial_ops.datasets.classes import ClassMap, class_map
from aerial_ops.datasets.grid import Tiling
from aerial_ops.datasets.labels import Rule
from aerial_ops.datasets.quality import Limits
from aerial_ops.datasets.split import SplitRule
from aerial_ops.errors import UsageError


@dataclass(frozen=True)
class BuildRequest:
    """Scenes to train and test on (files or folders) with their labels, scenes of the county to map, and the rules.

    `county` may cover several years. `per_class` is the most training tiles of a class; the test set keeps its proportion.
    """

    scenes: tuple[Path, ...] = ()
    labels: Path | None = None
    county: tuple[Path, ...] = ()
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

    def __post_init__(self) -> None:
        if not self.scenes and not self.county:
            raise UsageError("No scene is given.", suggestion="Give at least one --scene SCENE.tif, or a --county to map.")
        if self.scenes and not self.labels:
            raise UsageError("Scenes to train on need labels.", suggestion="Give --labels NLCD.tif.")
        if self.label_rule not in ("points", "majority"):
            raise UsageError(f"There is no label rule {self.label_rule!r}.", suggestion="Give --label-rule points or majority.")
        if not 0 < self.majority <= 1:
            raise UsageError(f"The majority is {self.majority:g}; it is a share above 0 and at most 1.")
        if self.per_class is not None and self.per_class < 1:
            raise UsageError(f"At most {self.per_class} tiles of a class leaves none.", suggestion="Give --per-class 1 or more.")
        _ = self.tiling, self.limits, self.split_rule  # each checks its own part

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
        files = {"scenes", "labels", "county", "classes", "water"}
        plain = {key: value for key, value in asdict(self).items() if key not in files}
        return {**plain, "classes": {name: list(codes) for name, codes in self.class_map().codes.items()}}
