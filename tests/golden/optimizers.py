#!/usr/bin/env python3
"""Golden values of torch.optim's SGD and Adam over 100 steps: what `tests/optimizers.rs` holds search's optimisers against.

    python tests/golden/optimizers.py tests/golden/optimizers.json

Needs torch 2.11.0 and numpy. Parameters and gradients come from the formula that `supernet.py` explains; the file holds the
parameters after some of the steps as the bits of their 32-bit floats, in hexadecimal.
"""

import argparse
import json
import pathlib

import torch

from supernet import ALPHA, DECAY, MOMENTUM, draw

# Not a multiple of any vector width, so that a kernel's vectorised part and its remainder are both seen.
COUNT = 37
STEPS = 100
KEPT = (1, 2, 10, STEPS)
# A rate per step, as under a schedule: from 0.025 (DARTS) by 1 % a step.
RATE, FALL = 0.025, 0.99


def hexadecimal(values):
    return "".join(f"{bits & 0xFFFFFFFF:08x}" for bits in values.detach().view(torch.int32).tolist())


def run(make, falls):
    """The parameters after each kept step; gradients grow and shrink over four decades."""
    parameters = torch.nn.Parameter(draw("parameters", (COUNT,), 1.0))
    optimizer = make([parameters])
    kept = {}
    for step in range(1, STEPS + 1):
        for group in optimizer.param_groups:
            group["lr"] *= FALL if falls and step > 1 else 1.0
        parameters.grad = draw(f"gradient {step}", (COUNT,), 10.0 ** (step % 5 - 3))
        optimizer.step()
        if step in KEPT:
            kept[str(step)] = hexadecimal(parameters)
    return kept


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=pathlib.Path, help="the file to write")
    path = parser.parse_args().path

    def sgd(**options):
        return lambda parameters: torch.optim.SGD(parameters, RATE, **options)

    results = {
        "sgd": run(sgd(momentum=MOMENTUM, weight_decay=DECAY), True),
        "sgd nesterov": run(sgd(momentum=MOMENTUM, weight_decay=DECAY, nesterov=True), True),
        "sgd plain": run(sgd(), True),
        "adam": run(lambda parameters: torch.optim.Adam(parameters, **ALPHA), False),
        "adam without decay": run(lambda parameters: torch.optim.Adam(parameters, **ALPHA | {"weight_decay": 0.0}), False),
    }
    path.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
