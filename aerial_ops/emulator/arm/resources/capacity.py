"""HDInsight by region: quota and use, capabilities, sizes, and the check of an order before it is placed."""

from typing import TYPE_CHECKING, Any

from aerial_ops.emulator.arm.errors import ArmError
from aerial_ops.emulator.arm.messages import Answer, Call, Router
from aerial_ops.emulator.arm.resources import cluster_spec
from aerial_ops.emulator.arm.resources.clusters import name_taken
from aerial_ops.emulator.arm.resources.common import SUBSCRIPTION

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.service import Arm

LOCATION = SUBSCRIPTION + "/providers/Microsoft.HDInsight/locations/{location}"
routes = Router()


@routes.on("GET", LOCATION + "/usages")
def usages(arm: "Arm", call: Call) -> Answer:
    """Cores used and allowed."""
    location = _location(arm, call)
    used = cluster_spec.cores_used(arm, call["subscription"], location)
    name = {"value": "cores", "localizedValue": "Cores"}
    return Answer(200, {"value": [{"name": name, "unit": "Count", "currentValue": used, "limit": arm.cores_limit(location)}]})


@routes.on("GET", LOCATION + "/capabilities")
def capabilities(arm: "Arm", call: Call) -> Answer:
    """Versions, regions, features and quota."""
    _location(arm, call)
    spark = {"friendlyName": "Spark 3.3 (HDI 5.1)", "displayName": "3.3", "isDefault": True}
    used = {name: cluster_spec.cores_used(arm, call["subscription"], name) for name in sorted(arm.regions)}
    regions = [
        {"regionName": name, "coresUsed": cores, "coresAvailable": arm.cores_limit(name) - cores} for name, cores in used.items()
    ]
    limits = sum(arm.cores_limit(name) for name in arm.regions)
    body = {
        "versions": {"spark": {"available": [{**spark, "componentVersions": {"Spark": "3.3"}}]}},
        "regions": {"iaas": {"available": sorted(arm.regions)}},
        "features": ["Autoscale", "ScriptActions"],
        "quota": {"coresUsed": sum(used.values()), "maxCoresAllowed": limits, "regionalQuotas": regions},
    }
    return Answer(200, body)


@routes.on("GET", LOCATION + "/billingSpecs")
def billing_specs(arm: "Arm", call: Call) -> Answer:
    """The node sizes."""
    location = _location(arm, call)
    sizes = {f"Standard_{name.title()}": cores for name, cores in cluster_spec.CORES.items()}
    properties = [{"name": name, "cores": cores, "label": f"{name} ({cores} cores)"} for name, cores in sizes.items()]
    resources = [{"region": location, "billingMeters": [], "diskBillingMeters": []}]
    body = {"vmSizes": list(sizes), "vmSizeFilters": [], "vmSizeProperties": properties, "billingResources": resources}
    return Answer(200, body)


@routes.on("POST", LOCATION + "/checkNameAvailability")
def check_name(arm: "Arm", call: Call) -> Answer:
    """Whether a cluster may have a name."""
    _location(arm, call)
    name = str(call.json().get("name") or "")
    if name_taken(arm, name):
        text = f"The cluster name '{name}' is already taken."
        return Answer(200, {"nameAvailable": False, "reason": "AlreadyExists", "message": text})
    return Answer(200, {"nameAvailable": True})


@routes.on("POST", LOCATION + "/validateCreateRequest")
def validate(arm: "Arm", call: Call) -> Answer:
    """The errors that an order would meet, without placing it."""
    location, body = _location(arm, call), call.json()
    name, properties = str(body.get("name") or ""), body.get("properties") or {}
    errors: list[dict[str, Any]] = []
    try:
        if name_taken(arm, name):
            raise ArmError(409, "ClusterNameNotAvailable", f"The cluster name '{name}' is already taken.")
        cluster_spec.check_order(arm, name, location, properties)
        cluster_spec.check_quota(arm, call["subscription"], location, name, cluster_spec.cores_of(properties))
    except ArmError as error:
        errors = [{"code": error.code, "message": error.message, "errorResource": name, "messageArguments": []}]
    whole = round(arm.durations.cluster_create / 60)
    results = {"validationErrors": errors, "validationWarnings": [], "aaddsResourcesDetails": []}
    return Answer(200, {**results, "estimatedCreationDuration": f"PT{whole}M"})


def _location(arm: "Arm", call: Call) -> str:
    location = call["location"].replace(" ", "").lower()
    if location not in arm.regions:
        raise ArmError(400, "LocationNotAvailable", f"HDInsight is not offered in the location '{call['location']}'.")
    return location
