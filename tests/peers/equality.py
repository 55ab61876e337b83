"""Do the peers of `cargo xtask bench` compute what our steps compute?

For each peer: `noisydarts-search bench-step --save` writes what its first step starts from, `step.py --load`
starts from there. Numbers of weights are equal, and so are the losses of the first step, of the weights' and of
the architecture's batch, within 1e-5. The peers run with channels innermost, as ours do: the same kernels then
round alike. Otherwise 20 layers of batch norms on small batches make 1e-4 of it.

What is drawn in a step is made certain: no noise; initial alphas that are so far apart that the strongest
candidate of an edge is drawn (GDAS, ProxylessNAS); a step of the architecture that moves nothing, since Adam's
first step is by the sign of the gradient, and rounding decides it where that is near zero. Of random paths the
number of weights alone is compared.

Run: `python equality.py --bin ../../target/release`; writes `equality.csv`, and exits with 1 where something
differs. Versions: `requirements.txt` (torch 2.11.0, safetensors 0.8.0).
"""

import csv
import json
import subprocess
import sys
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from programs import Programs, add_folder

TOLERANCE = 1e-5
HOW = "--threads 1 --steps 1 --warmup 0 --batch 16"
STILL = 1e-9
"""Learning rate of the architecture."""
CERTAIN = "--set search.alpha_init=1e4"
BOTH_STEPS = "--set search.alpha_start=0 --set search.alpha_every=1"


@dataclass(frozen=True)
class Case:
    """A step at its published size; `common` are arguments that both programs have."""

    name: str
    common: str
    ours: str
    theirs: str = ""
    draws: bool = False


CASES = [
    Case("darts", "--space darts --method noisydarts", "--set noise.sigma=0", "--sigma 0"),
    Case("nb201", "--space nb201 --method darts --cells 5", ""),
    Case("mobile", "--space mobile --method darts --cells 19 --size 96", ""),
    Case("pc-darts", "--space darts --method pc-darts", BOTH_STEPS),
    Case("gdas", "--space nb201 --method gdas --cells 5", CERTAIN),
    Case("proxyless", "--space mobile --method proxyless --cells 19 --size 96", f"{BOTH_STEPS} {CERTAIN}"),
    Case("random", "--space mobile --method rsps --cells 19 --size 96", "", draws=True),
    Case(
        "retrain",
        "--channels 36 --cells 20",
        "--retrain zoo:noisydarts-a",
        "--retrain noisydarts-a --drop-path 0",
    ),
]


def compare(case: Case, programs: Programs, folder: Path) -> dict:
    """One row of the table."""
    saved = str(folder / f"{case.name}.safetensors")
    common = [*case.common.split(), *HOW.split()]
    own = ["--set", f"search.alpha_learning_rate={STILL}", *case.ours.split(), "--save", saved]
    ours = json.loads(programs.run("search", "bench-step", *common, *own))
    own = ["--alpha-rate", str(STILL), *case.theirs.split(), "--channels-last", "--load", saved]
    theirs = peer(*common, *own)
    row = {"step": case.name, "weights": ours["weight_params"], "peer's": theirs["weight_params"]}
    equal = ours["weight_params"] == theirs["weight_params"]
    for key in ["losses", "alpha_losses"]:
        (our,), (their,) = ours[key], theirs[key]
        row |= {key: our, f"peer's {key}": their}
        if not case.draws:
            equal = equal and (our is None) == (their is None)
            equal = equal and (our is None or abs(our - their) <= TOLERANCE)
    return {**row, "equal": equal}


def peer(*arguments: str) -> dict:
    command = [sys.executable, str(Path(__file__).with_name("step.py")), *arguments]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


def main() -> int:
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    add_folder(parser)
    parser.add_argument("names", nargs="*", help="peers [default: all]")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("equality.csv"))
    args = parser.parse_args()
    rows = []
    with TemporaryDirectory() as folder:
        for case in CASES:
            if not args.names or case.name in args.names:
                rows.append(compare(case, Programs(args.bin), Path(folder)))
                print(rows[-1], flush=True)
    with args.output.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return 0 if all(row["equal"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
