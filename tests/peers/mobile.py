"""Do phones' accelerators get our files whole? One partition that covers every node is what they need.

Asks ONNX Runtime's own checker (`onnxruntime.tools.check_onnx_model_mobile_usability`, by its functions)
about NNAPI, Core ML's NeuralNetwork and Core ML's MLProgram, for the file as exported and as ONNX Runtime's
basic optimisation leaves it. The checker looks at operators only; the conditions that its tables add are
checked here: weights, biases and other parameters are initializers, and the parts of a split are equal
(NNAPI).

Run: `python mobile.py --bin ../../target/release`; writes `mobile.csv`, and exits with 1 where a file of
`--target mobile` is not one whole partition; files of `--target cpu` are there to compare. Versions:
`requirements.txt` (onnxruntime 1.32.0, onnx 1.23.2).
"""

import csv
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import onnx
from onnxruntime.tools.mobile_helpers.usability_checker import check_coreml_partitions, check_nnapi_partitions
from onnxruntime.tools.onnx_model_utils import optimize_model

from networks import Case
from programs import Programs, add_folder

NAMES = [
    "noisydarts-mobile-a-se",
    "mobilenet-v3-large",
    "noisydarts-a",
    "noisydarts-mobile-a",
    "mixnet-m",
    "darts-v2",
    "amoebanet-a",
    "efficientnet-b0",
    "scarlet-a",
]

ACCELERATORS = {
    "NNAPI": lambda model: check_nnapi_partitions(model, True),
    "Core ML NeuralNetwork": lambda model: check_coreml_partitions(
        model, True, "coreml_supported_neuralnetwork_ops.md"
    ),
    "Core ML MLProgram": lambda model: check_coreml_partitions(
        model, True, "coreml_supported_mlprogram_ops.md"
    ),
}


def conditions(model: onnx.ModelProto) -> Iterator[str]:
    """What breaks a condition of the tables, by node."""
    graph = model.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type not in ("Add", "Mul", "Concat"):
            yield from (
                f"{node.name}: {name} is no constant"
                for name in node.input[1:]
                if name and name not in constants
            )
        if node.op_type == "Split":
            parts = (
                set(onnx.numpy_helper.to_array(constants[node.input[1]]).tolist())
                if len(node.input) > 1
                else {1}
            )
            if len(parts) > 1:
                yield f"{node.name}: unequal parts {sorted(parts)}"


def check(path: Path) -> Iterator[dict[str, Any]]:
    """A row for each accelerator."""
    model = onnx.shape_inference.infer_shapes(onnx.load(path), strict_mode=True)
    broken = list(conditions(model))
    for name, partition in ACCELERATORS.items():
        info = partition(model)
        yield {
            "accelerator": name,
            "nodes": info.num_nodes,
            "covered": info.num_supported_nodes,
            "partitions": info.num_partitions,
            "unsupported": " ".join(sorted(op.split(":")[1] for op in info.unsupported_ops)),
            "conditions broken": "; ".join(broken),
        }


def rows(programs: Programs, folder: Path) -> Iterator[dict[str, Any]]:
    for name in NAMES:
        for target in ("mobile", "cpu"):
            exported, optimised = folder / "exported.onnx", folder / "optimised.onnx"
            programs.export(Case(name), exported, "--target", target)
            optimize_model(exported, optimised)
            for form, path in [("exported", exported), ("optimised", optimised)]:
                for row in check(path):
                    yield {"network": name, "target": target, "form": form, **row}


def is_whole(row: dict[str, Any]) -> bool:
    return row["partitions"] == 1 and row["covered"] == row["nodes"] and not row["conditions broken"]


def main() -> int:
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    add_folder(parser)
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("mobile.csv"))
    args = parser.parse_args()
    with TemporaryDirectory() as folder:
        results = list(rows(Programs(args.bin), Path(folder)))
    with args.output.open("w", newline="") as file:
        writer = csv.DictWriter(file, results[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(results)
    broken = [row for row in results if row["target"] == "mobile" and not is_whole(row)]
    print(f"{len(broken)} of {sum(row['target'] == 'mobile' for row in results)} are not one whole partition")
    for row in broken:
        print(*row.values(), sep=", ")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
