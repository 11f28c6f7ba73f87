"""Write the tables of inputs and outputs into each README below terraform/, from variables.tf and outputs.tf.

Usage: python scripts/terraform_docs.py [--check]

Only the part between the two markers is written; the words around it are the author's. With --check nothing is written, and
the exit code is 1 when a README is not what it should be.
"""

import sys
from pathlib import Path
from typing import Any

import hcl2
from marked import cell, write_or_check

ROOT = Path(__file__).resolve().parents[1] / "terraform"


def folders() -> list[Path]:
    """Every module and root."""
    return sorted(path.parent for path in ROOT.glob("**/variables.tf") if ".terraform" not in path.parts)


def blocks(file: Path, kind: str) -> dict[str, dict[str, Any]]:
    """The blocks of one kind, by name."""
    with file.open() as text:
        found = hcl2.load(text).get(kind, [])
    return {name.strip('"'): body for item in found for name, body in item.items()}


def plain(value: Any) -> str:
    """A value as HCL writes it, on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(plain(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key} = {plain(item)}' for key, item in value.items() if key != '__is_block__')}}}"
    text = str(value)
    return text[2:-1] if text.startswith("${") and text.endswith("}") else text


def inputs(folder: Path) -> list[str]:
    """The table of inputs."""
    lines = ["## Inputs", "", "| Name | Type | Default | Description |", "|---|---|---|---|"]
    variables = blocks(folder / "variables.tf", "variable").items()
    for name, body in sorted(variables, key=lambda item: ("default" in item[1], item[0])):  # required ones first
        default = f"`{cell(plain(body['default']))}`" if "default" in body else "required"
        notes = " Sensitive." if body.get("sensitive") else ""
        description = cell(str(body["description"]).strip('"'))
        lines.append(f"| `{name}` | `{cell(plain(body['type']))}` | {default} | {description}{notes} |")
    return lines


def outputs(folder: Path) -> list[str]:
    """The table of outputs."""
    lines = ["## Outputs", "", "| Name | Description |", "|---|---|"]
    for name, body in sorted(blocks(folder / "outputs.tf", "output").items()):
        notes = " Sensitive." if body.get("sensitive") else ""
        lines.append(f"| `{name}` | {cell(str(body['description']).strip(chr(34)))}{notes} |")
    return lines


def main(arguments: list[str]) -> int:
    """Write, or check."""
    files = {folder / "README.md": [*inputs(folder), "", *outputs(folder)] for folder in folders()}
    return write_or_check("terraform_docs.py", files, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
