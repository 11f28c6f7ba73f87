"""What exists is written into a state that does not know it."""

from typing import Any

from aerial_ops.infrastructure.terraform.taking_over import with_taken_over

PROVIDER = "registry.terraform.io/hashicorp/azurerm"


def planned(address: str, **more: Any) -> dict[str, Any]:
    kind, name = address.split("[", maxsplit=1)[0].split(".")[-2:]
    same = {"mode": "managed", "type": kind, "name": name, "provider_name": PROVIDER, "schema_version": 2}
    return {"address": address, **same, "values": {"location": "eastus"}, **more}


SHOWN = {
    "planned_values": {
        "root_module": {
            "resources": [planned("azurerm_resource_group.this")],
            "child_modules": [
                {
                    "address": "module.storage",
                    "resources": [
                        planned('module.storage.azurerm_storage_container.this["test"]', index="test"),
                        planned('module.storage.azurerm_storage_container.this["train"]', index="train"),
                    ],
                }
            ],
        }
    }
}


def test_a_state_begins_with_what_is_taken_over() -> None:
    state = with_taken_over(None, SHOWN, {"azurerm_resource_group.this": "/subscriptions/s/resourceGroups/g"})
    assert (state["version"], state["serial"], len(state["lineage"])) == (4, 1, 36)
    (group,) = state["resources"]
    assert "module" not in group
    assert group["provider"] == f'provider["{PROVIDER}"]'
    attributes = {"location": "eastus", "id": "/subscriptions/s/resourceGroups/g"}
    assert group["instances"] == [{"schema_version": 2, "attributes": attributes}]


def test_instances_join_those_that_the_state_knows() -> None:
    addresses = [f'module.storage.azurerm_storage_container.this["{name}"]' for name in ("test", "train")]
    first = with_taken_over(None, SHOWN, {addresses[0]: "/test"})
    kept = {**first, "outputs": {"one": {"value": 1, "type": "number"}}, "serial": 7}
    second = with_taken_over(kept, SHOWN, {addresses[1]: "/train"})
    assert second["serial"] == 8
    assert second["lineage"] == first["lineage"]
    assert second["outputs"] == kept["outputs"]
    (containers,) = second["resources"]
    assert containers["module"] == "module.storage"
    assert [(one["index_key"], one["attributes"]["id"]) for one in containers["instances"]] == [
        ("test", "/test"),
        ("train", "/train"),
    ]
    assert len(first["resources"][0]["instances"]) == 1  # what was given stays as it was
