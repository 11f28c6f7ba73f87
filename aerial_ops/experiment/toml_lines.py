"""On which line of a TOML text each key and each element of a list is; tomllib reads values, but does not say where they are."""

import re
import tomllib

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)+")
_KEY = re.compile(r'[ \t]*(?:"((?:[^"\\\n]|\\.)*)"|\'([^\'\n]*)\'|([A-Za-z0-9_-]+))[ \t]*')
_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)
_OTHER = re.compile(r"[^,\]}\n#]+")


def lines_of(text: str) -> dict[Path, int]:
    """Line (from 1) of each path, such as ("train", 1, "params", "numTrees"). `text` must be valid TOML."""
    return _Walk(text).lines


def line_of(path: Path, lines: dict[Path, int]) -> int | None:
    """The line of `path`, or of the nearest table or key around it that is written in the file."""
    for length in range(len(path), 0, -1):
        if line := lines.get(path[:length]):
            return line
    return None


class _Walk:
    """Reads a text from its beginning to its end; `lines` is what it has met."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self._text, self._at = text.replace("\r\n", "\n"), 0
        self._counted, self._line = 0, 1
        self._tables: dict[Path, int] = {}  # an array of tables, and the number of its last table
        table: Path = ()
        while self._skip_blank():
            if self._take("[["):
                table = self._header(array=True)
            elif self._take("["):
                table = self._header(array=False)
            else:
                self._pair(table)

    def _header(self, *, array: bool) -> Path:
        self._skip_blank()
        line, keys = self._here(), self._keys()
        path: Path = ()
        for place, key in enumerate(keys, 1):
            path = (*path, key)
            self.lines.setdefault(path, line)
            if array and place == len(keys):
                self._tables[path] = self._tables.get(path, -1) + 1
            if path in self._tables:
                path = (*path, self._tables[path])
                self.lines.setdefault(path, line)
        self._take("]]" if array else "]")
        return path

    def _pair(self, table: Path) -> None:
        line = self._here()
        path = table
        for key in self._keys():
            path = (*path, key)
            self.lines.setdefault(path, line)
        self._take("=")
        self._value(path)

    def _value(self, path: Path) -> None:
        self._skip_blank()
        if self._take("["):
            number = 0
            while self._skip_blank() and not self._take("]"):
                self.lines[(*path, number)] = self._here()
                self._value((*path, number))
                number += 1
                self._skip_blank()
                self._take(",")
        elif self._take("{"):
            while self._skip_blank() and not self._take("}"):
                self._pair(path)
                self._skip_blank()
                self._take(",")
        else:
            found = _STRING.match(self._text, self._at) or _OTHER.match(self._text, self._at)
            self._at = found.end() if found else len(self._text)

    def _keys(self) -> list[str]:
        keys = []
        while found := _KEY.match(self._text, self._at):
            quoted, literal, bare = found.groups()
            keys.append(tomllib.loads(f'key = "{quoted}"')["key"] if quoted is not None else literal if bare is None else bare)
            self._at = found.end()
            if not self._take("."):
                break
        return keys

    def _here(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _skip_blank(self) -> bool:
        """Whether anything is left behind blanks and comments."""
        if found := _BLANK.match(self._text, self._at):
            self._at = found.end()
        return self._at < len(self._text)

    def _take(self, mark: str) -> bool:
        found = self._text.startswith(mark, self._at)
        self._at += len(mark) if found else 0
        return found
