"""Is every exported file a valid, clean, reproducible ONNX file that all runtimes read alike?

For each network of the zoo, exported with random weights and batch statistics: `onnx.checker` with full
checks; strict shape inference; operator set 17 and format 8; no batch norm, identity or constant node, no
initializer that nothing reads; the same bytes from a second export with other numbers of threads; it loads in
ONNX Runtime 1.32.0 and, in the environment of `--old`, 1.19.2, which agree; `noisydarts-evaluate parity` of
ONNX Runtime and tract on 256 random inputs. Then the same network with the weights of a PyTorch module
(`networks.py`, `weights.py`): its file in ONNX Runtime against PyTorch itself. Bars: relative differences
(max |a - b| / max |b|) of at most 5e-6, the same top-1 for every input.

Run: `python fidelity.py --bin ../../target/release --old ENV119/bin/python [NAME...]`; writes `fidelity.csv`,
and exits with 1 if anything does not hold. Versions: `requirements.txt` (onnx 1.23.2, onnxruntime 1.32.0,
torch 2.11.0); `--old`: onnxruntime 1.19.2 with numpy 1.26.4.
"""

import csv
import hashlib
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch

import weights
from networks import Case
from programs import Programs, add_folder

BAR = 5e-6
BATCH = 16
"""Pictures that PyTorch gets at a time."""

OLD = """
import sys, numpy, onnxruntime
assert onnxruntime.__version__ == "1.19.2", onnxruntime.__version__
model = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
numpy.save(sys.argv[3], model.run(None, {model.get_inputs()[0].name: numpy.load(sys.argv[2])})[0])
"""
"""Runs a file in the old ONNX Runtime: file, picture, where the logits go."""


def relative(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a - b).max() / np.abs(b).max())


def run(file: Path, *batches: np.ndarray) -> np.ndarray:
    model = ort.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    name = model.get_inputs()[0].name
    return np.concatenate([model.run(None, {name: batch})[0] for batch in batches])


def faults(file: Path) -> list[str]:
    """What is wrong with a file."""
    model = onnx.load(file)
    onnx.checker.check_model(model, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    graph, found = inferred.graph, []
    versions = [(entry.domain, entry.version) for entry in model.opset_import]
    if versions != [("", 17)] or model.ir_version != 8:
        found.append(f"operator sets {versions}, format {model.ir_version}")
    unwanted = {"BatchNormalization", "Identity", "Constant"} & {node.op_type for node in graph.node}
    found += [f"a node {kind}" for kind in sorted(unwanted)]
    read = {name for node in graph.node for name in node.input}
    found += [f"{tensor.name} is not read" for tensor in graph.initializer if tensor.name not in read]
    known = {value.name for value in graph.value_info} | {value.name for value in graph.output}
    found += [f"{name} has no shape" for node in graph.node for name in node.output if name not in known]
    return found


def reproducible(case: Case, programs: Programs, file: Path, again: Path) -> bool:
    """Whether one thread and three give the same bytes."""
    digests = []
    for path, threads in [(file, "1"), (again, "3")]:
        said = programs.export(case, path, env={"RAYON_NUM_THREADS": threads, "OMP_NUM_THREADS": threads})
        digests += [said["sha256"], hashlib.sha256(path.read_bytes()).hexdigest()]
    return len(set(digests)) == 1


def old_runtime(file: Path, picture: np.ndarray, python: str) -> float:
    """How far ONNX Runtime 1.19.2 is from the current one."""
    given, logits = file.with_suffix(".input.npy"), file.with_suffix(".logits.npy")
    np.save(given, picture)
    subprocess.run([python, "-c", OLD, str(file), str(given), str(logits)], check=True)
    return relative(np.load(logits), run(file, picture))


def tract(file: Path, programs: Programs, inputs: int) -> tuple[float, int]:
    """How far tract is from ONNX Runtime, and how many inputs get the same top-1."""
    arguments = [
        str(file),
        "--inputs",
        str(inputs),
        "--tolerance",
        str(BAR),
        "--runtime",
        "ort,tract",
        "--quiet",
    ]
    (comparison,) = programs.json("evaluate", "parity", *arguments, may=(0, 3))["comparisons"]
    return comparison["max_relative"], comparison["top1_equal"]


def pytorch(case: Case, programs: Programs, folder: Path, inputs: int) -> tuple[float, int]:
    """The same of our file in ONNX Runtime and PyTorch, with the weights of the latter; inputs in batches."""
    module, pictures = case.build(), case.pictures(inputs)
    stored, file = folder / "stored.safetensors", folder / "stored.onnx"
    weights.save(module, stored)
    options = ["--weights", str(stored), "--batch", str(BATCH)]
    programs.export(case, file, *options)
    with torch.no_grad():
        expected = np.concatenate([module(part).numpy() for part in pictures.split(BATCH)])
    found = run(file, *(part.numpy() for part in pictures.split(BATCH)))
    return relative(found, expected), int((found.argmax(1) == expected.argmax(1)).sum())


def check(case: Case, programs: Programs, folder: Path, old: str, inputs: int) -> dict[str, Any]:
    file = folder / "model.onnx"
    same_bytes = reproducible(case, programs, file, folder / "again.onnx")
    problems = faults(file)
    model = onnx.load(file)
    old_difference = old_runtime(file, case.input.numpy(), old)
    tract_difference, tract_top1 = tract(file, programs, inputs)
    torch_difference, torch_top1 = pytorch(case, programs, folder, inputs)
    far = max(old_difference, tract_difference, torch_difference) > BAR
    agree = tract_top1 == inputs and torch_top1 == inputs
    return {
        "network": case.label,
        "nodes": len(model.graph.node),
        "faults": "; ".join(problems),
        "same bytes": same_bytes,
        "onnxruntime 1.19.2": f"{old_difference:.2e}",
        "tract": f"{tract_difference:.2e}",
        "tract top-1": f"{tract_top1}/{inputs}",
        "PyTorch": f"{torch_difference:.2e}",
        "PyTorch top-1": f"{torch_top1}/{inputs}",
        "holds": not problems and same_bytes and agree and not far,
    }


def main() -> int:
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    add_folder(parser)
    parser.add_argument("names", nargs="*", help="networks of the zoo [default: all that have a definition]")
    parser.add_argument("--old", required=True, help="a Python that has onnxruntime 1.19.2")
    parser.add_argument("--inputs", type=int, default=256, help=f"a multiple of {BATCH}")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("fidelity.csv"))
    args = parser.parse_args()
    torch.set_num_threads(1)
    programs = Programs(args.bin)
    cases = [Case(name) for name in args.names or programs.names()]
    if not args.names:
        cases.append(Case("darts-v2", "imagenet"))
    failed = 0
    with TemporaryDirectory() as folder, args.output.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for index, case in enumerate(cases):
            row = check(case, programs, Path(folder), args.old, args.inputs)
            writer.writerows([row.keys(), row.values()] if index == 0 else [row.values()])
            file.flush()
            failed += not row["holds"]
            print(*row.values(), flush=True)
    print(f"{len(cases)} networks, {failed} do not hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
