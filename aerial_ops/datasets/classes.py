"""Land-cover codes and the classes they become."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from aerial_ops.errors import UsageError
from aerial_ops.names import checked_name

WATER = "Water"
NONE = -1
"""Index of what belongs to no class: unlabelled, or a code that is left out."""
NLCD = {
    "Barren": (31,),
    "Cultivated": (81, 82),
    "Developed": (21, 22, 23, 24),
    "Forest": (41, 42, 43, 90),
    "Herbaceous": (71, 72, 73, 74, 95),
    "Shrub": (51, 52),
}
"""Codes of the National Land Cover Database by class (USGS legend), grouped as in the original scenario. Open water (11) can be
kept as a class; perennial ice (12) and what is not named here belongs to no class."""


@dataclass(frozen=True)
class ClassMap:
    """The classes that tiles are sorted into, in order, and the codes (0 to 255) of each; no code is in two classes."""

    codes: Mapping[str, tuple[int, ...]]

    @property
    def names(self) -> tuple[str, ...]:
        """The classes; a class's place here is its index in the arrays of `indices`."""
        return tuple(self.codes)

    def indices(self, codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.int8]:
        """The class index of each code, or NONE, in the same shape."""
        table = np.full(256, NONE, np.int8)
        for index, of_class in enumerate(self.codes.values()):
            table[list(of_class)] = index
        return np.asarray(table[codes], np.int8)


def class_map(path: Path | None = None, *, water: bool = False) -> ClassMap:
    """NLCD's classes, or those of a TOML file (`[classes]`, a list of codes by name), and open water (11) when asked."""
    codes = dict(_read(path) if path else NLCD)
    if water:
        codes.setdefault(WATER, (11,))
    if len(codes) < 2 or len(codes) > 100:
        raise UsageError(f"{path} names {len(codes)} classes; 2 to 100 are needed.")
    seen: dict[int, str] = {}
    for name, of_class in codes.items():
        checked_name(name, "class name")
        for code in of_class:
            if seen.setdefault(code, name) != name:
                raise UsageError(f"Code {code} is in two classes: {seen[code]} and {name}.", suggestion="Take it out of one.")
    return ClassMap(codes)


def _read(path: Path) -> dict[str, tuple[int, ...]]:
    example = "Write it as [classes], then lines such as: Forest = [41, 42, 43]"
    try:
        found: Any = tomllib.loads(path.read_text()).get("classes")
    except FileNotFoundError:
        raise UsageError(f"There is no class map {path}.", suggestion=example) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}.", suggestion=example) from error
    if not isinstance(found, dict):
        raise UsageError(f"{path} has no table [classes].", suggestion=example)
    for name, codes in found.items():
        listed = isinstance(codes, list) and codes and all(type(code) is int and 0 <= code <= 255 for code in codes)
        if not listed:
            raise UsageError(f"{path}: {name} is not a list of codes from 0 to 255.", suggestion=example)
    return {name: tuple(codes) for name, codes in found.items()}
