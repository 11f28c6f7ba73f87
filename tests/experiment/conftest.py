"""A stage for whole runs, and a small experiment on it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.experiment.stage import Stage, write_images

long = pytest.mark.skipif(os.environ.get("RUNS") != "all", reason="a whole run of its own: make runs")

TRIAL = """
name = "trial"
[cluster]
workers = 2
ttl = "2h"
max_cost = 50
[source]
folder = "images"
[[train]]
name = "rf"
[[train]]
name = "lr"
classifier = "logistic-regression"
"""


@pytest.fixture(scope="package")
def shared_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = Stage(tmp_path_factory.mktemp("stage"))
    yield made
    made.close()


@pytest.fixture
def stage(shared_stage: Stage) -> Iterator[Stage]:
    shared_stage.forget()
    yield shared_stage
    assert shared_stage.names() == []


@pytest.fixture(scope="package")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("images")
    write_images(folder)
    return folder


@pytest.fixture
def folder(tmp_path: Path, images: Path) -> Path:
    """A folder with an experiment file, trial.toml, and its images."""
    (tmp_path / "trial.toml").write_text(TRIAL)
    (tmp_path / "images").symlink_to(images)
    return tmp_path
