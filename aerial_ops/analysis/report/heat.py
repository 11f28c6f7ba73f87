"""Cell colours of the confusion matrix: from the page's colour to a strong one, with text that can be read on each."""

LEVELS = 20
RIGHT, WRONG = "right", "wrong"

_PAGES = {
    "light": {"page": "#ffffff", RIGHT: "#14507a", WRONG: "#b4431f"},
    "dark": {"page": "#1c2024", RIGHT: "#7cc0ee", WRONG: "#f0916f"},
}
INKS = ("#000000", "#ffffff")


def level(share: float) -> int:
    """The step, 0 to LEVELS, for a share of a row; anything above nothing is visible."""
    return 0 if share <= 0 else max(1, round(share**0.7 * LEVELS))


def mixed(page: str, colour: str, amount: float) -> str:
    """`amount` (0 to 1) of `colour` over `page`."""
    pairs = zip(_channels(page), _channels(colour), strict=True)
    return "#" + "".join(f"{round(below + (above - below) * amount):02x}" for below, above in pairs)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours as WCAG 2 defines it, 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def cells(theme: str) -> dict[str, tuple[str, str]]:
    """Class name -> (background, text) in the theme "light" or "dark"."""
    colours = _PAGES[theme]
    found = {}
    for kind in (RIGHT, WRONG):
        for step in range(LEVELS + 1):
            background = mixed(colours["page"], colours[kind], step / LEVELS)
            found[f"{kind}-{step}"] = (background, max(INKS, key=lambda ink, on=background: contrast(ink, on)))  # type: ignore[misc]
    return found


def stylesheet(theme: str) -> str:
    """The rules for `cells`."""
    return "\n".join(f".{name}{{background:{background};color:{ink}}}" for name, (background, ink) in cells(theme).items())


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (value / 255 for value in _channels(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
