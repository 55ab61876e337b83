"""Runs the programs of this workspace, and PyTorch's exporter.

Not a program. The binaries are taken from a folder (`cargo build --release` puts them into `target/release`).
Versions: `requirements.txt`.
"""

import json
import os
import subprocess
import warnings
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from networks import Case

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Programs:
    """The binaries in one folder."""

    folder: Path

    def run(
        self, program: str, *arguments: str, env: dict[str, str] | None = None, may: tuple[int, ...] = (0,)
    ) -> str:
        """Standard output; an error with what was said on standard error for another exit status."""
        command = [str(self.folder / f"noisydarts-{program}"), *arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, env={**os.environ, **(env or {})}, check=False
        )
        if done.returncode not in may:
            raise RuntimeError(f"{' '.join(command)} gave {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def json(self, program: str, *arguments: str, **options: Any) -> Any:
        return json.loads(self.run(program, *arguments, "--format", "json", **options))

    def cost(self, model: str, *options: str) -> dict:
        return self.json("evaluate", "cost", model, *options)["models"][0]

    def names(self) -> list[str]:
        """Every network of the zoo that has a definition."""
        return [row["name"] for row in self.json("evaluate", "zoo") if "macs" in row]

    def export(self, case: Case, output: Path, *options: str, env: dict[str, str] | None = None) -> dict:
        """Exports with random weights and batch statistics."""
        arguments = [f"zoo:{case.name}", *case.options, "--allow-random", *options, "-o", str(output)]
        return self.json("export", *arguments, env=env)


def add_folder(parser: ArgumentParser) -> None:
    """The flag that says where the binaries are."""
    help = "folder of the binaries [default: target/release of this repository]"
    parser.add_argument("--bin", type=Path, default=ROOT / "target" / "release", help=help)


def export_torch(case: Case, output: Path) -> None:
    """Exports the PyTorch network as PyTorch does: TorchScript exporter, opset 17, batch norms folded."""
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(case.build(), (case.input,), output, dynamo=False, opset_version=17)
