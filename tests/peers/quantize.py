"""Are our quantised files as good as those of ONNX Runtime's own quantiser, on the same model and data?

For each model, in one run: `noisydarts-export quantize` by each calibration method and with half floats, and
`onnxruntime.quantization.quantize_static` by the methods of the same names (per-channel int8 weights, uint8
activations, the defaults otherwise), calibrated with the same pictures: as many training pictures of CIFAR-10
of each class. Every file goes through `onnx.checker` with full checks and over the test set in ONNX Runtime;
ours over it (or the first pictures of it) in tract too, by `noisydarts-evaluate accuracy`. A second run of
ours must give the same bytes. Bars: our int8 files within 0.3 points of the peer's of the same method, and at
most 1 point below the model of floats; half floats at most 0.1 points.

Run: `python quantize.py --data DIR MODEL.onnx...` with CIFAR-10's binary files in DIR; writes `quantize.csv`, and
exits with 1 if anything does not hold. The normalisation is ImageNet's, unless `--mean` and `--std` say
otherwise. Versions: `requirements.txt` (onnx 1.23.2, onnxruntime 1.32.0).
"""

import contextlib
import csv
import logging
import math
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import onnxruntime as ort
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantType, quantize_static

from programs import Programs, add_folder

METHODS = {
    "min-max": CalibrationMethod.MinMax,
    "percentile": CalibrationMethod.Percentile,
    "entropy": CalibrationMethod.Entropy,
}
APART, LOST, LOST_HALF = 0.3, 1.0, 0.1
"""The bars, in points."""


