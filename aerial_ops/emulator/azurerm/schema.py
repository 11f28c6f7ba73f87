"""The provider's schema: what resources have which arguments, of which types."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from tf.gen import tfplugin_pb2 as pb


@dataclass(frozen=True)
class Attribute:
    """One argument or exported value. `type` is Terraform's own notation: "string", ["set", "string"], ..."""

    type: Any
    required: bool
    optional: bool
    computed: bool
    sensitive: bool


@dataclass(frozen=True)
class Nested:
    """A block inside a block; `mode` is "single", "list" or "set"."""

    block: "Block"
    mode: str
    minimum: int
    maximum: int


@dataclass(frozen=True)
class Block:
    """Arguments and blocks."""

    attributes: Mapping[str, Attribute]
    blocks: Mapping[str, Nested]


@dataclass(frozen=True)
class Schema:
    """A block with the version of its state."""

    version: int
    block: Block


@dataclass(frozen=True)
class Schemas:
    """Everything the stand-in knows."""

    provider: Schema
    resources: Mapping[str, Schema]
    data_sources: Mapping[str, Schema]


@cache
def load() -> Schemas:
    """The schema in the package (made by scripts/trim_provider_schema.py)."""
    raw = json.loads(files(__package__).joinpath("schema.json").read_text())
    return Schemas(
        _schema(raw["provider"]),
        {name: _schema(spec) for name, spec in raw["resources"].items()},
        {name: _schema(spec) for name, spec in raw["data_sources"].items()},
    )


def _schema(raw: Mapping[str, Any]) -> Schema:
    return Schema(raw["version"], _block(raw))


def _block(raw: Mapping[str, Any]) -> Block:
    attributes = {
        name: Attribute(kind, "r" in flags, "o" in flags, "c" in flags, "s" in flags)
        for name, (kind, flags) in raw["attributes"].items()
    }
    blocks = {name: Nested(_block(spec), spec["nesting"], spec["min"], spec["max"]) for name, spec in raw["blocks"].items()}
    return Block(attributes, blocks)


_NESTING = {"single": 1, "list": 2, "set": 3}


def to_protocol(schema: Schema) -> pb.Schema:
    """`schema` as the plugin protocol sends it."""
    return pb.Schema(version=schema.version, block=_to_protocol(schema.block))


def _to_protocol(block: Block) -> pb.Schema.Block:
    attributes = [
        pb.Schema.Attribute(
            name=name,
            type=json.dumps(spec.type).encode(),
            required=spec.required,
            optional=spec.optional,
            computed=spec.computed,
            sensitive=spec.sensitive,
        )
        for name, spec in block.attributes.items()
    ]
    blocks = [
        pb.Schema.NestedBlock(
            type_name=name,
            block=_to_protocol(spec.block),
            nesting=_NESTING[spec.mode],
            min_items=spec.minimum,
            max_items=spec.maximum,
        )
        for name, spec in block.blocks.items()
    ]
    return pb.Schema.Block(attributes=attributes, block_types=blocks)
