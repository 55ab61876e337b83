#!/usr/bin/env python3
"""Makes the golden pictures of tests/data/resize.rs: what Pillow makes of four small pictures.

    python3 make.py [FOLDER] [RANDOM CASES]

Needs numpy and Pillow below 13 (made with 12.2.0): version 13 runs the vertical pass first where the height shrinks much more
than the width, which rounds otherwise (python-pillow/Pillow#9549); networks were trained with what came before. Writes cases.json, a list of {picture, spec, expected} with the input spec as the
program reads it, and the pictures. A number adds that many random cases, for a longer check than the committed one.
"""
import json
import pathlib
import sys

import numpy as np
import PIL
from PIL import Image

FILTERS = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "nearest": Image.NEAREST}


def picture(rng, height, width, channels):
    """A gradient with noise and a black and white corner, so that cubic weights overshoot at both ends."""
    y, x = np.mgrid[:height, :width]
    ramp = 255 * (y / height + x / width)[..., None] / 2 * np.linspace(0.5, 1, channels)
    pixels = np.clip(ramp + rng.normal(0, 40, (height, width, channels)), 0, 255).astype(np.uint8)
    pixels[: height // 3, : width // 2] = (((x + y) % 2) * 255)[: height // 3, : width // 2, None]
    return Image.fromarray(pixels.squeeze())


def pad(image, height, width):
    canvas = Image.new("RGB", (width, height))
    canvas.paste(image, ((width - image.width) // 2, (height - image.height) // 2))
    return canvas


def centre(image, height, width):
    """As torchvision.transforms.functional.center_crop."""
    top, left = int(round((image.height - height) / 2.0)), int(round((image.width - width) / 2.0))
    return image.crop((left, top, left + width, top + height))


def shorter_side(image, side, method):
    """As torchvision.transforms.Resize(side) on a PIL image."""
    short, long = sorted(image.size)
    long = int(side * long / short)
    return image.resize((side, long) if image.width <= image.height else (long, side), method)


def cover(image, height, width, method):
    """Our own rule where no side is given: the least size that covers the window."""
    w, h = image.size
    size = (height * w // h, height) if height * w >= width * h else (width, width * h // w)
    return image.resize(size, method)


def fit(image, spec):
    (height, width), method = spec["size"], FILTERS[spec["interpolation"]]
    if spec["fit"] == "pad":
        return pad(image, height, width)
    if spec["fit"] == "resize":
        return image.resize((width, height), method)
    window = [spec["crop"]] * 2 if "crop" in spec else spec["size"]
    scaled = shorter_side(image, spec["resize"], method) if "resize" in spec else cover(image, *window, method)
    return centre(scaled, *window).resize((width, height), method)


COMMITTED = [
    ("rgb", {"fit": "resize", "size": [7, 10], "interpolation": "bilinear"}),
    ("rgb", {"fit": "resize", "size": [7, 10], "interpolation": "bicubic"}),
    ("rgb", {"fit": "resize", "size": [7, 10], "interpolation": "nearest"}),
    ("rgb", {"fit": "resize", "size": [31, 40], "interpolation": "bilinear"}),
    ("rgb", {"fit": "resize", "size": [31, 9], "interpolation": "bicubic"}),
    ("grey", {"fit": "resize", "size": [38, 22], "interpolation": "nearest"}),
    ("grey", {"fit": "resize", "size": [5, 24], "interpolation": "bicubic"}),
    ("rgb", {"fit": "resize-crop", "resize": 12, "size": [8, 9], "interpolation": "bilinear"}),
    ("grey", {"fit": "resize-crop", "resize": 15, "size": [12, 12], "interpolation": "bicubic"}),
    ("grey", {"fit": "resize-crop", "size": [8, 12], "interpolation": "bilinear"}),
    ("rgb", {"fit": "resize-crop", "resize": 16, "crop": 11, "size": [6, 7], "interpolation": "bicubic"}),
    ("rgb", {"fit": "resize-crop", "size": [12, 12], "interpolation": "nearest"}),
    ("grey", {"fit": "pad", "size": [24, 14], "interpolation": "bilinear"}),
    ("rgb", {"fit": "pad", "size": [17, 30], "interpolation": "bilinear"}),
    ("wide", {"fit": "resize-crop", "resize": 20, "size": [16, 16], "interpolation": "bicubic"}),
    ("wide", {"fit": "resize", "size": [9, 40], "interpolation": "bilinear"}),
    ("tall", {"fit": "resize-crop", "resize": 20, "crop": 18, "size": [12, 16], "interpolation": "bilinear"}),
    ("tall", {"fit": "resize", "size": [24, 13], "interpolation": "bicubic"}),
]


def random_case(rng):
    size = [int(n) for n in rng.integers(1, 60, 2)]
    spec = {"fit": str(rng.choice(["resize", "resize-crop"])), "size": size, "interpolation": str(rng.choice(list(FILTERS)))}
    if spec["fit"] == "resize-crop" and rng.random() < 0.7:
        spec["resize"] = int(max(size) + rng.integers(0, 20))
    return spec


def main():
    if int(PIL.__version__.split(".")[0]) > 12:
        sys.exit(f"Pillow {PIL.__version__}: expected one below 13, see above")
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent
    rng = np.random.default_rng(0)
    pictures = {"rgb": picture(rng, 17, 23, 3), "grey": picture(rng, 19, 11, 1)}
    pictures |= {"wide": picture(rng, 57, 131, 3), "tall": picture(rng, 149, 43, 3)}
    todo = list(COMMITTED)
    for i in range(int(sys.argv[2]) if len(sys.argv) > 2 else 0):
        pictures[f"random{i}"] = picture(rng, *(int(n) for n in rng.integers(2, 90, 2)), int(rng.choice([1, 3])))
        todo.append((f"random{i}", random_case(rng)))
    for name, image in pictures.items():
        image.save(folder / f"{name}.png")
    cases = []
    for i, (name, case) in enumerate(todo):
        spec = {"mean": [0.5] * 3, "std": [0.5] * 3, "layout": "nchw", **case}
        expected = f"expected{i:02}.png"
        fit(pictures[name].convert("RGB"), spec).save(folder / expected)
        cases.append({"picture": f"{name}.png", "spec": spec, "expected": expected})
    (folder / "cases.json").write_text("[\n" + ",\n".join(map(json.dumps, cases)) + "\n]\n")


main()
