"""What a PySpark worker process is spared before every task: 40 ms of waiting and 80 ms of reading zip directories.

PySpark calls importlib.invalidate_caches when it has read a task's header, and that asks every finder in sys.meta_path. So a
finder that finds nothing is how to be called at that moment, in any version of Spark.
"""

from __future__ import annotations

import gc
import socket
import sys
import zipimport
from types import FrameType
from typing import Any


class TaskStart:
    """In sys.meta_path, it acts at the start of each task but the first. `connection` is the one to Spark, None if not found."""

    def __init__(self, connection: socket.socket | None) -> None:
        self.connection = connection
        self._frozen = False
        self._quick_ack = getattr(socket, "TCP_QUICKACK", None)  # Linux has it
        if connection is not None:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """No module comes from here."""
        return

    def invalidate_caches(self) -> None:
        """Acknowledge the task's header, forget zip importers, and have what the first task has imported left alone."""
        # The JVM sends a header and then the task, as two small packets. Nagle's algorithm holds the second one back until the
        # first is acknowledged, and the kernel waits 40 ms for an answer to send that along with.
        if self.connection is not None and self._quick_ack is not None:
            self.connection.setsockopt(socket.IPPROTO_TCP, self._quick_ack, 1)
        forget_zip_importers()
        if not self._frozen:
            gc.freeze()  # PySpark collects garbage after every task: 13 ms for what has been imported by now and stays
            self._frozen = True


def spare_waits() -> TaskStart:
    """Have a TaskStart in this worker process; call it in a task. Nothing happens when there is one."""
    for finder in sys.meta_path:
        if isinstance(finder, TaskStart):
            return finder
    made = TaskStart(_connection_to_spark(sys._getframe()))
    sys.meta_path.insert(0, made)  # before the finder that would read the zip directories
    return made


def forget_zip_importers() -> None:
    """Keep zip importers (there are a dozen) from reading their whole directories again, as they do since Python 3.10.

    An import that needs one makes it anew, from zipimport's own cache.
    """
    for path, finder in list(sys.path_importer_cache.items()):
        if isinstance(finder, zipimport.zipimporter):
            del sys.path_importer_cache[path]


def _connection_to_spark(frame: FrameType | None) -> socket.socket | None:
    """The socket of pyspark.daemon.worker, which runs all tasks of this process; there is no other way to it."""
    while frame is not None:
        if frame.f_globals.get("__name__") == "pyspark.daemon" or frame.f_code.co_filename.endswith("pyspark/daemon.py"):
            found = frame.f_locals.get("sock")
            return found if isinstance(found, socket.socket) else None
        frame = frame.f_back
    return None
