"""Season, light and camera: what differs between two pictures of the same land."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from aerial_ops.datasets.landscape.crowns import Sun
from aerial_ops.datasets.landscape.noise import Field

AIR = (188, 196, 208)
"""Colour of haze."""


@dataclass(frozen=True)
class Camera:
    """One flight: the season it sees and how its camera sees it."""

    sun: Sun
    dry: float
    gain: tuple[float, float, float]
    gamma: float
    haze: float
    blur: float
    noise: float

    @classmethod
    def draw(cls, random: np.random.Generator) -> "Camera":
        """A flight in the leaf-on season of some year, with some camera."""
        angle, length = random.uniform(0.9, 2.2) - np.pi, random.uniform(0.6, 1.5)
        exposure = random.normal(1.0, 0.09)
        gain = tuple(float(exposure * random.normal(1.0, 0.045)) for _ in range(3))
        return cls(
            sun=Sun(float(np.cos(angle) * length), float(np.sin(angle) * length)),
            dry=float(random.uniform(0.15, 0.85)),
            gain=(gain[0], gain[1], gain[2]),
            gamma=float(random.normal(1.0, 0.08)),
            haze=float(random.uniform(0.0, 0.16)),
            blur=float(random.uniform(0.35, 1.0)),
            noise=float(random.uniform(1.0, 4.0)),
        )

    def take(self, scene: Field, margin: int, random: np.random.Generator) -> npt.NDArray[np.uint8]:
        """The picture of `scene` [3, SIDE, SIDE] without its margin: uint8 [SIDE - 2 margin, same, 3]."""
        plain = np.clip(scene, 0, 255).astype(np.uint8)
        sharp = Image.merge("RGB", [Image.fromarray(channel) for channel in plain]).point(self._response())
        picture = np.asarray(sharp.filter(ImageFilter.BoxBlur(self.blur)))[margin:-margin, margin:-margin]
        grain = random.standard_normal(picture.shape[:2], np.float32) * np.float32(self.noise)
        seen = picture + np.rint(grain).astype(np.int16)[..., None]
        return np.asarray(np.clip(seen, 0, 255), np.uint8)

    def _response(self) -> list[int]:
        """What the camera makes of each value of red, green and blue: 3 x 256 values."""
        light = np.arange(256) / 255
        seen = [
            np.clip(light * gain, 0, 1) ** self.gamma * (1 - self.haze) + air / 255 * self.haze
            for gain, air in zip(self.gain, AIR, strict=True)
        ]
        return [int(value) for value in np.rint(np.concatenate(seen) * 255)]
