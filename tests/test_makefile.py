"""The two commands find their folder, whatever it is called and from wherever they are run."""

import shutil
import subprocess
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[1] / "Makefile"


@pytest.mark.parametrize("name", ["aerial-ops", "my new folder"])
@pytest.mark.parametrize("way", ["-C", "-f", ""])
def test_a_target_works_in_its_own_folder(tmp_path: Path, name: str, way: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    shutil.copy(MAKEFILE, folder)
    where = {"-C": ["-C", str(folder)], "-f": ["-f", str(folder / "Makefile")], "": []}[way]
    done = subprocess.run(
        ["make", *where, "-n", "setup"], cwd=tmp_path if way else folder, capture_output=True, text=True, check=True
    )
    assert f'cd "{folder}/" && ' in done.stdout
