"""Fixtures for every test."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real imagery beside the project."""
    if not (SHARED / "naip" / "landcover.tif").exists():
        pytest.skip(f"the shared imagery is not at {SHARED}")
    return SHARED
