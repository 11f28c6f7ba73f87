"""Image sets from imagery: labelled tiles split by place, and a county to map, in the layout of the containers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from aerial_ops.datasets.choosing import cut_until_full, quota
from aerial_ops.datasets.classes import NONE
from aerial_ops.datasets.cutting import Cutter, Tile, in_threads
from aerial_ops.datasets.folder import SetFolder, claimed
from aerial_ops.datasets.grid import Grid
from aerial_ops.datasets.outcomes import Outcome, Outcomes
from aerial_ops.datasets.page import write_page
from aerial_ops.datasets.planning import Plan, plan_build
from aerial_ops.datasets.request import BuildRequest
from aerial_ops.datasets.result import BuildResult, result_of
from aerial_ops.datasets.scenes import Layer
from aerial_ops.datasets.tables import CutTile, all_there, write_tables
from aerial_ops.datasets.workers import cores
from aerial_ops.datasets.writer import disk_errors
from aerial_ops.errors import DataError
from aerial_ops.reporting import SILENT, Reporter, Task
from aerial_ops.storage.layout import COUNTY, TEST, TRAIN

MARKER = "build.json"
OUTCOMES = ".outcomes.jsonl"
NOT_NEEDED = "more than the class needs"
SETS, THE_COUNTY = "sets", "county"


def build_images(out: Path, request: BuildRequest, *, reporter: Reporter = SILENT) -> BuildResult:
    """Build the sets in `out`, or finish what was interrupted, or do nothing when they are complete.

    Raises UsageError or DataError for unfit inputs before anything is written, RefusedError when `out` holds something else.
    """
    plan = plan_build(request, reporter)
    with claimed(out, MARKER, {**request.rules(), **plan.files}) as folder, disk_errors(out):
        if folder.summary and all_there(out):
            return BuildResult(out=out, made=0, **folder.summary["result"])
        for name in plan.split.left_out if plan.split else ():
            reporter.note(f"{name} is left out: no choice of blocks has tiles of it for both training and test.")
        return _Building(folder, request, plan, Outcomes(out / OUTCOMES), reporter).run()


@dataclass
class _Building:
    """One run of the cutting. `made` counts the tiles that it wrote, `dropped` those that are left out, by reason."""

    folder: SetFolder
    request: BuildRequest
    plan: Plan
    outcomes: Outcomes
    reporter: Reporter
    made: int = 0
    dropped: dict[str, Counter[str]] = field(default_factory=lambda: {SETS: Counter(), THE_COUNTY: Counter()})

    def run(self) -> BuildResult:
        lines = sorted([*self._sets(), *self._county()], key=lambda line: line.tile)
        _check(lines, self.request)
        tables = write_tables(self.folder.path, self.plan, lines)
        result = result_of(self.folder.path, self.plan, lines, tables, self.dropped, self.made)
        write_page(self.folder.path, self.request, self.plan, lines, result)
        self.folder.finish({"result": result.stored()})
        self.outcomes.remove()
        return result

    def _sets(self) -> list[CutTile]:
        tiles, dropped = self.plan.set_tiles()
        if not tiles:
            return []
        request = self.request
        with self.reporter.task("Cutting labelled tiles", len(tiles), "tiles") as task:
            looked_at, not_needed = cut_until_full(
                tiles,
                lambda container: quota(container, request.per_class, request.test_fraction),
                request.seed,
                lambda batch: self._cut(batch, self.plan.layers, self.plan.grid, task),
            )
        dropped.update(outcome.dropped for _, _, outcome in looked_at if outcome.dropped)
        self.dropped[SETS] += dropped + Counter({NOT_NEEDED: not_needed})
        return [CutTile(tile, name, outcome) for tile, name, outcome in looked_at if not outcome.dropped]

    def _county(self) -> list[CutTile]:
        tiles = sorted(self.plan.county_tiles())
        with self.reporter.task("Cutting the county", len(tiles), "tiles") as task:
            outcomes = self._cut(tiles, self.plan.county, self.plan.county_grid, task)
        self.dropped[THE_COUNTY].update(outcome.dropped for outcome in outcomes if outcome.dropped)
        pairs = zip(tiles, outcomes, strict=True)
        return [CutTile(tile, self._county_label(tile), outcome) for tile, outcome in pairs if not outcome.dropped]

    def _cut(self, tiles: Sequence[Tile], layers: Sequence[Layer], grid: Grid, task: Task) -> list[Outcome]:
        """The outcome of each of `tiles`, in their order; known ones are not cut again while their file is there."""
        missing = [tile for tile in tiles if not self._known(tile)]
        task.advance(len(tiles) - len(missing))
        for number, group in groupby(sorted(missing, key=lambda tile: tile.layer), lambda tile: tile.layer):
            cutter = Cutter(self.folder.path, grid, layers[number], self.request.limits)
            for found in in_threads(cutter.cut, cutter.blocks(group), cores()):
                self.outcomes.add(outcome for outcome, _ in found)
                self.made += sum(written for _, written in found)
                task.advance(len(found))
        return [self.outcomes[tile.container, tile.path] for tile in tiles]

    def _known(self, tile: Tile) -> bool:
        key = tile.container, tile.path
        file = self.folder.path / tile.container / tile.path
        return key in self.outcomes and bool(self.outcomes[key].dropped or file.exists())

    def _county_label(self, tile: Tile) -> str:
        if self.plan.county_labels is None or self.plan.county_labelled is None:
            return ""
        index = self.plan.county_labelled[tile.row, tile.column]
        return "" if index == NONE else self.plan.county_labels.classes.names[index]


def _check(lines: Sequence[CutTile], request: BuildRequest) -> None:
    """Raise DataError when what was cut cannot be trained on, or mapped."""
    sets = {name: {line.label for line in lines if line.tile.container == name} for name in (TRAIN, TEST)}
    lone = sorted(sets[TRAIN] ^ sets[TEST])
    if request.scenes and (lone or not sets[TRAIN]):
        what = f"{', '.join(lone)} has tiles in only one of the two sets" if lone else "no labelled tile has data"
        raise DataError(
            f"After dropping unfit tiles, {what}.",
            suggestion="Remove the folder and choose another --seed or --test-fraction, or other scenes.",
        )
    if request.county and not any(line.tile.container == COUNTY for line in lines):
        raise DataError("The county's scenes have no tile with data.", suggestion="Remove the folder, give other scenes.")
