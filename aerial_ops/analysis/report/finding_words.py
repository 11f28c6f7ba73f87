"""Findings in words: what is newly developed, what smoothing does, how far the model's certainty can be believed."""

from aerial_ops.analysis import text
from aerial_ops.analysis.calibration import Calibration
from aerial_ops.analysis.development import Development
from aerial_ops.analysis.effect import SmoothingEffect

TRUSTED = 0.03
"""A mean probability that is off by no more than this is called right."""


def newly(found: Development | None) -> str:
    """What is newly developed, in a sentence; empty without older labels."""
    if found is None:
        return ""
    tiles = int(found.tiles.sum())
    if not tiles:
        return "No land is newly developed since the older labels were made."
    places = text.counted(len(found.clusters), "place")
    return (
        f"{found.hectares:,.0f} ha in {places} are newly developed since the older labels were made, as far as the model can be "
        "believed."
    )


def development(found: Development) -> str:
    """How much land is newly developed, how that was found, and how much of it mistakes alone would show."""
    tiles, places = int(found.tiles.sum()), len(found.clusters)
    compared = f"{text.counted(found.compared, 'tile')} {'has' if found.compared == 1 else 'have'} an older label."
    if not tiles:
        return f"{compared} None of them is Developed now that was not before."
    parts = [
        f"{compared} {text.counted(tiles, 'tile')} in {text.counted(places, 'place')}, {found.hectares:,.0f} ha, "
        f"{'is' if tiles == 1 else 'are'} called Developed now and {'was' if tiles == 1 else 'were'} something else before."
    ]
    if alarms := found.false_alarms:
        parts.append(
            f"If nothing at all had been built, mistakes of the model would still show about {alarms.tiles:,.0f} such tiles "
            f"({alarms.low:,.0f} to {alarms.high:,.0f})"
            + (", so most of them should be looked at before they are believed." if alarms.tiles > tiles / 2 else ".")
        )
    return " ".join(parts)


def smoothed(found: SmoothingEffect) -> str:
    """What smoothing changes, measured against older labels."""
    points = found.paired.difference * 100
    bounds = ""
    if found.paired.interval:
        low, high = (value * 100 for value in found.paired.interval)
        bounds = f" (95 % interval {low:+.1f} to {high:+.1f})".replace("-", "\N{MINUS SIGN}")
    gain = f"{points:+.1f} points".replace("-", "\N{MINUS SIGN}")
    return (
        f"Smoothing changes {text.counted(found.changed, 'tile')}. The map agrees with the older labels for "
        f"{text.percent(found.raw.accuracy)} of {text.counted(found.raw.total, 'tile')}, smoothed for "
        f"{text.percent(found.smoothed.accuracy)}: {gain}{bounds}. That is agreement, not accuracy: land has changed since."
    )


def calibrated(found: Calibration) -> str:
    """Whether the model's probabilities can be believed."""
    verdict = "about as sure as it should be"
    if abs(found.excess) > TRUSTED:
        verdict = "too sure of itself" if found.excess > 0 else "too modest"
    return (
        f"On average the model was {text.percent(found.certainty)} sure and right for {text.percent(found.accuracy)} of "
        f"{text.counted(found.tiles, 'test tile')}: it is {verdict}. A tile's probability is wrong by "
        f"{found.expected_error * 100:.1f} points on average (expected calibration error)."
    )
