"""Tenants, subscriptions, locations, resource providers."""

from typing import TYPE_CHECKING, Any

from aerial_ops.emulator.arm.errors import ArmError
from aerial_ops.emulator.arm.messages import Answer, Call, Router
from aerial_ops.emulator.arm.resources.common import SUBSCRIPTION, page

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.service import Arm

PROVIDERS = {
    "Microsoft.Authorization": ("roleAssignments", "roleDefinitions", "locks"),
    "Microsoft.Automation": ("automationAccounts", "automationAccounts/runbooks"),
    "Microsoft.Consumption": ("budgets",),
    "Microsoft.HDInsight": ("clusters", "locations", "locations/usages", "locations/capabilities"),
    "Microsoft.Insights": ("actionGroups",),
    "Microsoft.ManagedIdentity": ("userAssignedIdentities",),
    "Microsoft.Network": ("virtualNetworks", "networkSecurityGroups"),
    "Microsoft.Resources": ("resourceGroups", "subscriptions"),
    "Microsoft.Storage": ("storageAccounts", "checkNameAvailability"),
}
UNREGISTERED = "unregistered-providers"
routes = Router()


@routes.on("GET", "/tenants")
def tenants(arm: "Arm", call: Call) -> Answer:
    """The one tenant."""
    tenant = {"id": f"/tenants/{arm.identity.tenant}", "tenantId": arm.identity.tenant, "tenantCategory": "Home"}
    return page(arm, call, [{**tenant, "displayName": "Emulated tenant", "countryCode": "US", "domains": ["emulated.localhost"]}])


@routes.on("GET", "/subscriptions")
def subscriptions(arm: "Arm", call: Call) -> Answer:
    """The subscriptions in which the caller has a role."""
    seen = [id for id in arm.identity.subscriptions if arm.access.allows(call.principal, READ, f"/subscriptions/{id}")]
    return page(arm, call, [_subscription(arm, id) for id in seen])


@routes.on("GET", SUBSCRIPTION)
def subscription(arm: "Arm", call: Call) -> Answer:
    """One subscription."""
    return Answer(200, _subscription(arm, call["subscription"]))


@routes.on("GET", SUBSCRIPTION + "/locations")
def locations(arm: "Arm", call: Call) -> Answer:
    """The regions."""
    here = f"/subscriptions/{call['subscription']}/locations"
    names = [{"id": f"{here}/{name}", "name": name, "type": "Region", "displayName": name} for name in sorted(arm.regions)]
    return Answer(200, {"value": names})


@routes.on("GET", SUBSCRIPTION + "/providers")
def providers(arm: "Arm", call: Call) -> Answer:
    """Every resource provider, and whether it is registered."""
    return page(arm, call, [_provider(arm, call, name) for name in PROVIDERS])


@routes.on("GET", SUBSCRIPTION + "/providers/{namespace}")
def provider(arm: "Arm", call: Call) -> Answer:
    """One resource provider."""
    return Answer(200, _provider(arm, call, call["namespace"]))


@routes.on("POST", SUBSCRIPTION + "/providers/{namespace}/register")
def register(arm: "Arm", call: Call) -> Answer:
    """Register a resource provider."""
    arm.store.keep(UNREGISTERED, [name for name in _unregistered(arm) if name != call["namespace"].lower()])
    return Answer(200, _provider(arm, call, call["namespace"]))


@routes.on("POST", SUBSCRIPTION + "/providers/{namespace}/unregister")
def unregister(arm: "Arm", call: Call) -> Answer:
    """Take a resource provider's registration away: its resources answer 409 from then on."""
    arm.store.keep(UNREGISTERED, sorted({*_unregistered(arm), call["namespace"].lower()}))
    return Answer(200, _provider(arm, call, call["namespace"]))


def check_registered(arm: "Arm", namespace: str, subscription: str) -> None:
    """Raises ArmError 409 when the subscription may not use a resource provider yet."""
    if namespace.lower() in _unregistered(arm):
        message = f"The subscription '{subscription}' is not registered to use namespace '{namespace}'."
        raise ArmError(409, "MissingSubscriptionRegistration", f"{message} See https://aka.ms/rps-not-found for how to register.")


READ = "Microsoft.Resources/subscriptions/read"


def _subscription(arm: "Arm", id: str) -> dict[str, Any]:
    policies = {"locationPlacementId": "Public_2014-09-01", "quotaId": "PayAsYouGo_2014-09-01", "spendingLimit": "Off"}
    names = {"id": f"/subscriptions/{id}", "subscriptionId": id, "displayName": "Emulated subscription", "state": "Enabled"}
    return {**names, "tenantId": arm.identity.tenant, "authorizationSource": "RoleBased", "subscriptionPolicies": policies}


def _provider(arm: "Arm", call: Call, namespace: str) -> dict[str, Any]:
    name = next((known for known in PROVIDERS if known.lower() == namespace.lower()), None)
    if name is None:
        raise ArmError(404, "InvalidResourceNamespace", f"The resource namespace '{namespace}' is invalid.")
    from aerial_ops.emulator.arm.versions import VERSIONS

    versions = list(reversed(VERSIONS[name.lower()]))
    kinds = [{"resourceType": kind, "locations": sorted(arm.regions), "apiVersions": versions} for kind in PROVIDERS[name]]
    state = "NotRegistered" if name.lower() in _unregistered(arm) else "Registered"
    here = f"/subscriptions/{call['subscription']}/providers/{name}"
    return {"id": here, "namespace": name, "registrationState": state, "resourceTypes": kinds}


def _unregistered(arm: "Arm") -> list[str]:
    return list(arm.store.setting(UNREGISTERED) or [])
