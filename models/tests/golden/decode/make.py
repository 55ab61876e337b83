#!/usr/bin/env python3
"""Makes the golden pictures of tests/data/decode.rs: what Pillow decodes from files of every kind.

    python3 make.py

Needs numpy and Pillow (made with 13.0.0). Writes the files and, for each, `NAME.expected.png`: `Image.convert("RGB")` ("L" for grey)
after `ImageOps.exif_transpose`, which turns a photograph as its EXIF tag says. Sixteen-bit grey is divided by 257 here, since
Pillow's own conversion clips it to white.
"""
import pathlib

import numpy as np
from PIL import Image, ImageOps

FOLDER = pathlib.Path(__file__).parent
ORIENTATION = 0x0112
HEIGHT, WIDTH = 24, 40


def colours():
    """Smooth, so that the rounding of a JPEG decoder stays small; no two edges are alike, so that a wrong turn shows."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    planes = [255 * x / (WIDTH - 1), 255 * y / (HEIGHT - 1), 255 * (1 - x / (WIDTH - 1)) * y / (HEIGHT - 1)]
    return np.stack(planes, -1).round().astype(np.uint8)


def write(name, image, expected=None, **options):
    image.save(FOLDER / name, **options)
    if expected is None:
        read = ImageOps.exif_transpose(Image.open(FOLDER / name))
        expected = read.convert("L" if read.mode in ("L", "LA", "1") else "RGB")
    expected.save(FOLDER / f"{name}.expected.png", optimize=True)


def main():
    rgb = Image.fromarray(colours())
    grey = rgb.convert("L")
    alpha = Image.fromarray(np.tile(np.linspace(0, 255, WIDTH).astype(np.uint8), (HEIGHT, 1)))
    jpeg = {"quality": 95, "subsampling": 0}
    write("rgb.jpg", rgb, **jpeg)
    write("progressive.jpg", rgb, progressive=True, **jpeg)
    write("grey.jpg", grey, quality=95)
    write("cmyk.jpg", rgb.convert("CMYK"), **jpeg)
    write("rgba.png", Image.merge("RGBA", (*rgb.split(), alpha)))
    write("grey-alpha.png", Image.merge("LA", (grey, alpha)))
    write("palette.png", rgb.quantize(16), transparency=3)
    write("bits.png", grey.convert("1"))
    wide = np.asarray(grey).astype(np.uint16) * 257
    write("grey16.png", Image.fromarray(wide), expected=Image.fromarray((wide // 257).astype(np.uint8)))
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        write(f"exif{orientation}.jpg", rgb, exif=exif, **jpeg)


main()
