"""Whole folders, by Hadoop's file system."""

from __future__ import annotations

from typing import Any

from spark_jobs.errors import StorageError
from spark_jobs.places import Place


class HadoopFiles:
    """Renames and deletes by Hadoop's file system in one container: the same on WASB and on a local folder."""

    def __init__(self, spark: Any, place: Place, container: str) -> None:
        self._place = place
        self._container = container
        self._path = spark.sparkContext._jvm.org.apache.hadoop.fs.Path
        self._configuration = spark.sparkContext._jsc.hadoopConfiguration()

    def _at(self, name: str) -> Any:
        return self._path(self._place.hadoop_url(self._container, name))

    def rename(self, source: str, target: str) -> None:
        """Move a folder. Raises StorageError when Hadoop refuses."""
        path = self._at(target)
        if not path.getFileSystem(self._configuration).rename(self._at(source), path):
            raise StorageError(f"Could not move {self._container}/{source} to {self._container}/{target}.")

    def delete(self, name: str) -> None:
        """Remove a folder and all below it; nothing happens when it is not there."""
        path = self._at(name)
        path.getFileSystem(self._configuration).delete(path, True)
