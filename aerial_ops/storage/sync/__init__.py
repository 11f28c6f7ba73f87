"""Make the storage account hold the images of a source: plan, transfer, verify, manifest."""

from aerial_ops.storage.sync.address import checked_containers, open_source
from aerial_ops.storage.sync.result import ContainerResult, SyncResult
from aerial_ops.storage.sync.run import THREADS, sync

__all__ = ["THREADS", "ContainerResult", "SyncResult", "checked_containers", "open_source", "sync"]
