"""Each outside client has its adapters, the only modules to import it."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "aerial_ops"
ADAPTERS = {
    "azure.storage": ("storage/blobs.py",),
    "azure.mgmt.monitor": ("infrastructure/activity.py",),
    "onnxruntime": ("backbones/inference.py", "backbones/quantise.py"),
    "onnx": ("backbones/",),
    "rasterio": ("datasets/raster.py", "analysis/export/"),
}


def imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


@pytest.mark.parametrize(("client", "adapters"), ADAPTERS.items())
def test_only_the_adapters_import_the_client(client: str, adapters: tuple[str, ...]) -> None:
    importers = {
        file.relative_to(PACKAGE).as_posix()
        for file in PACKAGE.rglob("*.py")
        if any(name == client or name.startswith(client + ".") for name in imports(file))
    }
    assert all(importer.startswith(adapters) for importer in importers), importers
