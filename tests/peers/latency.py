"""The bar for `noisydarts-evaluate compare` on a busy machine: false alarms, slow-downs found, width of intervals.

Starts busy loops until the load average is at least 5, then runs `compare` over and over: a model against itself, and
against itself with one layer more, whose multiply-adds are about 5 % of all. Writes every trial into `latency.csv` as it
ends, so that it may be interrupted; exits with 1 where the bar is missed.
"""

import csv
import json
import math
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper, shape_inference

from programs import ROOT, add_folder

HERE = Path(__file__).resolve().parent
COLUMNS = ["trial", "status", "ratio", "low", "high", "control", "half_width", "seconds", "load"]


def macs(model: onnx.ModelProto) -> tuple[int, dict[str, tuple[int, int, int]]]:
    """Multiply-adds of all convolutions, and the shape (C, H, W) of each one's output."""
    inferred = shape_inference.infer_shapes(model)
    weights = {tensor.name: list(tensor.dims) for tensor in model.graph.initializer}
    values = [*inferred.graph.value_info, *inferred.graph.output]
    shapes = {value.name: [d.dim_value for d in value.type.tensor_type.shape.dim] for value in values}
    convolutions = {node.output[0]: node.input[1] for node in model.graph.node if node.op_type == "Conv"}
    each = (math.prod(shapes[name][1:]) * math.prod(weights[of][1:]) for name, of in convolutions.items())
    return sum(each), {name: tuple(shapes[name][1:]) for name in convolutions}


def with_a_layer(model: onnx.ModelProto, share: float) -> tuple[onnx.ModelProto, float]:
    """The model with a convolution more, and its share of the multiply-adds: as near as may be to what is asked for."""
    total, shapes = macs(model)
    choices = [(c * c * k * k * h * w / total, name, k) for name, (c, h, w) in shapes.items() for k in (1, 3, 5)]
    found, name, kernel = min(choices, key=lambda choice: abs(choice[0] - share))
    channels = shapes[name][0]
    slower = onnx.ModelProto()
    slower.CopyFrom(model)
    spread = 1 / (channels * kernel * kernel) ** 0.5
    values = np.random.default_rng(0).normal(0, spread, (channels, channels, kernel, kernel)).astype(np.float32)
    slower.graph.initializer.append(numpy_helper.from_array(values, "added.weight"))
    at = next(i for i, node in enumerate(slower.graph.node) if name in node.output)
    for node in slower.graph.node:
        for i, used in enumerate(node.input):
            if used == name:
                node.input[i] = "added"
    layer = helper.make_node("Conv", [name, "added.weight"], ["added"], "added", pads=[kernel // 2] * 4)
    slower.graph.node.insert(at + 1, layer)
    onnx.checker.check_model(slower)
    return slower, found


def spin() -> None:
    while True:
        pass


def load_up(least: float) -> list[multiprocessing.Process]:
    """Busy loops on top of what runs already."""
    missing = max(0, round(least - os.getloadavg()[0]))
    loops = [multiprocessing.Process(target=spin, daemon=True) for _ in range(missing)]
    for loop in loops:
        loop.start()
    return loops


def trial(program: Path, a: Path, b: Path, seconds: str) -> dict:
    start = time.monotonic()
    command = [str(program), "compare", str(a), str(b), "--seconds", seconds, "--quiet", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 2 or not done.stdout:
        raise RuntimeError(f"{' '.join(command)} gave {done.returncode}: {done.stderr.strip()}")
    cpu = json.loads(done.stdout)["comparisons"][0]["cpu"]
    low, high = cpu["ratio"]["interval"]
    (left, right), centre = cpu["control"]["interval"], cpu["control"]["ratio"]
    return {
        "status": done.returncode, "ratio": cpu["ratio"]["ratio"], "low": low, "high": high,
        "control": centre, "half_width": (right - left) / (2 * centre),
        "seconds": time.monotonic() - start, "load": os.getloadavg()[0],
    }  # fmt: skip


def overhead(program: Path, model: Path) -> float:
    """What measuring costs, as a share of the runs: CPU time between them, and what reading the clocks adds to them."""
    command = [str(program), "latency", str(model), "--runs", "1000", "--quiet", "--format", "json"]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    times = found["models"][0]
    return times["overhead"] + found["clock"] / times["cpu"]["p50"]


def summary(rows: list[dict]) -> bool:
    """Says what was found; whether it meets the bar."""
    same, slower = ([row for row in rows if row["trial"] == kind] for kind in ("same", "slower"))
    alarms = sum(row["status"] == 3 for row in same)
    found = sum(row["status"] == 3 for row in slower)
    refused = sum(row["status"] == 1 for row in rows)
    width = float(np.median([row["half_width"] for row in rows]))
    wide = sum(row["half_width"] > 0.015 for row in rows)
    true = float(np.median([row["ratio"] for row in slower]))
    print(f"false alarms: {alarms} of {len(same)}; a slow-down to {true:.3f}: found in {found} of {len(slower)}")
    print(f"no verdict: {refused}; half-width of A/A: median {width:.2%}, above 1.5 % in {wide} of {len(rows)}")
    seconds, load = (np.median([row[key] for row in rows]) for key in ("seconds", "load"))
    print(f"median of {seconds:.1f} s and of a load average of {load:.1f}")
    return alarms <= 0.05 * len(same) and found >= 0.95 * len(slower) and width <= 0.015 and seconds <= 32


def main() -> int:
    parser = ArgumentParser(description=__doc__)
    add_folder(parser)
    parser.add_argument("model", type=Path, help="an ONNX file with static shapes")
    parser.add_argument("--same", type=int, default=100, help="trials of the model against itself")
    parser.add_argument("--slower", type=int, default=40, help="trials of the model against a slower one")
    parser.add_argument("--seconds", default="30", help="length of a trial")
    parser.add_argument("--load", type=float, default=5.0, help="least load average")
    parser.add_argument("--share", type=float, default=0.05, help="share of the multiply-adds that is added")
    parser.add_argument("-o", type=Path, default=HERE / "latency.csv", help="file of the trials")
    args = parser.parse_args()
    program = (args.bin / "noisydarts-evaluate").resolve()
    shares = [overhead(program, args.model) for _ in range(5)]
    print(f"overhead of latency: median {np.median(shares):.2%} of {[f'{share:.2%}' for share in shares]}")
    slower, share = with_a_layer(onnx.load(args.model), args.share)
    print(f"the added layer has {share:.2%} of the multiply-adds", file=sys.stderr)
    count = args.same + args.slower
    rows, loops = [], load_up(args.load)
    with tempfile.TemporaryDirectory() as folder, args.o.open("w", newline="") as file:
        path = Path(folder) / "slower.onnx"
        onnx.save(slower, path)
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for number in range(count):
            # Spread evenly, so that part of the trials says as much as all.
            kind = "slower" if (number + 1) * args.slower // count > number * args.slower // count else "same"
            row = trial(program, args.model, path if kind == "slower" else args.model, args.seconds)
            rows.append({"trial": kind, **row})
            figures = ((key, f"{value:.5f}" if isinstance(value, float) else value) for key, value in row.items())
            writer.writerow({"trial": kind, **dict(figures)})
            file.flush()
    for loop in loops:
        loop.terminate()
    return 0 if summary(rows) and np.median(shares) <= 0.01 else 1


if __name__ == "__main__":
    sys.exit(main())
