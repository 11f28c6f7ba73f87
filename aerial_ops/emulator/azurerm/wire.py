"""Terraform's values on the wire (msgpack, or JSON in an old state) as plain Python values and back."""

import json
from typing import Any

import msgpack
from msgpack.ext import ExtType
from tf.gen import tfplugin_pb2 as pb

# A plain unknown value, and one with what is known of it ("not null", "starts with ...").
_UNKNOWN_CODES = (0, 12)


class Unknown:
    """A value that is known only after apply. Two of them are never equal."""

    __slots__ = ("wire",)

    def __init__(self, wire: ExtType) -> None:
        self.wire = wire

    def __repr__(self) -> str:
        return "(known after apply)"


UNKNOWN = Unknown(ExtType(0, b"\x00"))


def _from_ext(code: int, data: bytes) -> Unknown:
    if code not in _UNKNOWN_CODES:
        raise ValueError(f"Terraform sent a value of the unknown kind {code}")
    return Unknown(ExtType(code, data))


def _to_ext(value: object) -> ExtType:
    if isinstance(value, Unknown):
        return value.wire
    raise TypeError(f"{type(value).__name__} cannot be sent to Terraform")


def exact(number: float) -> int | float | str:
    """A number as Terraform reads it without loss: 33.3 is a text on the wire, as no floating point is exactly that."""
    return int(number) if float(number).is_integer() else repr(number)


def decode(value: pb.DynamicValue) -> Any:
    """Terraform's value as dict, list, str, int, float, bool, None and `Unknown`."""
    if value.msgpack:
        return msgpack.unpackb(value.msgpack, ext_hook=_from_ext, strict_map_key=False)
    return json.loads(value.json) if value.json else None


def encode(value: Any) -> pb.DynamicValue:
    """The reverse of `decode`."""
    return pb.DynamicValue(msgpack=msgpack.packb(value, default=_to_ext, use_bin_type=True))
