"""Terraform's lock on an environment's state: waited for, explained, and broken only when its owner is known to be dead."""

from collections.abc import Mapping
from typing import Any

from aerial_ops.errors import InfrastructureError, RefusedError
from aerial_ops.infrastructure.site import Site
from aerial_ops.infrastructure.terraform import Plan, Terraform

ORPHAN_PATIENCE_SECONDS = 120  # for the Terraform of a killed command, which ends by itself


def planned(
    site: Site, terraform: Terraform, variables: Mapping[str, Any], *, destroy: bool = False, unlock: bool = False
) -> Plan:
    """A saved plan. When the journal shows that a command was killed, what is left of it is waited for.

    With `unlock` its lock is broken. Raises RefusedError when nothing shows that the lock's owner is dead.
    """
    unfinished = site.environment.journal.unfinished()
    killed = unfinished is not None and unfinished.owner_is_dead
    try:
        return terraform.plan(variables, destroy=destroy, patience=ORPHAN_PATIENCE_SECONDS if killed and not unlock else 0)
    except InfrastructureError as error:
        lock = error.data.get("lock", {}).get("ID")
        if not unlock or not lock:
            raise
        if not killed:
            raise RefusedError(
                "The journal does not show that the holder of Terraform's lock is dead.",
                left="Nothing was changed.",
                suggestion="Wait for its end. If you know that nothing runs any more: aerial-ops down --force",
            ) from error
        terraform.unlock(lock)
        return terraform.plan(variables, destroy=destroy)
