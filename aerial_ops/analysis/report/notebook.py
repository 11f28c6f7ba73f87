"""The report as a notebook: its cells call the functions in `display`, and are run before it is written."""

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aerial_ops.errors import DataError, ToolError
from aerial_ops.reporting import Reporter
from aerial_ops.runs.download import download_results
from aerial_ops.storage.blobs import BlobStore

FILE = "model_prediction_analysis.ipynb"
PARAMETERS = "parameters"
SECONDS_A_CELL = 600
NOT_RUN = "The notebook was not run, because nbclient and ipykernel are not installed: pip install 'aerial-ops[notebook]'"


def as_notebook(source: BlobStore | Path, name: str, out: Path, reporter: Reporter) -> tuple[bytes, list[str]]:
    """The notebook on model `name` that will be at `out`, run, and notes on it. It reads a folder of results.

    From a storage account, that folder is made beside `out`. Raises DataError when a cell fails.
    """
    if isinstance(source, Path):
        folder = str(source.resolve())
    else:
        folder = f"{out.stem}-data"
        download_results(source, name, out.with_name(folder), reporter)
    document = notebook(name, folder)
    with reporter.task("Running the notebook"):
        results = run(document, out.parent)
    return to_bytes(results or document), [] if results else [NOT_RUN]


def notebook(name: str, source: str) -> dict[str, Any]:
    """The notebook of the project, with its parameters set: the model's name, and a folder of results or nothing."""
    document: dict[str, Any] = json.loads(_file().read_text("utf-8"))
    for cell in document["cells"]:
        if PARAMETERS in cell["metadata"].get("tags", ()):
            cell["source"] = [f"NAME = {name!r}\n", f"SOURCE = {source!r}"]
    return document


def run(document: dict[str, Any], folder: Path) -> dict[str, Any] | None:
    """The notebook with the results of its cells, run in `folder`; None when the packages to run one are not here.

    Raises DataError when a cell fails.
    """
    try:
        import nbformat
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError, DeadKernelError
        from traitlets.config import Config
    except ImportError:
        return None
    cells = nbformat.reads(json.dumps(document), as_version=4)  # type: ignore[no-untyped-call]
    with TemporaryDirectory(prefix="aerial-ops-") as own:
        # Code and results go through sockets in a folder of ours, not through ports that others may listen to.
        sockets = {"transport": "ipc", "ip": f"{own}/kernel"} if os.name == "posix" else {}
        client = NotebookClient(
            cells,
            timeout=SECONDS_A_CELL,
            kernel_name="python3",
            record_timing=False,
            resources={"metadata": {"path": str(folder)}},
            config=Config({"ConnectionFileMixin": sockets}),
        )
        # The kernel leaves nothing in the user's own folders.
        own_folders = {"IPYTHONDIR": own, "JUPYTER_RUNTIME_DIR": own, "JUPYTER_CONFIG_DIR": own}
        try:
            client.execute(env={**os.environ, **own_folders, "PYTHONDONTWRITEBYTECODE": "1"})
        except (CellExecutionError, DeadKernelError, TimeoutError, RuntimeError) as error:
            told = [f"{error.ename}: {error.evalue}"] if isinstance(error, CellExecutionError) else str(error).splitlines()
            raise DataError(
                f"The notebook could not be run: {told[-1] if told else 'it took too long'}",
                suggestion="Write the page (--format html), or run the notebook cell by cell.",
            ) from error
    written: dict[str, Any] = json.loads(nbformat.writes(cells))  # type: ignore[no-untyped-call]
    return written


def to_bytes(document: dict[str, Any]) -> bytes:
    """As notebooks are kept."""
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def _file() -> Path:
    """In the installed package, else in the source tree."""
    package = Path(__file__).parents[2]
    for path in (package / "notebooks" / FILE, package.parent / "notebooks" / FILE):
        if path.is_file():
            return path
    raise ToolError("The notebook is not where aerial-ops is installed.", suggestion="Install aerial-ops again.")
