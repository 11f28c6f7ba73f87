"""What an image set holds, for people and for programs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from aerial_ops.datasets.folder import data_hash
from aerial_ops.datasets.planning import Plan
from aerial_ops.datasets.projection import crs_name
from aerial_ops.datasets.tables import CutTile
from aerial_ops.storage.layout import COUNTY, TEST, TRAIN


@dataclass(frozen=True)
class BuildResult:
    """Tiles of each class by set; `made` counts those that this call wrote.

    `dropped` counts the tiles that were left out of the sets and the county, by reason. `without_tiles` are classes that the
    labels have but no set holds. `block` and `buffer` of the split are metres.
    """

    out: Path
    made: int
    train: dict[str, int]
    test: dict[str, int]
    county: dict[str, int]
    dropped: dict[str, dict[str, int]]
    without_tiles: list[str]
    block: float | None
    buffer: float | None
    crs: str
    bytes: int
    data_sha256: str

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {**asdict(self), "out": str(self.out)}

    def stored(self) -> dict[str, Any]:
        """What a complete set's marker remembers."""
        return {key: value for key, value in asdict(self).items() if key not in ("out", "made")}

    def sentence(self) -> str:
        """The result for people."""
        lines = [f"Made {self.made:,} tiles in {self.out}." if self.made else f"Nothing to do: {self.out} is complete."]
        for name, counts in ((TRAIN, self.train), (TEST, self.test), (COUNTY, self.county)):
            if counts:
                split = ", ".join(f"{n:,} {k}" for k, n in counts.items() if k)
                lines.append(f"{name}: {sum(counts.values()):,} tiles" + (f" ({split})" if split else ""))
        for name, reasons in self.dropped.items():
            lines.append(f"Left out of the {name}: " + ", ".join(f"{n:,} {why}" for why, n in reasons.items()) + ".")
        if self.without_tiles:
            lines.append(f"No tiles of {', '.join(self.without_tiles)}.")
        return "\n".join(lines)


def result_of(
    out: Path, plan: Plan, lines: Sequence[CutTile], tables: Sequence[Path], dropped: Mapping[str, Counter[str]], made: int
) -> BuildResult:
    """Count and hash what is there."""
    counts = {
        name: dict(sorted(Counter(line.label for line in lines if line.tile.container == name).items())) for name in (TRAIN, TEST)
    }
    files = [out / line.tile.container / line.tile.path for line in lines]
    size, digest = data_hash(out, [*files, *tables])
    present = [name for name, points in plan.labels.points.items() if points] if plan.labels else []
    return BuildResult(
        out=out,
        made=made,
        train=counts[TRAIN],
        test=counts[TEST],
        county=dict(sorted(Counter(_year(line, plan) for line in lines if line.tile.container == COUNTY).items())),
        dropped={name: dict(sorted(reasons.items())) for name, reasons in dropped.items() if reasons},
        without_tiles=sorted(set(present) - set(counts[TRAIN])) if plan.split else [],
        block=plan.split.block if plan.split else None,
        buffer=plan.split.buffer if plan.split else None,
        crs=crs_name(plan.grid.crs),
        bytes=size,
        data_sha256=digest,
    )


def _year(line: CutTile, plan: Plan) -> str:
    return plan.county[line.tile.layer].year
