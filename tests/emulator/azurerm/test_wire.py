import msgpack
import pytest
from msgpack.ext import ExtType
from tf.gen import tfplugin_pb2 as pb

from aerial_ops.emulator.azurerm.wire import UNKNOWN, Unknown, decode, encode


def test_plain_values_survive() -> None:
    value = {"text": "ä", "number": 2.5, "whole": 40, "flag": True, "nothing": None, "list": [1, "two"], "map": {"k": "v"}}
    assert decode(encode(value)) == value


@pytest.mark.parametrize("code", [0, 12])
def test_unknown_values_keep_their_wire_form(code: int) -> None:
    sent = pb.DynamicValue(msgpack=msgpack.packb({"id": ExtType(code, b"\x81\x01\xc2")}))
    value = decode(sent)
    assert isinstance(value["id"], Unknown)
    assert encode(value).msgpack == sent.msgpack


def test_an_old_state_comes_as_json() -> None:
    assert decode(pb.DynamicValue(json=b'{"a": [1]}')) == {"a": [1]}
    assert decode(pb.DynamicValue()) is None


def test_two_unknown_values_are_not_equal() -> None:
    assert decode(encode([UNKNOWN]))[0] != decode(encode([UNKNOWN]))[0]
    assert repr(UNKNOWN) == "(known after apply)"


def test_what_terraform_cannot_take_is_refused() -> None:
    with pytest.raises(TypeError, match="set cannot be sent"):
        encode({"a": {1}})
    with pytest.raises(ValueError, match="unknown kind 5"):
        decode(pb.DynamicValue(msgpack=msgpack.packb(ExtType(5, b""))))
