"""Two command lines in turns: wall seconds, CPU seconds and memory of whole processes, and their ratios.

    pair.py [--runs 7] OURS PEER

Each command is one argument, in a shell's words. Prints a Markdown table: medians of either side, then the median ratio
ours/peer of pairs with a bootstrap 95 % interval. With one command, its medians alone.
"""

import argparse
import os
import random
import shlex
import statistics
import subprocess
import sys
import time


def run(command):
    """Wall seconds, CPU seconds and peak MiB of one process."""
    begun = time.perf_counter()
    process = subprocess.Popen(shlex.split(command), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    if status != 0:
        sys.exit(f"`{command}` failed: {said.decode()}")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def interval(ratios):
    draws = random.Random(1)
    medians = sorted(statistics.median(draws.choices(ratios, k=len(ratios))) for _ in range(4000))
    return medians[100], medians[3899]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("commands", nargs="+")
    arguments = parser.parse_args()
    taken = [[] for _ in arguments.commands]
    for at in range(-1, arguments.runs):
        # The first round warms caches and counts for nothing. Who runs first changes from round to round.
        turns = list(range(len(taken)))[:: 1 if at % 2 else -1]
        for side in turns:
            result = run(arguments.commands[side])
            if at >= 0:
                taken[side].append(result)
    heads = [f"command {side + 1}" for side in range(len(taken))]
    heads += ["ratio", "interval"] if len(taken) == 2 else []
    print("| | " + " | ".join(heads) + " |")
    print("|:--|" + "--:|" * len(heads))
    for name, of in [("wall s", 0), ("CPU s", 1), ("MiB", 2)]:
        medians = [statistics.median(run[of] for run in side) for side in taken]
        cells = [f"{median:.3f}" for median in medians]
        if len(taken) == 2:
            ratios = [ours[of] / theirs[of] for ours, theirs in zip(*taken)]
            low, high = interval(ratios)
            cells += [f"{statistics.median(ratios):.3f}", f"{low:.3f} to {high:.3f}"]
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
