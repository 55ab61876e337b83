"""Is our file as fast as the one that PyTorch exports of the same network, in ONNX Runtime on the CPU?

One intra-op thread, spinning off, all optimisations. In each of several fresh processes three sessions take
turns, their order rotated every round: ours, theirs, and ours once more as a control (A/A). The statistic is
the CPU time of the thread for one run; the ratio is that of medians over all processes, its 95 % interval a
bootstrap that draws processes, then rounds. Ours is slower where the interval lies wholly above 1 by more
than the control is off.

Run when the machine is idle: `python speed.py --bin ../../target/release`; writes `speed.csv`, and exits with
1 where ours is slower. `--profile` prints instead what ONNX Runtime spends in each operator of both files.
Versions: `requirements.txt` (onnxruntime 1.32.0, torch 2.11.0).
"""

import csv
import json
import os
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnxruntime as ort

NAMES = ["noisydarts-mobile-a-se", "mixnet-m", "darts-v2", "noisydarts-a", "mobilenet-v3-large"]
TIMM = ["mixnet-m", "mobilenet-v3-large", "efficientnet-b0"]
"""Networks of which timm's module is exported as well."""
SESSIONS = ["ours", "theirs", "control"]


def session(path: str, profile: str | None = None) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    if profile:
        options.enable_profiling, options.profile_file_prefix = True, profile
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def picture(model: ort.InferenceSession) -> dict[str, np.ndarray]:
    port = model.get_inputs()[0]
    return {port.name: np.random.default_rng(0).standard_normal(port.shape).astype(np.float32)}


def work(ours: str, theirs: str, rounds: int, turn: int) -> dict[str, list[float]]:
    """In a process of its own: CPU seconds of every run. `turn` rotates the order of loading."""
    paths = {"ours": ours, "theirs": theirs, "control": ours}
    order = SESSIONS[turn % 3 :] + SESSIONS[: turn % 3]
    models = {name: session(paths[name]) for name in order}
    inputs = {name: picture(model) for name, model in models.items()}
    seconds: dict[str, list[float]] = {name: [] for name in SESSIONS}
    for index in range(rounds + 5):
        for place in range(3):
            name = order[(index + place) % 3]
            start = time.thread_time()
            outputs = models[name].run(None, inputs[name])
            used = time.thread_time() - start
            assert np.isfinite(outputs[0]).all(), name
            if index >= 5:
                seconds[name].append(used)
    return seconds


def interval(above: np.ndarray, below: np.ndarray) -> tuple[float, float, float]:
    """The ratio of medians and its 95 % interval; arrays are [processes, rounds]."""
    random = np.random.default_rng(0)
    processes, rounds = above.shape
    ratios = []
    for _ in range(2000):
        chosen = random.integers(processes, size=(processes, 1))
        # Runs of one round stood side by side, and are drawn together.
        drawn = random.integers(rounds, size=(processes, rounds))
        ratios.append(np.median(above[chosen, drawn]) / np.median(below[chosen, drawn]))
    low, high = np.quantile(ratios, [0.025, 0.975])
    return float(np.median(above) / np.median(below)), float(low), float(high)


def measure(label: str, files: tuple[str, str], processes: int, rounds: int) -> dict[str, Any]:
    runs: dict[str, list[list[float]]] = {session: [] for session in SESSIONS}
    for turn in range(processes):
        command = [sys.executable, __file__, "--work", *files, str(rounds), str(turn)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        for session_name, seconds in json.loads(done.stdout).items():
            runs[session_name].append(seconds)
    times = {session_name: np.array(seconds) for session_name, seconds in runs.items()}
    ratio, low, high = interval(times["ours"], times["theirs"])
    control, control_low, control_high = interval(times["control"], times["ours"])
    noise = max(control_high - 1, 1 - control_low)
    return {
        "network": label,
        **{f"{key} ms": round(1000 * float(np.median(times[key])), 3) for key in ("ours", "theirs")},
        "ratio": round(ratio, 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "control": round(control, 4),
        "control low": round(control_low, 4),
        "control high": round(control_high, 4),
        "load": round(os.getloadavg()[0], 2),
        "slower": low > 1 + noise,
    }


def profile(path: str, folder: Path, runs: int = 30) -> Counter[str]:
    """Milliseconds of one run by operator, as ONNX Runtime reports them."""
    model = session(path, str(folder / "profile"))
    inputs = picture(model)
    for _ in range(runs):
        model.run(None, inputs)
    spent: Counter[str] = Counter()
    for event in json.loads(Path(model.end_profiling()).read_text()):
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            spent[event["args"]["op_name"]] += event["dur"] / 1000 / runs
    return spent


def print_profile(label: str, path: Path, folder: Path) -> None:
    spent = profile(str(path), folder)
    by_operator = {operator: round(ms, 3) for operator, ms in spent.most_common()}
    print(label, path.stem, f"{spent.total():.2f} ms", by_operator)


def save(results: list[dict[str, Any]], path: Path) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, results[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(results)


def main() -> int:
    # Not above: the processes that measure need no PyTorch.
    from networks import Case
    from programs import Programs, add_folder, export_torch

    parser = ArgumentParser(description=__doc__.splitlines()[0])
    add_folder(parser)
    parser.add_argument("names", nargs="*", help="networks of the zoo [default: those that stand in this file]")
    parser.add_argument("--processes", type=int, default=9)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("speed.csv"))
    args = parser.parse_args()
    cases = [Case(name) for name in args.names or NAMES]
    cases += [] if args.names else [Case(name, by="timm") for name in TIMM]
    results = []
    with TemporaryDirectory() as folder:
        for case in cases:
            ours, theirs = Path(folder) / "ours.onnx", Path(folder) / "theirs.onnx"
            Programs(args.bin).export(case, ours)
            export_torch(case, theirs)
            if args.profile:
                for path in (ours, theirs):
                    print_profile(case.label, path, Path(folder))
                continue
            results.append(measure(case.label, (str(ours), str(theirs)), args.processes, args.rounds))
            print(results[-1], flush=True)
    if results:
        save(results, args.output)
    return 1 if any(result["slower"] for result in results) else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        print(json.dumps(work(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))))
    else:
        sys.exit(main())
