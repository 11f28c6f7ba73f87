import json
import runpy
from pathlib import Path

import pytest

from aerial_ops.emulator.azurerm import schema
from aerial_ops.emulator.azurerm.data_sources import DATA_SOURCES
from aerial_ops.emulator.azurerm.resources import RESOURCES
from aerial_ops.emulator.azurerm.schema import Block

ROOT = Path(__file__).resolve().parents[3]


def paths(block: Block, at: str = "") -> set[str]:
    found = {at + name for name in block.attributes} | {at + name for name in block.blocks}
    for name, nested in block.blocks.items():
        found |= paths(nested.block, f"{at}{name}.")
    return found


def test_the_data_in_the_package_is_what_the_script_makes_of_the_provider() -> None:
    source = ROOT.parent / "shared" / "azurerm" / "schema-5.2.0.json"
    if not source.exists():
        pytest.skip(f"the provider's schema is not at {source}")
    script = runpy.run_path(str(ROOT / "scripts" / "trim_provider_schema.py"))
    made = script["text"](script["trim"](json.loads(source.read_text())))
    assert made == (ROOT / "aerial_ops" / "emulator" / "azurerm" / "schema.json").read_text()


def test_every_resource_and_data_source_has_its_schema() -> None:
    loaded = schema.load()
    assert set(loaded.resources) == set(RESOURCES)
    assert set(loaded.data_sources) == set(DATA_SOURCES)


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_what_a_resource_knows_is_in_its_schema(name: str) -> None:
    resource, known = RESOURCES[name], paths(schema.load().resources[name].block)
    for path in {*resource.force_new, *resource.defaults, *resource.checks, *resource.same} - {"*"}:
        assert path in known, f"{name} has no {path}"


def test_secrets_are_marked_for_terraform() -> None:
    protocol = schema.to_protocol(schema.load().resources["azurerm_hdinsight_spark_cluster"])
    gateway = next(block for block in protocol.block.block_types if block.type_name == "gateway")
    assert {item.name: item.sensitive for item in gateway.block.attributes} == {"password": True, "username": False}
    assert (gateway.nesting, gateway.min_items, gateway.max_items) == (2, 1, 1)
