"""What do other counters of multiply-adds say about the same networks, why, and how long does it take them?

thop, fvcore and ptflops count the PyTorch module (`networks.py`), onnx-tool and onnx-opcounter the file that
`torch.onnx.export` writes of it. Each number is checked against the counter's rule (`rules.py`), without
residual; ours against the columns of `noisydarts-evaluate cost` that claim to be the same tool. Times are CPU
seconds (user + system), medians of `--repeats`, one thread: of the other counters the count alone, of ours
the whole process.

Run: `python counters.py --bin ../../target/release`; writes `counters.csv` here and the tables of
`docs/counters.md`, and exits with 1 if a rule or a column is off. Versions: `requirements.txt` (thop
0.1.1.post2209072238, fvcore 0.1.5.post20221221, ptflops 0.7.5, onnx-tool 1.0.1, onnx_opcounter 0.0.4, torch
2.11.0).
"""

import contextlib
import csv
import io
import logging
import os
import resource
import statistics
import sys
import time
import warnings
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import onnx
import onnx_opcounter
import onnx_tool
import ptflops
import thop
import torch
from fvcore.nn import FlopCountAnalysis

from elements import Elements, count
from networks import Case
from programs import ROOT, Programs, add_folder, export_torch
from rules import FILE_RULES, MODULE_RULES, nodes

CASES = [
    *(Case(name) for name in ["noisydarts-a", "darts-v2", "amoebanet-a", "pc-darts-cifar"]),
    Case("darts-v2", "imagenet"),
    *(Case(name) for name in ["noisydarts-mobile-a", "noisydarts-mobile-a-se", "fairnas-a", "scarlet-a"]),
    *(
        Case(name)
        for name in ["mobilenet-v2", "mobilenet-v3-large", "efficientnet-b0", "mnasnet-a1", "mixnet-m"]
    ),
    Case("noisydarts-mobile-a-se", squeeze_pools=True),
    *(Case(name, by="timm") for name in ["mobilenet-v2", "mobilenet-v3-large", "efficientnet-b0", "mixnet-m"]),
]

COLUMNS = {"thop": "thop_0_1", "fvcore": "fvcore", "ptflops": "ptflops"}
"""Columns of `noisydarts-evaluate cost` that claim to count as the tool does."""

IMAGENET_HEAD = {"thop": 37_632, "fvcore": 37_632}
"""Inputs of the last pool of cells on ImageNet, which is a 7x7 average pool upstream and a global one here."""

COUNTERS = ["thop", "fvcore", "ptflops", "onnx-tool", "onnx-opcounter"]


def module_counters(module: torch.nn.Module, picture: torch.Tensor) -> dict[str, Callable[[], float]]:
    def count_ptflops() -> float:
        size = tuple(picture.shape[1:])
        options: dict[str, Any] = {"as_strings": False, "print_per_layer_stat": False, "backend": "pytorch"}
        return ptflops.get_model_complexity_info(module, size, **options)[0]

    return {
        "thop": lambda: thop.profile(module, inputs=(picture,), verbose=False)[0],
        "fvcore": lambda: FlopCountAnalysis(module, (picture,)).total(),
        "ptflops": count_ptflops,
    }


def file_counters(model: onnx.ModelProto) -> dict[str, Callable[[], float]]:
    def count_onnx_tool() -> float:
        graph = onnx_tool.Model(model, {"verbose": False}).graph
        graph.graph_reorder_nodes()
        graph.shape_infer(None)
        graph.profile()
        return graph.macs[0]

    return {"onnx-tool": count_onnx_tool, "onnx-opcounter": lambda: onnx_opcounter.calculate_macs(model)}


def quietly(counter: Callable[[], float], repeats: int) -> tuple[int, float]:
    """What it counts, and the median of its CPU seconds."""
    seconds: list[float] = []
    result = 0.0
    for _ in range(repeats):
        start = time.process_time()
        with contextlib.redirect_stdout(io.StringIO()):
            result = counter()
        seconds.append(time.process_time() - start)
    return int(result), statistics.median(seconds)


def child_seconds(run: Callable[[], Any], repeats: int) -> float:
    """The median of the CPU seconds of a process that this runs."""

    def used() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    seconds = []
    for _ in range(repeats):
        start = used()
        run()
        seconds.append(used() - start)
    return statistics.median(seconds)


def counted(case: Case, file: Path, repeats: int) -> dict[str, tuple[int, float]]:
    """What each counter counts, and its CPU seconds. Writes PyTorch's file of the network."""
    export_torch(case, file)
    # Tools leave things in a module that later ones trip over, so that nothing else gets this one.
    counters = module_counters(case.build(), case.input) | file_counters(onnx.load(file))
    return {name: quietly(counter, repeats) for name, counter in counters.items()}


