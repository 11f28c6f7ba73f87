"""What the schema does not say: defaults, notations, replacement, checks."""

from collections.abc import Iterator
from typing import Any

from aerial_ops.emulator.azurerm import values
from aerial_ops.emulator.azurerm.resource import Resource
from aerial_ops.emulator.azurerm.schema import Block
from aerial_ops.emulator.azurerm.values import State, Step, dotted
from aerial_ops.emulator.azurerm.wire import Unknown


def plan_change(
    resource: Resource, block: Block, proposed: State, prior: State | None, *, legacy: bool
) -> tuple[State, list[tuple[Step, ...]]]:
    """The planned object, and the paths that make it another resource. Without `legacy`, no default is filled in."""

    def adjust(path: str, new: Any, old: Any) -> Any:
        if new is None:
            return resource.defaults.get(path) if legacy else None
        if isinstance(new, Unknown):
            return new
        if legacy and path == "location":
            new = str(new).replace(" ", "").lower()
        same = resource.same.get(path)
        return old if legacy and same and old is not None and same(old, new) else new

    planned = values.plan(block, proposed, prior, adjust)
    if prior is None:
        return planned, []
    return planned, [path for path in values.changed(block, prior, planned) if _replaces(resource, path)]


def _replaces(resource: Resource, path: tuple[Step, ...]) -> bool:
    # A changed argument inside a block replaces only if it is named itself: a script action's address is not.
    return path[0] != "timeouts" and resource.replaces(dotted(path))


def problems(resource: Resource, block: Block, config: State) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """What is wrong with a configuration, and where."""
    for path, value in values.configured(block, config):
        name = dotted(path)
        attribute = _attribute(block, path)
        if attribute.computed and not attribute.optional:
            yield f'Can\'t configure a value for "{name}": its value will be decided automatically', path
            continue
        check = resource.checks.get(name)
        wrong = check(value) if check else None
        if wrong:
            yield f"{name}: {wrong}", path


def _attribute(block: Block, path: tuple[Step, ...]) -> Any:
    names = [step for step in path if isinstance(step, str)]
    for name in names[:-1]:
        block = block.blocks[name].block
    return block.attributes[names[-1]]
