"""Objects of a schema's shape: completing, planning, comparing and settling them.

A path is a dotted name without indexes, such as `roles.worker_node.target_instance_count`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from aerial_ops.emulator.azurerm.schema import Attribute, Block, Nested
from aerial_ops.emulator.azurerm.wire import UNKNOWN, Unknown

State = dict[str, Any]
Step = str | int
_EMPTY: tuple[Any, ...] = (None, "", [], {}, 0, False)


def dotted(path: tuple[Step, ...]) -> str:
    """`path` without its indexes."""
    return ".".join(step for step in path if isinstance(step, str))


def first(blocks: Any) -> State:
    """The body of a block that occurs once at most; empty when it does not."""
    return dict(blocks[0]) if isinstance(blocks, list) and blocks else {}


def bodies(nested: Nested, value: Any) -> list[State]:
    """The block bodies in the value of a nested block."""
    if value is None or isinstance(value, Unknown):
        return []
    return [value] if nested.mode == "single" else list(value)


def rebuild(nested: Nested, value: Any, change: Callable[[int, State], State]) -> Any:
    """`value` with every block body replaced by `change(index, body)`."""
    if value is None or isinstance(value, Unknown):
        return value
    if nested.mode == "single":
        return change(0, value)
    return [change(index, body) for index, body in enumerate(value)]


def complete(block: Block, raw: Mapping[str, Any]) -> State:
    """`raw` with every attribute and block of `block`, and nothing else: Terraform takes no partial objects."""
    out: State = {name: raw.get(name) for name in block.attributes}
    for name, nested in block.blocks.items():
        value = raw.get(name)
        if value is None and nested.mode != "single":
            value = []
        out[name] = rebuild(nested, value, lambda _, body, nested=nested: complete(nested.block, body))  # type: ignore[misc]
    return out


def has_unknown(value: Any) -> bool:
    """Whether anything in `value` is known only after apply."""
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return isinstance(value, Unknown)


def configured(block: Block, body: State, at: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], Any]]:
    """Path (with indexes) and value of every known argument.

    As in the provider, a block in which anything is unknown is not looked at: what is wrong there shows at plan or apply.
    """
    for name in block.attributes:
        value = body.get(name)
        if value is not None and not has_unknown(value):
            yield (*at, name), value
    for name, nested in block.blocks.items():
        value = body.get(name)
        if has_unknown(value):
            continue
        for index, inner in enumerate(bodies(nested, value)):
            # The protocol cannot name an element of a set: the path stops at the block.
            step: tuple[Step, ...] = (name, index) if nested.mode == "list" else (name,)
            yield from configured(nested.block, inner, (*at, *step))


def plan(
    block: Block,
    proposed: State,
    prior: State | None,
    adjust: Callable[[str, Any, Any], Any],
    at: tuple[Step, ...] = (),
) -> State:
    """What the object will be: `adjust(path, proposed, prior)` for each argument, and unknown where the cloud decides."""
    out = dict(proposed)
    for name, attribute in block.attributes.items():
        before = prior.get(name) if prior else None
        value = adjust(dotted((*at, name)), proposed[name], before)
        out[name] = UNKNOWN if value is None and attribute.computed and prior is None else value
    for name, nested in block.blocks.items():
        old = bodies(nested, prior.get(name)) if prior else []

        def visit(index: int, body: State, nested: Nested = nested, old: list[State] = old, name: str = name) -> State:
            same_place = old[index] if index < len(old) else None
            before = (body if body in old else None) if nested.mode == "set" else same_place
            return plan(nested.block, body, before, adjust, (*at, name))

        out[name] = rebuild(nested, out[name], visit)
    return out


def settle(block: Block, planned: State) -> State:
    """`planned` with nothing unknown left: null for values, no blocks for blocks."""
    out = dict(planned)
    for name in block.attributes:
        if has_unknown(out[name]):
            out[name] = None
    for name, nested in block.blocks.items():
        if isinstance(out[name], Unknown):
            out[name] = None if nested.mode == "single" else []
        out[name] = rebuild(nested, out[name], lambda _, body, nested=nested: settle(nested.block, body))  # type: ignore[misc]
    return out


Same = Callable[[Any, Any], bool]


def quieted(
    block: Block,
    before: State,
    found: State,
    defaults: Mapping[str, Any],
    same: Mapping[str, Same],
    at: tuple[Step, ...] = (),
) -> State:
    """`found` without differences that mean nothing.

    Null where nothing was set before and the cloud reports only its default, or nothing; as it was written before where
    `same` says that both notations mean the same.
    """
    out = dict(found)
    for name, attribute in block.attributes.items():
        value, old = found.get(name), before.get(name)
        path = dotted((*at, name))
        if old is None and not attribute.computed:
            said_nothing = value == defaults[path] if path in defaults else value in _EMPTY
            out[name] = None if said_nothing else value
        elif old and value and _equal(attribute, same.get(path), old, value):
            out[name] = old
    for name, nested in block.blocks.items():
        old_bodies, new_bodies = bodies(nested, before.get(name)), bodies(nested, found.get(name))
        if nested.mode == "single":
            continue
        quiet = []
        for index, body in enumerate(new_bodies):
            if nested.mode == "set":
                tries = [quieted(nested.block, one, body, defaults, same, (*at, name)) for one in old_bodies]
                quiet.append(next((made for made, old in zip(tries, old_bodies, strict=True) if made == old), body))
            else:
                old = old_bodies[index] if index < len(old_bodies) else {}
                quiet.append(quieted(nested.block, old, body, defaults, same, (*at, name)))
        out[name] = quiet
    return out


def _equal(attribute: Attribute, same: Same | None, old: Any, new: Any) -> bool:
    if attribute.type[0] == "set":
        return same_set(old, new)
    return same is not None and same(old, new)


def same_set(one: list[Any], other: list[Any]) -> bool:
    """Whether two lists hold the same things in any order."""
    return len(one) == len(other) and sorted(map(repr, one)) == sorted(map(repr, other))


def changed(block: Block, prior: State, planned: State, at: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    """Paths (with indexes) of what differs. A block that was added or removed is named itself."""
    for name, attribute in block.attributes.items():
        old, new = prior.get(name), planned.get(name)
        if old == new:
            continue
        if attribute.type[0] == "set" and isinstance(old, list) and isinstance(new, list) and same_set(old, new):
            continue
        yield (*at, name)
    for name, nested in block.blocks.items():
        olds, news = bodies(nested, prior.get(name)), bodies(nested, planned.get(name))
        if nested.mode == "set":
            if not same_set(olds, news):
                yield (*at, name)
            continue
        if len(olds) != len(news):
            yield (*at, name)
        for index, (old_body, new_body) in enumerate(zip(olds, news, strict=False)):
            yield from changed(nested.block, old_body, new_body, (*at, name, index))
