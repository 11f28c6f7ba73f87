"""What a network wants done to pixel values before it sees them."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from aerial_ops.errors import UsageError

Channels = Literal["RGB", "BGR"]
Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """(x * scale - mean) / deviation for every value x from 0 to 255; `mean` and `deviation` are in the order of `channels`."""

    channels: Channels = "RGB"
    scale: float = 1.0
    mean: Triple = (0.0, 0.0, 0.0)
    deviation: Triple = (1.0, 1.0, 1.0)

    def __post_init__(self) -> None:
        if self.channels not in ("RGB", "BGR"):
            raise UsageError(f"{self.channels!r} is not a channel order.", suggestion="Use RGB or BGR.")
        numbers = np.array([self.scale, *self.mean, *self.deviation])
        if not np.isfinite(numbers).all() or self.scale == 0 or 0 in self.deviation:
            raise UsageError("Scale, mean and deviation must be finite numbers; scale and deviation must not be 0.")

    @property
    def multiplier(self) -> NDArray[np.float32]:
        """One factor per channel, float32 [3]: a value x becomes x * multiplier + offset."""
        return np.asarray(self.scale / np.array(self.deviation), np.float32)

    @property
    def offset(self) -> NDArray[np.float32]:
        """One summand per channel, float32 [3]."""
        return np.asarray(-np.array(self.mean) / np.array(self.deviation), np.float32)

    def __str__(self) -> str:
        scaled = "x" if self.scale == 1 else f"x / {_number(1 / self.scale)}"
        if any(self.mean):
            scaled = f"{scaled} - {_values(self.mean)}"
        if self.deviation != (1.0, 1.0, 1.0):
            scaled = f"({scaled}) / {_values(self.deviation)}"
        return f"{scaled}, {self.channels}"


def _values(values: Triple) -> str:
    return _number(values[0]) if len(set(values)) == 1 else "[" + " ".join(_number(v) for v in values) + "]"


def _number(value: float) -> str:
    return f"{value:.6g}"


IMAGENET = Preprocessing("RGB", 1 / 255, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def parse(channels: str | None, scale: str | None, mean: str | None, deviation: str | None) -> Preprocessing | None:
    """Preprocessing as a user writes it: "RGB", "1/255", "0.485,0.456,0.406"; None when nothing is said.

    What is not said is ImageNet's usual, in the order of `channels`. Raises UsageError.
    """
    if channels is scale is mean is deviation is None:
        return None
    order: Channels = "BGR" if (channels or "RGB").upper() == "BGR" else "RGB"
    if channels and channels.upper() != order:
        raise UsageError(f"{channels!r} is not a channel order.", suggestion="Use RGB or BGR.")
    step = -1 if order == "BGR" else 1
    return Preprocessing(
        order,
        _parsed(scale, "scale", 1)[0] if scale else IMAGENET.scale,
        _triple(mean, "mean") if mean else _ordered(IMAGENET.mean, step),
        _triple(deviation, "deviation") if deviation else _ordered(IMAGENET.deviation, step),
    )


def _ordered(values: Triple, step: int) -> Triple:
    first, second, third = values[::step]
    return first, second, third


def _triple(text: str, what: str) -> Triple:
    values = _parsed(text, what, 1, 3)
    return (values[0], values[0], values[0]) if len(values) == 1 else (values[0], values[1], values[2])


def _parsed(text: str, what: str, *counts: int) -> list[float]:
    try:
        values = [float(Fraction(part.strip())) for part in text.split(",")]
    except (ValueError, ZeroDivisionError):
        values = []
    if len(values) not in counts:
        raise UsageError(
            f"--{what} {text!r} is not {' or '.join(map(str, counts))} number(s).",
            suggestion="Write numbers with commas between them, such as 0.485,0.456,0.406; 1/255 is a number too.",
        )
    return values
