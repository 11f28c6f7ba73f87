"""labels_to_inds.tsv: which class each of a network's scores belongs to, `label, tab, index` a line."""

from pathlib import Path

from aerial_ops.errors import UsageError

_FORM = "Write a line per class: its label, a tab, its index; the indices are 0, 1, 2, ... in the order of the network's scores."


def read_labels(path: Path) -> list[str]:
    """The classes in the order of their indices. A header line is allowed. Raises UsageError."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise UsageError(f"There is no file {path}.") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not a text file in UTF-8.", suggestion=_FORM) from error
    rows = [(number, *line.rpartition("\t")) for number, line in enumerate(lines, 1) if line.strip()]
    if rows and not _is_index(rows[0][3]):
        rows = rows[1:]
    found: dict[int, str] = {}
    for number, label, tab, index in rows:
        if not tab or not _is_index(index) or not label.strip():
            raise UsageError(f"{path}, line {number}, is not a label and its index.", suggestion=_FORM)
        if int(index) in found or label.strip() in found.values():
            raise UsageError(f"{path}, line {number}: the label or the index appears twice.", suggestion=_FORM)
        found[int(index)] = label.strip()
    if len(found) < 2 or sorted(found) != list(range(len(found))):
        raise UsageError(
            f"{path} gives the indices {sorted(found)}; they must be 0, 1, 2, ... of two classes or more.", suggestion=_FORM
        )
    return [found[index] for index in range(len(found))]


def labels_text(classes: list[str]) -> str:
    """The file's text, without a header."""
    return "".join(f"{label}\t{index}\n" for index, label in enumerate(classes))


def _is_index(text: str) -> bool:
    return text.strip().isascii() and text.strip().isdigit()
