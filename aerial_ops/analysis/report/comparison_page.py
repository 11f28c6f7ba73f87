"""The page that compares two models, or two years of one."""

import shlex

from aerial_ops.analysis.report import comparing_words, sections
from aerial_ops.analysis.report.comparison import Comparison
from aerial_ops.analysis.report.page import page, together
from aerial_ops.analysis.report.scores import scores


def render_comparison(found: Comparison) -> str:
    """The page; the same data gives the same text."""
    change, lines = found.differing, [] if found.of_years else scores(found.a, found.b)
    parts = [
        ("compared", "Summary"),
        *([("change", "Maps")] if change else []),
        *([("scores", "Scores")] if lines else []),
        *([("disputed", "Disputed tiles")] if found.only_a or found.only_b else []),
        ("origin", "Origin"),
    ]
    sides = (found.a,) if found.of_years else (found.a, found.b)
    return page(
        comparing_words.headline(found),
        parts,
        [change.block] if change and change.block else [],
        found=found,
        as_of=max((run.finished_at for side in sides for run in side.runs if run.finished_at), default=None),
        paragraphs=[together(paragraph) for paragraph in comparing_words.summary(found)],
        differing=change,
        change_words="",
        scores=lines,
        provenance=[
            (title if found.of_years else f"{side.name}: {title.lower()}", record, facts)
            for side in sides
            for title, record, facts in sections.provenance(side)
        ],
        commands=[command(found)],
    )


def command(found: Comparison) -> str:
    """The command that makes this comparison again."""
    named = [f"{side.name}@{side.mapped.year}" if side.mapped.year else side.name for side in (found.a, found.b)]
    return shlex.join(["aerial-ops", "report", "--compare", *named])
