"""The plot of benchmarks/scaling.py as SVG: images a second against cores, both logarithmic."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

WIDTH, HEIGHT = 860, 560
LEFT, RIGHT, TOP, BOTTOM = 84, 836, 112, 470
CORES, RATES = (1, 200), (10, 20_000)
CORE_TICKS, RATE_TICKS = (1, 2, 4, 8, 16, 32, 64, 160), (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)
WORKER_TICKS, CORES_EACH = (1, 2, 4, 8, 16, 40), 4
INK, GREY, PALE = "#1b1f23", "#57606a", "#d8dee4"
STAGE, JOB, MEASURED, ORIGINAL = "#0b5cad", "#1a7f5a", "#0b5cad", "#c2410c"
FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"
Point = tuple[float, float]


def picture(figures: dict[str, Any]) -> str:
    """The whole file. `figures` are those of benchmarks.scaling.with_estimates."""
    tiles, original = figures["original"]["tiles"], figures["original"]
    stage = [(one["cores"], tiles / one["stage_seconds"]) for one in figures["curve"]]
    job = [(one["cores"], tiles / one["job_seconds"]) for one in figures["curve"]]
    measured = [(int(count), one["images_per_second"]) for count, one in figures["measured"].items()]
    first_cores, first_rate = measured[0]
    perfect = [(cores, first_rate * cores / first_cores) for cores in (first_cores, stage[-1][0])]
    theirs = (original["cores"], original["images_per_second"])
    last_stage, last_job = (figures["curve"][-1][f"{name}_seconds"] for name in ("stage", "job"))
    parts = [
        *_frame("Images a second by number of cores"),
        _line(perfect, GREY, dashes="3 5"),
        _line(job, JOB),
        _line(stage, STAGE),
        *(
            f'<circle cx="{_x(x):.1f}" cy="{_y(y):.1f}" r="6" fill="#fff" stroke="{MEASURED}" stroke-width="3"/>'
            for x, y in measured
        ),
        _diamond(theirs),
        *(_label((x, y), f"{y:.0f}", MEASURED, dx=11, dy=17) for x, y in measured),
        _label((13, first_rate * 13 / first_cores), "perfect scaling", GREY, dx=-10, dy=0, anchor="end"),
        _label(stage[-1], f"{last_stage:.1f} s, {stage[-1][1]:,.0f} images/s", STAGE, dx=24, dy=75, anchor="end"),
        _label(job[-1], f"{last_job:.0f} s, {job[-1][1]:,.0f} images/s", JOB, dx=24, dy=-12, anchor="end"),
        _label(theirs, f"{original['seconds']:.0f} s, {theirs[1]:,.0f} images/s", ORIGINAL, dx=24, dy=26, anchor="end"),
        *_legend(
            [
                ("circle", MEASURED, f"measured here, {figures['tiles']:,} tiles"),
                ("line", STAGE, f"estimated, {tiles:,} tiles: the featurise stage"),
                ("line", JOB, "estimated: the whole job, Spark's start included"),
                ("diamond", ORIGINAL, f"the original of 2017, {tiles:,} tiles, 40 workers"),
            ]
        ),
        _text(
            LEFT,
            HEIGHT - 16,
            f"The estimate counts with {figures['images_per_second_and_core']:.0f} images a second and core, as measured here, "
            f"and with tasks of at most 128 tiles.",
            GREY,
            12,
        ),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'font-family="{FONT}" role="img" aria-label="Images a second by cores, measured and estimated">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="#fff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _x(cores: float) -> float:
    return LEFT + (RIGHT - LEFT) * _share(cores, CORES)


def _y(rate: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * _share(rate, RATES)


def _share(value: float, bounds: tuple[float, float]) -> float:
    low, high = map(math.log, bounds)
    return (math.log(value) - low) / (high - low)


def _text(x: float, y: float, words: str, colour: str = INK, size: int = 13, anchor: str = "start", more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" font-size="{size}" text-anchor="{anchor}"{more}>{words}</text>'


def _label(point: Point, words: str, colour: str, *, dx: float = 0, dy: float = 0, anchor: str = "start") -> str:
    halo = ' font-weight="600" stroke="#fff" stroke-width="4" paint-order="stroke"'
    return _text(_x(point[0]) + dx, _y(point[1]) + dy, words, colour, 13, anchor, halo)


def _line(points: Sequence[Point], colour: str, dashes: str = "") -> str:
    path = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in points)
    style = f' stroke-dasharray="{dashes}"' if dashes else ""
    width = 1.5 if dashes else 2.5
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"{style}/>'


def _diamond(point: Point) -> str:
    return _diamond_at(_x(point[0]), _y(point[1]), 9)


def _diamond_at(x: float, y: float, size: float) -> str:
    corners = f"{x:.1f},{y - size:.1f} {x + size:.1f},{y:.1f} {x:.1f},{y + size:.1f} {x - size:.1f},{y:.1f}"
    return f'<polygon points="{corners}" fill="{ORIGINAL}" stroke="#fff" stroke-width="1.5"/>'


def _frame(title: str) -> Iterable[str]:
    yield _text(LEFT, 34, title, INK, 18, more=' font-weight="600"')
    for rate in RATE_TICKS:
        yield f'<path d="M{LEFT} {_y(rate):.1f}H{RIGHT}" stroke="{PALE}"/>'
        yield _text(LEFT - 10, _y(rate) + 4, f"{rate:,}", GREY, 12, "end")
    for cores in CORE_TICKS:
        yield f'<path d="M{_x(cores):.1f} {TOP}V{BOTTOM + 5}" stroke="{PALE}"/>'
        yield _text(_x(cores), BOTTOM + 22, str(cores), GREY, 12, "middle")
    for workers in WORKER_TICKS:
        at = _x(workers * CORES_EACH)
        yield f'<path d="M{at:.1f} {TOP - 5}V{TOP}" stroke="{GREY}"/>'
        yield _text(at, TOP - 12, str(workers), GREY, 12, "middle")
    yield f'<path d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}" fill="none" stroke="{GREY}"/>'
    yield f'<path d="M{LEFT} {TOP}H{RIGHT}" fill="none" stroke="{GREY}"/>'
    yield _text((LEFT + RIGHT) / 2, BOTTOM + 44, "cores", INK, 13, "middle")
    yield _text(_x(CORES_EACH), TOP - 32, "workers of 4 cores (Standard_D12_V2)", INK, 13)
    turned = f' transform="rotate(-90 24 {(TOP + BOTTOM) / 2:.0f})"'
    yield _text(24, (TOP + BOTTOM) / 2, "images a second", INK, 13, "middle", turned)


def _legend(entries: Sequence[tuple[str, str, str]]) -> Iterable[str]:
    left, top = LEFT + 16, TOP + 14
    yield f'<rect x="{left}" y="{top}" width="368" height="{len(entries) * 22 + 12}" rx="6" fill="#fff" stroke="{PALE}"/>'
    for number, (kind, colour, words) in enumerate(entries):
        y = top + 17 + 22 * number
        if kind == "line":
            yield f'<path d="M{left + 10} {y}H{left + 38}" stroke="{colour}" stroke-width="2.5"/>'
        elif kind == "circle":
            yield f'<circle cx="{left + 24}" cy="{y}" r="5" fill="#fff" stroke="{colour}" stroke-width="2.5"/>'
        else:
            yield _diamond_at(left + 24, y, 7)
        yield _text(left + 48, y + 4, words, INK, 13)
