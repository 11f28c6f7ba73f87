"""`aerial-ops sync`: images into the storage account."""

from typing import Annotated

import typer

from aerial_ops.cli.options import Json

SOURCE = "Folder, or address of a storage account or container (https://..., with a SAS or signed in)."


def sync(
    source: Annotated[str, typer.Option(help=SOURCE, envvar="AERIAL_OPS_SOURCE")],
    containers: Annotated[str | None, typer.Option(help="Comma-separated (default: train,test,middlesexma2016).")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be sent.")] = False,
    delete_extra: Annotated[bool, typer.Option("--delete-extra", help="Remove blobs that the source does not have.")] = False,
    parallel: Annotated[int, typer.Option(min=1, max=64, help="Transfers at the same time.")] = 32,
    as_json: Json = False,
) -> None:
    """Bring the image containers up to date with a source: only what is missing, verified, resumable."""
    from aerial_ops.cli import session, show_sync
    from aerial_ops.storage import sync as storage_sync

    here = session.Session(as_json)
    asked = storage_sync.checked_containers(containers)
    result = storage_sync.sync(
        storage_sync.open_source(source, asked, trust=here.cloud.trust()),
        here.store,
        home=here.settings.home,
        dry_run=dry_run,
        remove_extra=delete_extra,
        threads=parallel,
        report=here.out,
    )
    show_sync.show(here.out, result)
