"""Keep of the azurerm provider's schema what the modules use: names and types, as data for the emulator's stand-in.

Usage: python scripts/trim_provider_schema.py SCHEMA > aerial_ops/emulator/azurerm/schema.json

SCHEMA is azurerm's part of `terraform providers schema -json`: an object with `provider`, `resource_schemas` and
`data_source_schemas`.
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# Resource or data source -> what is left out of it: dotted names, each a regular expression for the whole name.
RESOURCES = {
    "azurerm_resource_group": "",
    "azurerm_storage_account": (
        r".+_(web|file|queue|table|dfs|microsoft|internet)_(.*_)?(endpoint|host)|azure_files_authentication|blob_properties|custom_domain"
        r"|customer_managed_key|identity|immutability_policy|network_rules|routing|sas_policy|share_properties"
    ),
    "azurerm_storage_container": "",
    "azurerm_hdinsight_spark_cluster": (
        "compute_isolation|disk_encryption|extension|metastores|monitor|network|private_link_configuration|security_profile"
        "|storage_account_gen2"
    ),
    "azurerm_consumption_budget_resource_group": "filter",
    "azurerm_automation_account": "encryption|private_endpoint_connection",
    "azurerm_automation_runbook": "draft|publish_content_link",
    "azurerm_automation_schedule": "monthly_occurrence",
    "azurerm_automation_job_schedule": "",
    "azurerm_role_assignment": "",
    "azurerm_network_security_group": "",
    "azurerm_network_security_rule": "",
    "azurerm_subnet_network_security_group_association": "",
}
DATA_SOURCES = {"azurerm_client_config": "", "azurerm_subscription": ""}
PROVIDER_DROPS = r"features\.(?!resource_group$|resource_group\.|persist_|skip_).*"

TEXT = {"optional": True, "type": "string"}
# A listing made by dropping every key "description" has lost the arguments of that name too.
DESCRIBED = (
    "azurerm_automation_runbook",
    "azurerm_automation_schedule",
    "azurerm_network_security_rule",
    "azurerm_role_assignment",
)
STRINGS = {"optional": True, "type": ["set", "string"]}
# Not in every listing; from the provider's documentation.
ROLE_DEFINITION = {
    "version": 1,
    "block": {
        "attributes": {
            "assignable_scopes": {"optional": True, "computed": True, "type": ["list", "string"]},
            "description": TEXT,
            "id": {"optional": True, "computed": True, "type": "string"},
            "name": {"required": True, "type": "string"},
            "role_definition_id": {"optional": True, "computed": True, "type": "string"},
            "role_definition_resource_id": {"computed": True, "type": "string"},
            "scope": {"required": True, "type": "string"},
        },
        "block_types": {
            "permissions": {
                "nesting_mode": "list",
                "block": {
                    "attributes": {
                        "actions": {"optional": True, "type": ["list", "string"]},
                        "data_actions": STRINGS,
                        "not_actions": {"optional": True, "type": ["list", "string"]},
                        "not_data_actions": STRINGS,
                    }
                },
            },
            "timeouts": {
                "nesting_mode": "single",
                "block": {"attributes": dict.fromkeys(("create", "delete", "read", "update"), TEXT)},
            },
        },
    },
}
FLAGS = ("required", "optional", "computed", "sensitive")


def trim_block(block: Mapping[str, Any], drops: re.Pattern[str] | None, at: str = "") -> dict[str, Any]:
    """`block` in short: attributes as [type, first letters of its flags], blocks as nesting, bounds and body."""

    def kept(name: str) -> bool:
        return drops is None or not drops.fullmatch(at + name)

    attributes = {
        name: [spec["type"], "".join(flag[0] for flag in FLAGS if spec.get(flag))]
        for name, spec in sorted(block.get("attributes", {}).items())
        if kept(name)
    }
    blocks = {
        name: {
            "nesting": spec["nesting_mode"],
            "min": spec.get("min_items", 0),
            "max": spec.get("max_items", 0),
            **trim_block(spec["block"], drops, f"{at}{name}."),
        }
        for name, spec in sorted(block.get("block_types", {}).items())
        if kept(name)
    }
    return {"attributes": attributes, "blocks": blocks}


def trim(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The part of azurerm's schema that the modules use."""

    def entry(spec: Mapping[str, Any], drops: str) -> dict[str, Any]:
        return {"version": spec.get("version", 0), **trim_block(spec["block"], re.compile(drops) if drops else None)}

    resources = {name: entry(schema["resource_schemas"][name], drops) for name, drops in RESOURCES.items()}
    for name in DESCRIBED:
        resources[name]["attributes"]["description"] = ["string", "o"]
    resources["azurerm_role_definition"] = entry(schema["resource_schemas"].get("azurerm_role_definition", ROLE_DEFINITION), "")
    data = {name: entry(schema["data_source_schemas"][name], drops) for name, drops in DATA_SOURCES.items()}
    return {"provider": entry(schema["provider"], PROVIDER_DROPS), "resources": resources, "data_sources": data}


def text(schema: Mapping[str, Any]) -> str:
    """`schema` as the file holds it: one line for each resource."""
    lines = [f'"provider": {json.dumps(schema["provider"])}']
    for part in ("resources", "data_sources"):
        inner = ",\n".join(f"  {json.dumps(name)}: {json.dumps(spec)}" for name, spec in sorted(schema[part].items()))
        lines.append(f'"{part}": {{\n{inner}\n}}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    sys.stdout.write(text(trim(json.loads(Path(sys.argv[1]).read_text()))))
