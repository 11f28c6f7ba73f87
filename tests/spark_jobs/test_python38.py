"""The cluster runs Python 3.8 and has only a few packages."""

import ast
import sys
from pathlib import Path

import pytest

FILES = sorted((Path(__file__).parents[2] / "spark_jobs").glob("**/*.py"))
ALLOWED = {"spark_jobs", "pyspark", "numpy", "pyarrow", "PIL", "onnxruntime", "kornia_rs"}
LATER = {"tomllib", "zoneinfo", "graphlib"}  # of the standard library, after 3.8
LATER_METHODS = {"removeprefix", "removesuffix"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_syntax_is_python_3_8(file: Path) -> None:
    tree = ast.parse(file.read_text(), feature_version=(3, 8))
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not used & LATER_METHODS


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_only_the_clusters_packages_are_imported(file: Path) -> None:
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level
            found.add(str(node.module).split(".")[0])
    assert found <= ALLOWED | (set(sys.stdlib_module_names) - LATER)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_newer_type_syntax_stays_in_annotations(file: Path) -> None:
    """`list[X]` is fine where it is never evaluated: in annotations, under `from __future__ import annotations`."""
    tree = ast.parse(file.read_text())
    annotated = {id(part) for node in ast.walk(tree) for part in _annotation_parts(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and id(node) not in annotated:
            assert node.value.id not in {"list", "dict", "tuple", "set", "type", "deque", "array"}, f"line {node.lineno}"


def _annotation_parts(node: ast.AST) -> list[ast.AST]:
    roots = [getattr(node, "annotation", None), getattr(node, "returns", None)]
    return [part for root in roots if root is not None for part in ast.walk(root)]
