import numpy as np
import pytest

from aerial_ops.datasets.landscape.crowns import Sun, crowns
from aerial_ops.datasets.landscape.noise import Window


@pytest.mark.parametrize("spacing", [8, 10, 16])
def test_crowns_join_without_a_seam(spacing: int) -> None:
    height, tint = crowns(Window(-40, 31, 200), spacing, 4, 0.7, 0.3, 0.7)
    inner_height, inner_tint = crowns(Window(-40 + 37, 31 + 18, 96), spacing, 4, 0.7, 0.3, 0.7)
    np.testing.assert_array_equal(inner_height, height[18:114, 37:133])
    np.testing.assert_array_equal(inner_tint, tint[18:114, 37:133])


def test_density_decides_how_much_is_covered() -> None:
    window = Window(0, 0, 256)
    covered = [float((crowns(window, 12, 1, density, 0.4, 0.6)[0] > 0).mean()) for density in (0.0, 0.2, 0.9)]
    assert covered[0] == 0 and 0.05 < covered[1] < 0.3 and covered[2] > 0.5


def test_shadows_fall_away_from_the_sun() -> None:
    height = np.zeros((64, 64), np.float32)
    height[30:34, 30:34] = 5
    shadow = Sun(dx=1.0, dy=0.0).shadow(height)
    assert shadow[31, 35] and not shadow[31, 28] and not shadow[26, 31]


def test_slopes_facing_the_sun_are_bright() -> None:
    ramp = np.tile(np.arange(32, dtype=np.float32), (32, 1))
    light = Sun(dx=1.0, dy=0.0).light(ramp)
    assert light[5, 5] > 0 > Sun(dx=-1.0, dy=0.0).light(ramp)[5, 5]