@dataclass
class Pictures:
    """Normalised pictures `[N, 3, 32, 32]` and their classes."""

    values: np.ndarray
    labels: np.ndarray

    @classmethod
    def read(cls, files: list[Path], mean: list[float], std: list[float]) -> "Pictures":
        records = np.concatenate([np.fromfile(file, np.uint8).reshape(-1, 3073) for file in files])
        planes = records[:, 1:].reshape(-1, 3, 32, 32).astype(np.float32) / np.float32(255)
        shift, scale = (np.array(x, np.float32).reshape(1, 3, 1, 1) for x in (mean, std))
        return cls((planes - shift) / scale, records[:, 0].astype(int))

    def balanced(self, count: int) -> "Pictures":
        """The first pictures of each class, in their order: those that our program takes."""
        quota = {label: count // 10 + (label < count % 10) for label in range(10)}
        places = [place for label, many in quota.items() for place in np.flatnonzero(self.labels == label)[:many]]
        places.sort()
        return Pictures(self.values[places], self.labels[places])


class Reader(CalibrationDataReader):
    """Hands pictures to the peer one at a time."""

    def __init__(self, name: str, pictures: Pictures):
        self.batches: Iterator = iter([{name: picture[None]} for picture in pictures.values])

    def get_next(self) -> dict | None:
        return next(self.batches, None)


@dataclass
class Row:
    """One file."""

    model: str
    by: str
    method: str
    bytes: int
    correct: int
    """In ONNX Runtime, of all test pictures."""
    pictures: int
    interval: tuple[float, float]
    """Wilson's 95 % interval of the accuracy, in percent."""
    mcnemar: float | None = None
    """Exact two-sided p that the model of floats errs as often."""
    tract: tuple[int, int] | None = None
    """Correct in tract, and of how many."""

    @property
    def top1(self) -> float:
        return 100 * self.correct / self.pictures

    def cells(self) -> dict:
        tract, of = self.tract or ("", "")
        return {
            "model": self.model,
            "by": self.by,
            "method": self.method,
            "bytes": self.bytes,
            "correct": self.correct,
            "pictures": self.pictures,
            "low": self.interval[0],
            "high": self.interval[1],
            "mcnemar_p": "" if self.mcnemar is None else self.mcnemar,
            "tract_correct": tract,
            "tract_pictures": of,
        }


def wilson(correct: int, total: int) -> tuple[float, float]:
    z, share = 1.959964, correct / total
    centre = share + z * z / 2 / total
    half = z * math.sqrt(share * (1 - share) / total + z * z / 4 / total**2)
    low, high = ((centre + sign * half) / (1 + z * z / total) for sign in (-1, 1))
    return round(100 * low, 2), round(100 * high, 2)


def mcnemar(a: np.ndarray, b: np.ndarray) -> float:
    """From which pictures either got right."""
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    n, k = only_a + only_b, min(only_a, only_b)
    return min(1.0, 2 * sum(math.comb(n, i) for i in range(k + 1)) / 2**n)


def right(file: Path, test: Pictures) -> np.ndarray:
    """Which pictures a file gets right in ONNX Runtime."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    model = ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    name, fixed = model.get_inputs()[0].name, model.get_inputs()[0].shape[0]
    step = fixed if isinstance(fixed, int) else 100
    parts = np.split(test.values, range(step, len(test.values), step))
    return np.concatenate([model.run(None, {name: part})[0].argmax(1) for part in parts]) == test.labels


def peer(model: Path, output: Path, method: CalibrationMethod, calibration: Pictures) -> None:
    """Quantises with ONNX Runtime; scales per channel need operator set 13, so old files are converted first."""
    proto = onnx.load(model)
    if proto.opset_import[0].version < 13:
        proto = onnx.version_converter.convert_version(proto, 17)
    name = proto.graph.input[0].name
    with contextlib.redirect_stdout(sys.stderr):
        quantize_static(
            proto,
            output,
            Reader(name, calibration),
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=method,
        )


class Comparison:
    """One model, and the files that are made of it."""

    def __init__(self, args, model: Path, calibration: Pictures, test: Pictures, folder: Path):
        self.args, self.model, self.calibration, self.test, self.folder = args, model, calibration, test, folder
        self.programs = Programs(args.bin)
        self.statistics = [f"--{flag}={','.join(map(str, getattr(args, flag)))}" for flag in ("mean", "std")]
        self.floats = right(model, test)
        self.rows: list[Row] = []
        self.problems: list[str] = []

    def row(self, by: str, method: str, file: Path, tract: tuple[int, int] | None = None) -> Row:
        correct = self.floats if by == "floats" else right(file, self.test)
        total, count = len(correct), int(correct.sum())
        p = None if by == "floats" else round(mcnemar(correct, self.floats), 4)
        return Row(self.model.stem, by, method, file.stat().st_size, count, total, wilson(count, total), p, tract)

    def tract(self, file: Path) -> tuple[int, int]:
        limit = ["--limit", str(self.args.tract)] if self.args.tract else []
        source = ["--data", f"cifar10:{self.args.data}", "--runtime", "tract", "--quiet"]
        said = self.programs.json("evaluate", "accuracy", str(file), *source, *limit, *self.statistics)
        return said["top1"]["correct"], said["pictures"]

    def ours(self, method: str, *flags: str) -> Row:
        files = [self.folder / f"{self.model.stem}-{method}{again}.onnx" for again in ("", "-again")]
        for file in files:
            self.programs.run("export", "quantize", str(self.model), *flags, "-o", str(file))
        if files[0].read_bytes() != files[1].read_bytes():
            self.problems.append(f"{method}: two runs gave different bytes")
        onnx.checker.check_model(onnx.load(files[0]), full_check=True)
        return self.add(self.row("ours", method, files[0], self.tract(files[0])))

    def add(self, row: Row) -> Row:
        print(*row.cells().values(), file=sys.stderr, flush=True)
        self.rows.append(row)
        return row

    def run(self) -> None:
        floats = self.add(self.row("floats", "", self.model, self.tract(self.model)))
        images = ["--images", str(self.args.images), *self.statistics]
        for method, name in METHODS.items():
            data = ["--calibrate", f"cifar10:{self.args.data}", "--method", method]
            ours = self.ours(method, *data, *images)
            file = self.folder / f"{self.model.stem}-{method}-peer.onnx"
            peer(self.model, file, name, self.calibration)
            theirs = self.add(self.row("onnxruntime", method, file))
            if abs(ours.top1 - theirs.top1) > APART:
                self.problems.append(f"{method}: {ours.top1:.2f} %, the peer has {theirs.top1:.2f} %")
            if floats.top1 - ours.top1 > LOST:
                self.problems.append(f"{method}: {ours.top1:.2f} %, floats have {floats.top1:.2f} %")
        half = self.ours("fp16", "--weights", "fp16")
        if floats.top1 - half.top1 > LOST_HALF:
            self.problems.append(f"fp16: {half.top1:.2f} %, floats have {floats.top1:.2f} %")


def numbers(text: str) -> list[float]:
    return [float(number) for number in text.split(",")]


def write(path: Path, rows: list[Row]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].cells().keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(row.cells() for row in rows)


def main() -> int:
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    add_folder(parser)
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="folder of CIFAR-10's binary files")
    parser.add_argument("--images", type=int, default=500, help="calibration pictures [default: 500]")
    parser.add_argument("--tract", type=int, default=0, help="run only the first N test pictures in tract")
    parser.add_argument("--mean", type=numbers, default=[0.485, 0.456, 0.406])
    parser.add_argument("--std", type=numbers, default=[0.229, 0.224, 0.225])
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("quantize.csv"))
    args = parser.parse_args()
    logging.disable(logging.WARNING)
    train = Pictures.read(sorted(args.data.glob("data_batch_*.bin")), args.mean, args.std)
    test = Pictures.read([args.data / "test_batch.bin"], args.mean, args.std)
    calibration, rows, problems = train.balanced(args.images), [], []
    with TemporaryDirectory() as folder:
        for model in args.models:
            comparison = Comparison(args, model, calibration, test, Path(folder))
            comparison.run()
            rows += comparison.rows
            write(args.output, rows)
            problems += [f"{model.stem}: {problem}" for problem in comparison.problems]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
