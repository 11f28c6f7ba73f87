import numpy as np
import pytest

from aerial_ops.datasets.landscape.camera import Camera
from aerial_ops.datasets.landscape.labelled import labelled_tile
from aerial_ops.datasets.landscape.noise import Window
from aerial_ops.datasets.landscape.render import MARGIN, texture
from aerial_ops.storage.layout import CLASSES


@pytest.fixture
def camera() -> Camera:
    return Camera.draw(np.random.default_rng(3))


@pytest.mark.parametrize("name", CLASSES)
def test_textures_join_without_a_seam(name: str, camera: Camera) -> None:
    whole = texture(name, Window(100, -60, 256), camera, 12)
    part = texture(name, Window(100 + 60, -60 + 40, 160), camera, 12)
    inner = (slice(None), slice(MARGIN, -MARGIN), slice(MARGIN, -MARGIN))
    apart = np.abs(part - whole[:, 40:200, 60:220])[inner]
    # A pixel whose value sits on an edge may fall to the other side by a rounding of its coordinate.
    assert (apart > 2).mean() < 0.002


@pytest.mark.parametrize("name", CLASSES)
def test_tiles_are_pictures_that_differ(name: str) -> None:
    first, again, other, test = (labelled_tile(0, split, name, number, 224) for split, number in ((0, 0), (0, 0), (0, 1), (1, 0)))
    assert first.shape == (224, 224, 3) and first.dtype == np.uint8
    np.testing.assert_array_equal(first, again)
    for another in (other, test):
        assert np.abs(first.astype(int) - another).mean() > 5
    assert first.std() > 5 and 20 < first.mean() < 235


def test_classes_look_different() -> None:
    greenness, roughness = {}, {}
    for name in CLASSES:
        tiles = [labelled_tile(5, 0, name, number, 224).astype(np.float32) for number in range(12)]
        greenness[name] = float(np.mean([tile[..., 1].mean() - tile[..., 0].mean() for tile in tiles]))
        roughness[name] = float(np.mean([np.abs(np.diff(tile[..., 1], axis=1)).mean() for tile in tiles]))
    assert greenness["Barren"] < min(greenness[name] for name in ("Cultivated", "Forest", "Herbaceous"))
    assert roughness["Herbaceous"] < min(roughness[name] for name in ("Developed", "Forest", "Shrub"))


def test_the_camera_keeps_the_sides(camera: Camera) -> None:
    grey = np.full((3, 96, 96), 120, np.float32)
    picture = camera.take(grey, MARGIN, np.random.default_rng(0))
    assert picture.shape == (64, 64, 3) and picture.std(axis=(0, 1)).max() < 6
