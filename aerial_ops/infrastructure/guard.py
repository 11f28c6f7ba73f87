"""No cluster without an armed dead man's switch: Azure is asked, whatever Terraform believes."""

import time

from aerial_ops.errors import RefusedError
from aerial_ops.infrastructure.environments import Description
from aerial_ops.infrastructure.site import Site

PATIENCE_SECONDS, PAUSE_SECONDS = 60.0, 3.0  # what was made a moment ago may not be listed yet


def unguarded(site: Site, described: Description) -> RefusedError | None:
    """Why no cluster may be made: nothing would remove it at the deadline. None when the switch is armed."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (switch := site.plane.switch(described.resource_group, site.switch_account).held_to(described.deadline)).armed:
        if time.monotonic() > end:
            return RefusedError(
                f"The dead man's switch of {described.name} is not armed: {switch.problem}.",
                left="No cluster was made or changed. The storage account exists; it costs cents a day.",
                suggestion="Arm it: aerial-ops up --data-only. Without it nothing but you ends what a cluster costs: --unguarded",
                data={"switch": switch.problem},
            )
        time.sleep(PAUSE_SECONDS)
    return None
