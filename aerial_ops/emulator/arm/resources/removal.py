"""How long a deletion takes, and the faults that it may meet."""

from typing import TYPE_CHECKING

from aerial_ops.emulator.arm.store import Resource

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.service import Arm


def plan_removal(arm: "Arm", resource: Resource, name: str, seconds: float, data: dict[str, str]) -> None:
    """Let a deletion take its time: as long as told by a fault, or for ever when it is told to be stuck."""
    if arm.faults.for_resource("delete-stuck", resource.id):
        resource.hidden["stuck"] = {"action": name, "data": data}
        return
    slow = arm.faults.for_resource("delete-slow", resource.id)
    arm.after(seconds * (float(slow.args.get("factor", 10)) if slow else 1), name, resource.id, **data)
