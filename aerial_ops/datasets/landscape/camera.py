"""Season, light and camera: what differs between two pictures of the same land."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from aerial_ops.datasets.landscape.crowns import Sun
from aerial_ops.datasets.landscape.noise import Field


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
        gain = np.array(self.gain, np.float32)[:, None, None]
        seen = np.clip(scene * gain, 0, 255)
        if abs(self.gamma - 1) > 0.01:
            table = (255 * (np.arange(256, dtype=np.float32) / 255) ** np.float32(self.gamma)).astype(np.float32)
            seen = table[seen.astype(np.uint8)]
        seen = seen * np.float32(1 - self.haze) + np.array([188, 196, 208], np.float32)[:, None, None] * np.float32(self.haze)
        sharp = Image.fromarray(np.ascontiguousarray(seen.transpose(1, 2, 0)).astype(np.uint8))
        picture = np.asarray(sharp.filter(ImageFilter.GaussianBlur(self.blur)))
        picture = picture[margin:-margin, margin:-margin]
        grain = random.standard_normal(picture.shape[:2], np.float32)[..., None] * np.float32(self.noise)
        return np.clip(picture + grain, 0, 255).astype(np.uint8)