def by_rule(elements_of: dict[bool, Elements], file: Path) -> dict[str, int]:
    """What each counter should count."""
    graph = nodes(file)
    counts = {name: rule.apply(elements_of[rule.exact]) for name, rule in MODULE_RULES.items()}
    return counts | {name: sum(map(rule, graph)) for name, rule in FILE_RULES.items()}


def unequal(
    case: Case, counts: dict[str, int], rules: dict[str, int], ours: dict[str, int], macs: int
) -> list[str]:
    """Which numbers are not what they should be."""
    facts = [(f"{name} by its rule", counts[name], rules[name]) for name in COUNTERS]
    facts.append(("conv + linear, ours and PyTorch's", ours["conv_linear"], macs))
    if case.by == "plain" and not case.squeeze_pools:
        head = IMAGENET_HEAD if case.skeleton == "imagenet" else {}
        for name, column in COLUMNS.items():
            facts.append((f"our column of {name}", ours[column], counts[name] + head.get(name, 0)))
    return [f"{case.label}: {what}: {a}, {b}" for what, a, b in facts if a != b]


def row(case: Case, programs: Programs, file: Path, repeats: int) -> tuple[dict[str, Any], list[str]]:
    """All numbers of one network, and what is off."""
    results = counted(case, file, repeats)
    counts = {name: results[name][0] for name in COUNTERS}
    elements_of = {exact: count(case.build(), case.input, exact) for exact in (False, True)}
    network = [f"zoo:{case.name}", *case.options]
    ours = programs.cost(*network)["macs"]
    numbers: dict[str, Any] = {"network": case.label, "conv_linear": ours["conv_linear"], **counts}
    numbers |= {f"ours as {name}": ours[column] for name, column in COLUMNS.items()}
    seconds = {name: results[name][1] for name in COUNTERS}
    seconds["ours network"] = child_seconds(lambda: programs.cost(*network), repeats)
    seconds["ours file"] = child_seconds(lambda: programs.cost(str(file)), repeats)
    numbers |= {f"{name} s": round(used, 4) for name, used in seconds.items()}
    return numbers, unequal(case, counts, by_rule(elements_of, file), ours, elements_of[False].conv_linear)


def count_table(rows: list[dict[str, Any]]) -> list[str]:
    """Exact integers, and the share of the multiply-adds that a counter adds."""
    lines = [
        "| network | conv + linear (ours) | " + " | ".join(COUNTERS) + " |",
        "|---|---|" + "---|" * len(COUNTERS),
    ]
    for numbers in rows:
        base = numbers["conv_linear"]
        cells = [f"{numbers[name]:,} ({numbers[name] / base - 1:+.1%})" for name in COUNTERS]
        lines.append(f"| {numbers['network']} | {base:,} | " + " | ".join(cells) + " |")
    return lines


def time_table(rows: list[dict[str, Any]]) -> list[str]:
    """Milliseconds."""
    timed = [*COUNTERS, "ours network", "ours file"]
    lines = ["| network | " + " | ".join(timed) + " |", "|---|" + "---|" * len(timed)]
    for numbers in rows:
        cells = [f"{1000 * numbers[f'{name} s']:.0f}" for name in timed]
        lines.append(f"| {numbers['network']} | " + " | ".join(cells) + " |")
    return lines


def machine() -> str:
    """The processor, as the system names it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    name = next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown processor"
    )
    return f"{name}, {os.cpu_count()} cores (shared), one thread"


def fill(document: Path, tables: dict[str, list[str]]) -> None:
    """Replaces what stands between the marks of each table."""
    text = document.read_text()
    for name, lines in tables.items():
        begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->"
        head, rest = text.split(begin)
        text = head + begin + "\n".join(lines) + "\n" + end + rest.split(end)[1]
    document.write_text(text)


def save(rows: list[dict[str, Any]], path: Path) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def note(programs: Programs, build: str, repeats: int) -> str:
    """Where and with what the times were taken."""
    start = 1000 * child_seconds(lambda: programs.run("evaluate", "--version"), repeats)
    ours = f"Ours is a {build} build; starting it and printing its version takes {start:.0f} ms."
    return f"Machine: {machine()}. {ours}"


def main() -> int:
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    add_folder(parser)
    parser.add_argument("--build", default="release", help="how the binaries were built, for the note")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--document", type=Path, default=ROOT / "docs" / "counters.md")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("counters.csv"))
    args = parser.parse_args()
    torch.set_num_threads(1)
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    programs = Programs(args.bin)
    rows, off = [], []
    with TemporaryDirectory() as folder:
        for case in CASES:
            numbers, problems = row(case, programs, Path(folder) / "theirs.onnx", args.repeats)
            rows.append(numbers)
            off += problems
            print(*numbers.values(), *problems, flush=True)
    save(rows, args.output)
    times = [*time_table(rows), "", note(programs, args.build, args.repeats)]
    fill(args.document, {"counts": count_table(rows), "times": times})
    print(f"{len(off)} off", *off, sep="\n")
    return 1 if off else 0


if __name__ == "__main__":
    sys.exit(main())
