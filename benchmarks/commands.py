"""Commands by what they take: medians of wall and of processor time, and the table of them."""

import statistics
from collections.abc import Mapping, Sequence

Taken = tuple[float, float]  # seconds of wall and of processor time, of one turn
Medians = dict[str, dict[str, float]]


def medians(taken: Mapping[str, Sequence[Taken]], units_a_second: int = 1) -> Medians:
    """Of each command's turns, in seconds, or in milliseconds with 1000 units a second."""

    def median(turns: Sequence[Taken], which: int) -> float:
        return round(units_a_second * statistics.median(turn[which] for turn in turns), 3)

    return {name: {"wall": median(turns, 0), "processor": median(turns, 1)} for name, turns in taken.items()}


def print_table(found: Medians, unit: str, digits: int) -> None:
    """A line for each command."""
    print(f"{'':26}{f'wall, {unit}':>10}{f'processor, {unit}':>15}")
    for name, one in found.items():
        print(f"{name:26}{one['wall']:10.{digits}f}{one['processor']:15.{digits}f}")
