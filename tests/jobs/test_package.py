import io
import zipfile
from pathlib import Path

from aerial_ops.jobs.package import job_package


def folder(root: Path, text: str = "x = 1\n") -> Path:
    package = root / "spark_jobs"
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").write_text("")
    (package / "main.py").write_text(text)
    return package


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    assert job_package(folder(tmp_path / "a")) == job_package(folder(tmp_path / "b"))


def test_a_change_changes_the_hash(tmp_path: Path) -> None:
    assert job_package(folder(tmp_path)).hash != job_package(folder(tmp_path, "x = 2\n")).hash


def test_the_installed_package_is_importable_from_its_zip() -> None:
    names = zipfile.ZipFile(io.BytesIO(job_package().library)).namelist()
    assert "spark_jobs/__init__.py" in names
    assert all(name.endswith(".py") for name in names)
