import sys
import zipimport
from pathlib import Path

import pytest

from spark_jobs.featurise import forget_zip_importers


def test_zip_importers_are_forgotten_and_imports_still_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "library.zip", "w") as archive:
        archive.writestr("first_of_zip.py", "value = 1")
        archive.writestr("second_of_zip.py", "value = 2")
    monkeypatch.syspath_prepend(str(tmp_path / "library.zip"))
    import first_of_zip

    forget_zip_importers()
    assert not any(isinstance(finder, zipimport.zipimporter) for finder in sys.path_importer_cache.values())
    import second_of_zip

    assert (first_of_zip.value, second_of_zip.value) == (1, 2)
