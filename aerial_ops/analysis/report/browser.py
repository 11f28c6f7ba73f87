"""A browser on this machine, to print a page: Chromium, Chrome or Edge, without a window, without a network."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from aerial_ops.errors import ToolError

PROGRAMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
)
APPLICATIONS = ("Chromium.app/Contents/MacOS/Chromium", "Google Chrome.app/Contents/MacOS/Google Chrome",
                "Microsoft Edge.app/Contents/MacOS/Microsoft Edge")  # fmt: skip
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
"""Options under which the browser asks nothing of anybody: no name is resolved."""

SECONDS = 180
VARIABLE = "AERIAL_OPS_BROWSER"


def find_browser() -> Path | None:
    """The program named by AERIAL_OPS_BROWSER, or the first one that is found; None when there is none."""
    if named := os.environ.get(VARIABLE):
        found = shutil.which(named)
        return Path(found) if found else None
    on_path = [Path(found) for found in map(shutil.which, PROGRAMS) if found]
    if sys.platform == "darwin":
        on_path += [path for path in (Path("/Applications") / name for name in APPLICATIONS) if path.exists()]
    return on_path[0] if on_path else None


def options() -> tuple[str, ...]:
    """How the browser is started; root's browser runs without a sandbox, since it refuses to have one."""
    return (*QUIET, "--no-sandbox") if hasattr(os, "geteuid") and os.geteuid() == 0 else QUIET


def print_pdf(html: str) -> bytes:
    """`html`, a page that loads nothing, as a PDF. Raises ToolError without a browser or when it does not print."""
    browser = find_browser()
    if browser is None:
        named = os.environ.get(VARIABLE)
        raise ToolError(
            "A report is printed to PDF by a browser, and "
            + (f"{VARIABLE} names {named}, which is no program." if named else "neither Chromium, Chrome nor Edge was found."),
            suggestion=f"Install one (Debian and Ubuntu: sudo apt install chromium), name it with {VARIABLE}=/path/to/browser, "
            "or write HTML (--format html) and print that.",
        )
    with TemporaryDirectory(prefix="aerial-ops-pdf-", ignore_cleanup_errors=True) as folder:
        page, pdf = Path(folder, "report.html"), Path(folder, "report.pdf")
        page.write_text(html, "utf-8")
        command: list[str | Path] = [
            browser,
            "--headless",
            *options(),
            f"--user-data-dir={folder}/profile",
            "--virtual-time-budget=5000",
            "--no-pdf-header-footer",
            f"--print-to-pdf={pdf}",
            page.as_uri(),
        ]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _unprinted(browser, str(error)) from error
        if not pdf.exists() or not pdf.stat().st_size:
            raise _unprinted(browser, done.stderr.strip()[-300:] or f"exit code {done.returncode}")
        return pdf.read_bytes()


def _unprinted(browser: Path, reason: str) -> ToolError:
    return ToolError(
        f"The browser {browser} did not print the report: {reason}",
        suggestion=f"Name another one with {VARIABLE}=/path/to/browser, or write HTML (--format html) and print that.",
    )
