"""How sure a model was: the probabilities in the Parquet file beside a table of predictions."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.joining import ABSENT, positions
from aerial_ops.analysis.tables import blob_name
from aerial_ops.errors import DataError

PREFIX = "p_"


@dataclass(frozen=True, slots=True)
class Probabilities:
    """`values` [ROWS, CLASSES] between 0 and 1; `paths` are blob names, one a row."""

    paths: list[str]
    classes: tuple[str, ...]
    values: npt.NDArray[np.float64]

    def of(self, names: Sequence[str], label: str) -> npt.NDArray[np.float64]:
        """The probability of class `label` for each tile of `names`, [NAMES]; nan where it is not known."""
        return self.certainty(names, [label] * len(names))

    def certainty(self, names: Sequence[str], labels: Sequence[str]) -> npt.NDArray[np.float64]:
        """The probability of each tile's own label, [NAMES]; nan where it is not known. Names are joined as in `positions`."""
        index = {name: i for i, name in enumerate(self.classes)}
        rows = positions(names, self.paths)
        cols = np.fromiter((index.get(label, ABSENT) for label in labels), dtype=np.int64, count=len(labels))
        known = (rows != ABSENT) & (cols != ABSENT)
        found = np.full(len(rows), np.nan)
        found[known] = self.values[rows[known], cols[known]]
        return found


def read_probabilities(raw: bytes, where: str) -> Probabilities:
    """The columns p_CLASS of a Parquet file. Raises DataError when it is not readable or holds anything but probabilities."""
    from pyarrow import ArrowException, parquet

    try:
        table = parquet.read_table(io.BytesIO(raw))
        names = [name for name in table.column_names if name.startswith(PREFIX)]
        paths = [blob_name(str(path)) for path in table.column("filepath").to_pylist()]
        columns = [np.asarray(table.column(name).to_numpy(), dtype=np.float64) for name in names]
    except (ArrowException, KeyError, ValueError, TypeError, OSError) as error:
        raise DataError(f"The probabilities {where} are not readable: {str(error).splitlines()[0]}.") from error
    if not columns:
        raise DataError(f"The table {where} has no column {PREFIX}CLASS, so it holds no probabilities.")
    values = np.stack(columns, axis=1)
    if not ((values >= 0) & (values <= 1 + 1e-9)).all():
        raise DataError(f"The table {where} holds probabilities that are not between 0 and 1.")
    return Probabilities(paths, tuple(name.removeprefix(PREFIX) for name in names), np.minimum(values, 1.0))
