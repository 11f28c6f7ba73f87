import numpy as np
import pytest

from aerial_ops.backbones.catalogue import CATALOGUE
from aerial_ops.backbones.preprocessing import IMAGENET, Preprocessing, parse
from aerial_ops.errors import UsageError


def test_multiplier_and_offset_are_the_formula() -> None:
    x = np.arange(256)[:, None]
    expected = (x * IMAGENET.scale - np.array(IMAGENET.mean)) / np.array(IMAGENET.deviation)
    np.testing.assert_allclose(x * IMAGENET.multiplier + IMAGENET.offset, expected, rtol=1e-5, atol=1e-6)


def test_it_is_told_in_a_line() -> None:
    assert {name: str(entry.preprocessing) for name, entry in CATALOGUE.items()} == {
        "efficientnet-lite0": "(x - 127) / 128, RGB",
        "resnet18": "(x / 255 - [0.485 0.456 0.406]) / [0.229 0.224 0.225], RGB",
        "alexnet": "x - [104 117 123], BGR",
    }


def test_what_is_not_said_is_imagenets() -> None:
    assert parse(None, None, None, None) is None
    assert parse("RGB", None, None, None) == IMAGENET
    assert parse("bgr", None, None, None) == Preprocessing("BGR", IMAGENET.scale, IMAGENET.mean[::-1], IMAGENET.deviation[::-1])
    assert parse("BGR", "1", "104,117,123", "1") == CATALOGUE["alexnet"].preprocessing
    assert parse(None, "1/255", None, None) == IMAGENET


@pytest.mark.parametrize(
    "words",
    [
        ("GRB", None, None, None),
        (None, "1/0", None, None),
        (None, "0", None, None),
        (None, "1,2", None, None),
        (None, None, "1,2", None),
        (None, None, "a,b,c", None),
        (None, None, None, "1,0,1"),
        (None, "nan", None, None),
    ],
)
def test_nonsense_is_refused(words: tuple[str | None, ...]) -> None:
    with pytest.raises(UsageError):
        parse(*words)
