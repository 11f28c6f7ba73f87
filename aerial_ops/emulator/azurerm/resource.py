"""What every resource of the stand-in has: what a plan needs to know, and four calls to Resource Manager."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from aerial_ops.emulator.azurerm.client import Azure
from aerial_ops.emulator.azurerm.refusals import RefusedError, already_exists
from aerial_ops.emulator.azurerm.values import State, first

if TYPE_CHECKING:
    import httpx

Check = Callable[[Any], str | None]
"""What is wrong with an argument, or None."""


@dataclass(frozen=True)
class Features:
    """The provider's `features` block, as far as the stand-in knows it."""

    persist_id: bool = False
    prevent_group_deletion: bool = True

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Features":
        """From the provider's configuration."""
        features = first(config.get("features"))
        group = first(features.get("resource_group"))
        return cls(
            persist_id=bool(features.get("persist_id_on_create_before_polling_for_completion")),
            prevent_group_deletion=group.get("prevent_deletion_if_contains_resources") is not False,
        )


@dataclass(frozen=True)
class Context:
    """What a call works with: the client, the features, and when it has taken too long (monotonic)."""

    azure: Azure
    features: Features
    deadline: float

    def settle(self, response: "httpx.Response", resource_id: str, version: str, operation: str) -> None:
        """Wait for what `response` has begun; a failure is remembered when the features say so."""
        try:
            self.azure.poll(response, resource_id, version, operation, self.deadline)
        except RefusedError as error:
            error.created = self.features.persist_id
            raise


class Resource(ABC):
    """One resource type. Methods raise RefusedError."""

    type_name: ClassVar[str]
    title: ClassVar[str]
    """Its name in error messages."""
    version: ClassVar[str]
    """Resource Manager's api-version."""
    force_new: ClassVar[frozenset[str]] = frozenset()
    """Paths whose change replaces the resource; `*` stands for all."""
    defaults: ClassVar[Mapping[str, Any]] = {}
    checks: ClassVar[Mapping[str, Check]] = {}
    same: ClassVar[Mapping[str, Callable[[Any, Any], bool]]] = {}
    """Paths whose two notations can mean the same."""
    minutes: ClassVar[Mapping[str, int]] = {"create": 30, "read": 5, "update": 30, "delete": 30}

    @abstractmethod
    def resource_id(self, azure: Azure, plan: State) -> str:
        """Resource Manager's id of what `plan` describes."""

    @abstractmethod
    def create(self, ctx: Context, resource_id: str, plan: State) -> None:
        """Make it. RefusedError.created tells whether something half made is to be remembered."""

    @abstractmethod
    def read(self, ctx: Context, state: State) -> State | None:
        """What Resource Manager knows of it, as far as known by `state["id"]`; None when it is gone."""

    def update(self, ctx: Context, prior: State, plan: State) -> None:
        """Change it in place. The default makes it again under the same id, which is how most of them work."""
        self.create(ctx, prior["id"], plan)

    def delete(self, ctx: Context, state: State) -> None:
        """Remove it and wait until it is gone."""
        ctx.azure.call("DELETE", state["id"], self.version, ok=(200, 202, 204))
        ctx.azure.wait_gone(state["id"], self.version, ctx.deadline)

    def must_be_new(self, ctx: Context, resource_id: str, plan: State) -> None:
        """RefusedError when it exists already."""
        if ctx.azure.get(resource_id, self.version) is not None:
            raise already_exists(resource_id, self.type_name)

    def replaces(self, path: str) -> bool:
        """Whether a change at `path` means another resource."""
        return "*" in self.force_new or path in self.force_new

    def deadline(self, operation: str, state: Mapping[str, Any]) -> float:
        """When `operation` has taken too long (monotonic)."""
        given = (state.get("timeouts") or {}).get(operation)
        return time.monotonic() + (seconds(given) if given else self.minutes.get(operation, 30) * 60)


def seconds(duration: str) -> float:
    """Go's notation of a duration: `1h30m`, `90s`."""
    total, number = 0.0, ""
    for letter in duration:
        if letter in "hms":
            total += float(number) * {"h": 3600, "m": 60, "s": 1}[letter]
            number = ""
        else:
            number += letter
    return total


def name_of(resource_id: str) -> str:
    """The last part of a resource id."""
    return resource_id.rsplit("/", 1)[-1]


def part(resource_id: str, kind: str) -> str:
    """The part of a resource id that follows `kind`, such as `resourceGroups`."""
    parts = resource_id.split("/")
    lowered = [item.lower() for item in parts]
    return parts[lowered.index(kind.lower()) + 1]


def describe(title: str, resource_id: str) -> str:
    """A resource as the provider's messages name it."""
    if "/providers/" in resource_id and "/resourceGroups/" not in resource_id:
        return f'{title} "{resource_id}"'
    subscription, group = part(resource_id, "subscriptions"), part(resource_id, "resourceGroups")
    if resource_id.count("/") == 4:
        return f'{title} "{group}"'
    return f'{title} (Subscription: "{subscription}"\nResource Group Name: "{group}"\n{title} Name: "{name_of(resource_id)}")'
