"""What a command needs at hand: the settings, the cloud, the store, the output."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from aerial_ops.cli import app as application
from aerial_ops.cli.output import Output
from aerial_ops.clouds import Cloud, cloud_of
from aerial_ops.settings import Settings, load

if TYPE_CHECKING:
    from aerial_ops.infrastructure.site import Site
    from aerial_ops.jobs.service import Jobs
    from aerial_ops.storage.blobs import BlobStore


class Session:
    """One run of the command line; nothing is connected before it is used."""

    def __init__(self, as_json: bool = False, experiment: Mapping[str, Any] | None = None) -> None:
        self.out = Output(as_json)
        self._experiment = experiment

    @cached_property
    def settings(self) -> Settings:
        """Settings file, the experiment's own, variables and the flags before the command's name."""
        return load(experiment=self._experiment, **application.flags)  # type: ignore[arg-type]

    @cached_property
    def cloud(self) -> Cloud:
        """The cloud that the settings name."""
        return cloud_of(self.settings)

    @cached_property
    def site(self) -> "Site":
        """The environment on that cloud."""
        from aerial_ops.infrastructure.site import Site

        return Site(self.settings, self.cloud, self.out)

    @cached_property
    def store(self) -> "BlobStore":
        """Its storage account."""
        from aerial_ops.storage.blobs import BlobStore

        return BlobStore.of(self.cloud)

    @cached_property
    def jobs(self) -> "Jobs":
        """The jobs on its cluster."""
        from aerial_ops.jobs.service import Jobs

        return Jobs.of(self.cloud, self.store, self.out)
