"""Top-1 of an ONNX file as people write it in Python: ONNX Runtime's wheel, Pillow and NumPy, one batch after the other.

For `noisydarts-evaluate accuracy` on the same pictures, with the same batch and threads. Spinning is off, as there; all
optimisations are on. Pictures are prepared in the loop: those of CIFAR-10's binary file a batch at a time, those of a folder
(`DIR/test/CLASS/*.jpg`) each by Pillow: shorter side to `--resize`, centre to `--size`.

Prints one line of JSON. Seconds are those of loading the model and the loop, without imports.
Versions: `requirements.txt` (onnxruntime 1.32.0, Pillow 13.0.0).
"""

import json
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime as ort
from PIL import Image

MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)
"""ImageNet's, with which the networks of the tests were trained."""
RECORD = 1 + 3 * 32 * 32
"""Bytes of a picture of CIFAR-10: its label, then planes of red, green, blue."""

Batch = tuple[np.ndarray, np.ndarray]
"""Inputs `[N, 3, H, W]` and labels."""


def cifar10(folder: Path, batch: int) -> Iterator[Batch]:
    records = np.fromfile(folder / "test_batch.bin", np.uint8).reshape(-1, RECORD)
    for start in range(0, len(records), batch):
        part = records[start : start + batch]
        planes = part[:, 1:].reshape(-1, 3, 32, 32).astype(np.float32) / 255
        yield (planes - MEAN[:, None, None]) / STD[:, None, None], part[:, 0]


def prepare(path: Path, size: int, resize: int) -> np.ndarray:
    picture = Image.open(path).convert("RGB")
    width, height = picture.size
    if width <= height:
        scaled = (resize, resize * height // width)
    else:
        scaled = (resize * width // height, resize)
    picture = picture.resize(scaled, Image.Resampling.BILINEAR)
    left, top = round((scaled[0] - size) / 2), round((scaled[1] - size) / 2)
    picture = picture.crop((left, top, left + size, top + size))
    pixels = np.asarray(picture, np.float32) / 255
    return ((pixels - MEAN) / STD).transpose(2, 0, 1)


def pictures(folder: Path, batch: int, size: int, resize: int) -> Iterator[Batch]:
    classes = sorted(path for path in (folder / "test").iterdir() if path.is_dir())
    files = [(path, label) for label, name in enumerate(classes) for path in sorted(name.glob("*.jpg"))]
    for start in range(0, len(files), batch):
        part = files[start : start + batch]
        inputs = np.stack([prepare(path, size, resize) for path, _ in part])
        yield inputs, np.array([label for _, label in part])


def session(model: Path, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def arguments() -> Namespace:
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--data", required=True, help="cifar10:DIR or folder:DIR")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--size", type=int, default=224, help="side of the network's input, for folders")
    parser.add_argument("--resize", type=int, default=256, help="shorter side before the crop, for folders")
    return parser.parse_args()


def main() -> None:
    args = arguments()
    wall, cpu = time.perf_counter(), time.process_time()
    kind, _, folder = args.data.partition(":")
    match kind:
        case "cifar10":
            batches = cifar10(Path(folder), args.batch)
        case "folder":
            batches = pictures(Path(folder), args.batch, args.size, args.resize)
        case _:
            raise SystemExit(f"error: --data {args.data}: expected cifar10:DIR or folder:DIR")
    model = session(args.model, args.threads)
    name = model.get_inputs()[0].name
    images = correct = 0
    for inputs, labels in batches:
        logits = model.run(None, {name: inputs})[0]
        images += len(labels)
        correct += int((logits.argmax(1) == labels).sum())
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps({
        "images": images, "correct": correct, "wall_s": wall, "cpu_s": cpu, "images_per_s": images / wall,
    }))  # fmt: skip


if __name__ == "__main__":
    main()
