"""The page about a model."""

from aerial_ops.analysis.report import finding_words, sections, words
from aerial_ops.analysis.report.comparing_words import change_words
from aerial_ops.analysis.report.findings import Findings
from aerial_ops.analysis.report.legends import legends_of_counts
from aerial_ops.analysis.report.maps import report_map, still
from aerial_ops.analysis.report.page import page, together
from aerial_ops.analysis.report.sources import ReportData


def render(data: ReportData, found: Findings) -> str:
    """The page; the same data gives the same text. Everything from outside is escaped, and a policy forbids all loading."""
    county_map, ranking, change = report_map(data, found.development), sections.ranking(data), found.differing
    parts = [
        ("summary", "Summary"),
        ("map", "Map"),
        *([("development", "New development")] if found.development else []),
        *([("change", "Change")] if change else []),
        *([("accuracy", "Accuracy"), ("examples", "Examples")] if data.metrics else []),
        *([("models", "Models")] if ranking["rows"] else []),
        ("left-out", "Left out"),
        ("origin", "Origin"),
    ]
    maps = [block for block in (county_map, change.block if change else None) if block]
    return page(
        words.headline(data),
        parts,
        maps,
        data=data,
        found=found,
        as_of=max((run.finished_at for run in data.runs if run.finished_at), default=None),
        paragraphs=[together(paragraph) for paragraph in words.summary(data, found.development)],
        undeveloped=words.undeveloped(data.metrics) if data.metrics else "",
        taken_for=words.mistaken_for(data.metrics) if data.metrics else {},
        map=county_map,
        still=still(data) if county_map else "",
        land=legends_of_counts(data.mapped.predicted) if data.mapped.predicted else [],
        development_words=together(finding_words.development(found.development)) if found.development else "",
        differing=change,
        change_words=together(change_words(change.change, change.titles, of_years=True)) if change else "",
        smoothing_words=together(finding_words.smoothed(found.smoothing)) if found.smoothing else "",
        calibration_words=together(finding_words.calibrated(found.calibration)) if found.calibration else "",
        mistakes=sections.mistakes(data),
        ranking=ranking,
        varying=sections.varying(data),
        matrix=sections.matrix(data.metrics.classes, data.metrics.confusion) if data.metrics else None,
        grouped=sections.matrix(data.metrics.groups.names, data.metrics.groups.confusion) if data.metrics else None,
        colours=sections.swatches(data),
        provenance=sections.provenance(data),
        left_out=sections.left_out(data),
        commands=sections.commands(data),
    )
