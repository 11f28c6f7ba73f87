"""The clouds: where the endpoints are and how to sign in there. Above this line nobody asks which cloud it is."""

from aerial_ops.clouds.base import Cloud, ClusterEndpoint, StorageEndpoint
from aerial_ops.settings import Settings

__all__ = ["Cloud", "ClusterEndpoint", "StorageEndpoint", "cloud_of"]


def cloud_of(settings: Settings) -> Cloud:
    """The cloud that the settings name."""
    if settings.cloud == "azure":
        from aerial_ops.clouds.azure import AzureCloud

        return AzureCloud(settings)
    from aerial_ops.clouds.emulator import EmulatorCloud

    return EmulatorCloud(settings)
