#!/usr/bin/env python3
"""Makes train.png and test.png, the data set that is compiled into `models`.

They are a class-balanced part of Fashion-MNIST (Xiao, Rasul and Vollgraf 2017, MIT licence, see LICENSE): the first 600
training and the first 100 test images of each class, in the order of the original files. Each file is one 8-bit grey PNG:
a sheet of 28x28 tiles, one column per class (T-shirt/top .. Ankle boot, labels 0..9), so that tile i in reading order has
label i mod 10 and every ten tiles hold each class once.

    apt-get download dataset-fashion-mnist && dpkg-deb -x dataset-fashion-mnist_*.deb package
    python3 make.py package/usr/share/datasets/fashion-mnist

Needs Python 3 and numpy. The input files and the pixels of the result are checked; the compressed bytes are the committed
ones with zlib 1.2.13 and may differ, at equal pixels, with another implementation of deflate.
"""
import gzip
import hashlib
import pathlib
import struct
import sys
import zlib

import numpy as np

SIDE, CLASSES = 28, 10

# name: (file, SHA-256); from Debian's dataset-fashion-mnist 0.0~git20200523.55506a9-1.
INPUTS = {
    "train": ("train-images-idx3-ubyte.gz", "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7"),
    "train labels": ("train-labels-idx1-ubyte.gz", "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056"),
    "test": ("t10k-images-idx3-ubyte.gz", "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa"),
    "test labels": ("t10k-labels-idx1-ubyte.gz", "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05"),
}

# split: (images per class, CRC-32 of the tiles in reading order, each row by row); also in tests/data/embedded.rs.
OUTPUTS = {"train": (600, 0xa7882159), "test": (100, 0x711b8df1)}


def read(folder, name):
    """The unpacked bytes of one input, which must be the file this was written for."""
    file, expected = INPUTS[name]
    packed = (folder / file).read_bytes()
    found = hashlib.sha256(packed).hexdigest()
    if found != expected:
        sys.exit(f"{folder / file}: SHA-256 {found}, expected {expected}")
    return np.frombuffer(gzip.decompress(packed), np.uint8)


def tiles(folder, split, per_class):
    """[per_class, CLASSES, SIDE, SIDE]: the first images of each class."""
    images = read(folder, split)[16:].reshape(-1, SIDE, SIDE)
    labels = read(folder, f"{split} labels")[8:]
    return np.stack([images[labels == c][:per_class] for c in range(CLASSES)], axis=1)


def paeth(left, up, corner):
    guess = left + up - corner
    l, u, c = abs(guess - left), abs(guess - up), abs(guess - corner)
    return np.where((l <= u) & (l <= c), left, np.where(u <= c, up, corner))


def filtered(sheet):
    """PNG's filter step: for each row the filter with the least sum of absolute differences."""
    x = sheet.astype(np.int16)
    padded = np.pad(x, ((1, 0), (1, 0)))
    left, up, corner = padded[1:, :-1], padded[:-1, 1:], padded[:-1, :-1]
    guesses = (np.zeros_like(x), left, up, (left + up) // 2, paeth(left, up, corner))
    rows = np.stack([x - guess for guess in guesses]).astype(np.uint8)
    best = np.minimum(rows, 256 - rows.astype(np.int16)).sum(axis=2).argmin(axis=0)
    return np.concatenate([best[:, None].astype(np.uint8), rows[best, np.arange(len(x))]], axis=1)


def png(sheet):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    height, width = sheet.shape
    deflate = zlib.compressobj(9, zlib.DEFLATED, 15, 9, zlib.Z_FILTERED)
    body = deflate.compress(filtered(sheet).tobytes()) + deflate.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def main():
    folder, here = pathlib.Path(sys.argv[1]), pathlib.Path(__file__).parent
    for split, (per_class, crc) in OUTPUTS.items():
        images = tiles(folder, split, per_class)
        found = zlib.crc32(images.tobytes())
        if found != crc:
            sys.exit(f"{split}: CRC-32 of the pixels is {found:#010x}, expected {crc:#010x}")
        sheet = images.transpose(0, 2, 1, 3).reshape(per_class * SIDE, CLASSES * SIDE)
        packed = png(sheet)
        (here / f"{split}.png").write_bytes(packed)
        x = images / 255
        print(f"{split}: {images.size // SIDE**2} images, {len(packed)} bytes, mean {x.mean():.8f}, std {x.std():.8f}, sum {images.sum(dtype=int)}")


main()
