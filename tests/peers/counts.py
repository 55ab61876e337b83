"""Are the counts of PyTorch, of the file it exports, of our file and of our network the same integers?

For each network: (a) multiply-adds and parameters of the PyTorch module, by hooks; (b) `noisydarts-evaluate
cost` of the file that `torch.onnx.export` writes; (c) the same of the file that `noisydarts-export` writes;
(d) `noisydarts-evaluate cost zoo:NAME`. The four numbers of multiply-adds must be equal; the parameters of
(a) must be those that (c) and (d) call trained, and those that (c) and (d) call deployed must be equal. (b)
holds what PyTorch's exporter leaves after folding batch norms into the convolutions right before them, which
is written down. (b) and (c) are done for the networks named in `EXPORTED`, (a) and (d) for all.

Run: `python counts.py --bin ../../target/release`; writes `../golden/torch-counts.csv`, which
`tests/counts.rs` reads, and exits with 1 if something is unequal. Versions: `requirements.txt` (torch 2.11.0,
timm 1.0.31, onnx 1.23.2).
"""

import csv
import sys
from argparse import ArgumentParser
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

import elements
from networks import TIMM, ZOO, Case
from programs import ROOT, Programs, add_folder, export_torch

IMAGENET = ["darts-v2", "p-darts", "pc-darts-imagenet", "pr-darts", "fairdarts-b", "noisydarts-a"]
"""Cells that are counted on the skeleton for ImageNet too."""

EXPORTED = {
    *(
        Case(name)
        for name in ["noisydarts-a", "darts-v2", "amoebanet-a", "nasnet-a", "fairdarts-a", "pc-darts-cifar"]
    ),
    Case("darts-v2", "imagenet"),
    *(Case(name) for name in ["noisydarts-mobile-a", "noisydarts-mobile-a-se", "fairnas-a", "scarlet-a"]),
    *(Case(name) for name in ["proxylessnas-r-mobile", "mobilenet-v2-1.4"]),
    *(Case(name, by="timm") for name in TIMM),
}


@dataclass
class Row:
    """What PyTorch says about one network: the golden values."""

    name: str
    skeleton: str
    by: str
    macs: int
    """Of the module; convolutions and linear layers."""
    params: int
    """Of the module; trained."""
    file_macs: int | None = None
    """Of the file that PyTorch exports."""
    file_floats: int | None = None
    """Floats that this file's nodes use."""


def cases() -> list[Case]:
    """Every network of the zoo that has a definition, then other skeletons and other people's modules."""
    all_names = (Case(path.stem) for path in sorted(ZOO.glob("*.json")))
    defined = [case for case in all_names if not case.data.keys().isdisjoint({"genotype", "mobile"})]
    return [*defined, *(Case(name, "imagenet") for name in IMAGENET), *(Case(name, by="timm") for name in TIMM)]


def check(case: Case, programs: Programs, folder: Path) -> tuple[Row, list[str]]:
    """The row of a network, and what is unequal."""
    module = case.build()
    macs, params = elements.count(module, case.input).conv_linear, elements.parameters(module)
    row = Row(case.name, case.skeleton, case.by, macs, params)
    ours = programs.cost(f"zoo:{case.name}", *case.options)
    facts = {"zoo macs": (ours["macs"]["conv_linear"], macs), "zoo params": (ours["params"]["trained"], params)}
    if case in EXPORTED:
        path = folder / "theirs.onnx"
        export_torch(case, path)
        theirs = programs.cost(str(path))
        row.file_macs, row.file_floats = theirs["macs"]["conv_linear"], theirs["params"]["deployed"]
        path = folder / "ours.onnx"
        programs.export(case, path)
        file = programs.cost(str(path))
        facts |= {
            "torch's file macs": (row.file_macs, macs),
            "our file macs": (file["macs"]["conv_linear"], macs),
            "our file trained": (file["params"]["trained"], params),
            "our file deployed": (file["params"]["deployed"], ours["params"]["deployed"]),
        }
    unequal = [
        f"{case.label}: {what} {found}, not {wanted}"
        for what, (found, wanted) in facts.items()
        if found != wanted
    ]
    return row, unequal


def main() -> int:
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    add_folder(parser)
    parser.add_argument("--output", type=Path, default=ROOT / "tests" / "golden" / "torch-counts.csv")
    args = parser.parse_args()
    # Small networks are slower with more threads on a busy machine.
    torch.set_num_threads(1)
    unequal: list[str] = []
    with TemporaryDirectory() as folder, args.output.open("w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)], lineterminator="\n")
        writer.writeheader()
        for case in cases():
            row, problems = check(case, Programs(args.bin), Path(folder))
            writer.writerow(asdict(row))
            unequal += problems
            print(case.label, row.macs, row.params, row.file_floats or "", *problems, flush=True)
    print(f"{len(unequal)} unequal", *unequal, sep="\n")
    return 1 if unequal else 0


if __name__ == "__main__":
    sys.exit(main())
