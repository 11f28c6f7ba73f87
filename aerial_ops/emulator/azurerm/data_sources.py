"""Data sources: what is read and never made."""

from collections.abc import Callable
from typing import Any

from aerial_ops.emulator.azurerm.client import Azure
from aerial_ops.emulator.azurerm.refusals import RefusedError
from aerial_ops.emulator.azurerm.values import State

_SUBSCRIPTIONS = "2022-12-01"


def client_config(azure: Azure, config: State) -> State:
    """azurerm_client_config: who is signed in; no call, the object id comes from the token."""
    identity = azure.identity
    return {
        "id": f"clientConfigs/clientId={identity.client};subscriptionId={identity.subscription};tenantId={identity.tenant}",
        "client_id": identity.client,
        "object_id": azure.object_id(),
        "subscription_id": identity.subscription,
        "tenant_id": identity.tenant,
    }


def subscription(azure: Azure, config: State) -> State:
    """azurerm_subscription."""
    wanted = config.get("subscription_id") or azure.identity.subscription
    found: dict[str, Any] | None = azure.get(f"/subscriptions/{wanted}", _SUBSCRIPTIONS)
    if found is None:
        raise RefusedError(f'Subscription (Subscription: "{wanted}") was not found')
    policies = found.get("subscriptionPolicies") or {}
    return {
        "id": f"/subscriptions/{wanted}",
        "subscription_id": found["subscriptionId"],
        "display_name": found.get("displayName", ""),
        "tenant_id": found.get("tenantId", ""),
        "state": found.get("state", ""),
        "location_placement_id": policies.get("locationPlacementId", ""),
        "quota_id": policies.get("quotaId", ""),
        "spending_limit": policies.get("spendingLimit", ""),
        "tags": found.get("tags") or {},
    }


DATA_SOURCES: dict[str, Callable[[Azure, State], State]] = {
    "azurerm_client_config": client_config,
    "azurerm_subscription": subscription,
}
