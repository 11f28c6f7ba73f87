"""The script that each node of the cluster runs first: put into the account, and the address by which the nodes read it.

The command does this and not Terraform: a blob in Terraform's state breaks every later plan once its account is gone.
"""

from datetime import timedelta

from aerial_ops.infrastructure.environments import Description
from aerial_ops.infrastructure.terraform.workspace import roots_folder
from aerial_ops.storage import layout
from aerial_ops.storage.blobs import BlobStore

SCRIPT = "bootstrap.sh"
MARGIN = timedelta(days=1)  # nodes that are added after an extension read it too


def upload_script(store: BlobStore) -> None:
    """Put the script where the cluster's nodes find it."""
    script = (roots_folder() / "scripts" / SCRIPT).read_bytes()
    store.write(layout.CLUSTER, layout.BOOTSTRAP, script, content_type="text/x-shellscript")


def script_url(store: BlobStore, described: Description) -> str:
    """Its address, readable until a day after the deadline: a secret."""
    return store.readable_url(layout.CLUSTER, layout.BOOTSTRAP, described.deadline + MARGIN)
