"""Write what exists into a Terraform state that does not know it.

Terraform's own import knows only what the cloud tells: no passwords, no storage account, no scripts of a cluster. The plan after
it would replace the cluster. So the state gets what the plan would have made, and the id that the cloud has given it.
"""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

FORMAT = 4  # of a state file


def with_taken_over(state: dict[str, Any] | None, shown: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """`state` (None: there is none yet) with one instance for each address of `ids`; `shown` is `terraform show -json PLAN`.

    Attributes that the plan does not know yet are left out: the provider's next look at the resource fills them in.
    """
    state = state or {"version": FORMAT, "serial": 0, "lineage": str(uuid.uuid4()), "outputs": {}, "resources": []}
    made = {**state, "serial": state["serial"] + 1, "resources": [{**one} for one in state.get("resources") or []]}
    for module, resource in _planned(shown["planned_values"]["root_module"]):
        if resource["address"] in ids:
            _add(made["resources"], module, resource, ids[resource["address"]])
    return made


def _planned(module: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for resource in module.get("resources", []):
        yield module.get("address", ""), resource
    for child in module.get("child_modules", []):
        yield from _planned(child)


def _add(resources: list[dict[str, Any]], module: str, planned: Mapping[str, Any], id: str) -> None:
    key = {"module": module} if module else {}
    key |= {name: planned[name] for name in ("mode", "type", "name")}
    key["provider"] = f'provider["{planned["provider_name"]}"]'
    index = {"index_key": planned["index"]} if "index" in planned else {}
    instance = {**index, "schema_version": planned["schema_version"], "attributes": {**planned["values"], "id": id}}
    for resource in resources:
        if all(resource.get(name, "") == key.get(name, "") for name in ("module", "mode", "type", "name")):
            resource["instances"] = [*resource["instances"], instance]
            return
    resources.append({**key, "instances": [instance]})
