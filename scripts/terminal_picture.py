"""Run a command in a terminal of its own, and save what the terminal shows at the end as an SVG picture.

Usage: python scripts/terminal_picture.py PICTURE.svg [--columns 100] [--typed "$ make demo"] -- COMMAND ...
"""

import argparse
import os
import re
import sys
from itertools import groupby
from pathlib import Path

import pyte
from rich.console import Console
from rich.style import Style
from rich.text import Text
from terminal import Terminal

ROWS = 300  # so many that nothing scrolls away
COLOURS = {"brown": "yellow", "brightblack": "bright_black", "brightbrown": "bright_yellow"}


def style(character: pyte.screens.Char) -> Style:
    """How rich calls it."""
    colour = COLOURS.get(character.fg, character.fg)
    colour = f"#{colour}" if re.fullmatch(r"[0-9a-f]{6}", colour) else colour.replace("bright", "bright_").replace("__", "_")
    return Style(color=None if colour == "default" else colour, bold=character.bold, reverse=character.reverse)


def lines_of(screen: pyte.Screen) -> list[Text]:
    """What the terminal shows, without what is empty at its end."""
    lines = []
    for row in range(ROWS):
        line = Text()
        characters = [screen.buffer[row][column] for column in range(screen.columns)]
        for look, alike in groupby(characters, style):
            line.append("".join(character.data for character in alike), look)
        line.rstrip()
        lines.append(line)
    while lines and not lines[-1].plain:
        lines.pop()
    return lines


def picture(lines: list[Text], columns: int, title: str) -> str:
    """As SVG."""
    console = Console(record=True, width=columns, file=open(os.devnull, "w"), force_terminal=True)  # noqa: PTH123, SIM115
    for line in lines:
        console.print(line, no_wrap=True, crop=True)
    svg = console.export_svg(title=title, unique_id="terminal")
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)  # they are on the network; a picture asks nobody
    return svg.replace("Fira Code, monospace", "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace")


def main() -> int:
    """The command's own exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--columns", type=int, default=100)
    parser.add_argument("--typed", default="", help="the line that a user would have typed")
    parser.add_argument("--title", default="")
    parser.add_argument("command", nargs="+")
    given = parser.parse_args()
    with Terminal(given.command, columns=given.columns, rows=ROWS) as terminal:
        code = terminal.end(seconds=3600)
    typed = [Text(given.typed, "bold")] if given.typed else []
    given.picture.write_text(picture([*typed, *lines_of(terminal.screen)], given.columns, given.title or " ".join(given.command)))
    return code


if __name__ == "__main__":
    sys.exit(main())
