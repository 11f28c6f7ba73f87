"""A pytest plugin: Azurite, the emulator of Azure blob storage, for anybody's tests. docs/pytest-azurite.md tells how."""

from pytest_azurite.server import AzuriteContainer, AzuriteServer

__all__ = ["AzuriteContainer", "AzuriteServer"]
