"""Makes the pictures of docs/data.md: python docs/pictures.py [FOLDER], where FOLDER may hold a sample already."""

import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageDraw, ImageFont

from aerial_ops.datasets.sample import SampleParameters, make_sample
from aerial_ops.storage.layout import CLASSES, COUNTY, TRAIN

IMAGES = Path(__file__).parent / "images"
ACROSS = 5
TILE, GAP, CAPTION = 128, 4, 92
COUNTY_TILE = 28


def classes(sample: Path) -> Image.Image:
    """A row of training tiles for each class."""
    sheet = Image.new("RGB", (CAPTION + ACROSS * (TILE + GAP), len(CLASSES) * (TILE + GAP) - GAP), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(15)
    for row, name in enumerate(CLASSES):
        top = row * (TILE + GAP)
        draw.text((CAPTION - 8, top + TILE // 2), name, "black", font, anchor="rm")
        for column, file in enumerate(sorted((sample / TRAIN / name).glob("*.png"))[:ACROSS]):
            with Image.open(file) as tile:
                small = tile.resize((TILE, TILE), Image.Resampling.LANCZOS)
            sheet.paste(small, (CAPTION + GAP + column * (TILE + GAP), top))
    return sheet


def county(sample: Path) -> Image.Image:
    """All tiles of the county in their places."""
    places = {file: tuple(map(int, re.findall(r"\d+", file.stem))) for file in (sample / COUNTY).glob("*.png")}
    rows, columns = (max(place[k] for place in places.values()) + 1 for k in (0, 1))
    whole = Image.new("RGB", (columns * COUNTY_TILE, rows * COUNTY_TILE))
    for file, (row, column) in places.items():
        with Image.open(file) as tile:
            small = tile.resize((COUNTY_TILE, COUNTY_TILE), Image.Resampling.BOX)
        whole.paste(small, (column * COUNTY_TILE, row * COUNTY_TILE))
    return whole


def save(picture: Image.Image, name: str) -> None:
    """Save with 128 colours: small enough for a repository."""
    picture.quantize(128, Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG).save(IMAGES / name, optimize=True)


def main(folder: Path) -> None:
    """Make the sample in `folder` (or use the one that is there) and draw from it."""
    make_sample(folder, SampleParameters())
    save(classes(folder), "sample_classes.png")
    save(county(folder), "sample_county.png")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with TemporaryDirectory() as temporary:
            main(Path(temporary) / "sample")
