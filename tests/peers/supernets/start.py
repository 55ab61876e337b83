"""Reads what `noisydarts-search bench-step --save` writes: weights, architecture parameters, batches."""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from weights import key

Batch = tuple[Tensor, Tensor]


def load(network: nn.Module, path: Path) -> list[Batch]:
    """Starts the network from the file, and gives its batches: of the weights, of the architecture.

    An error where the two do not have the same tensors.
    """
    stored = load_file(path)
    given = [k for k in range(2) if f"images.{k}" in stored]
    batches = [(stored.pop(f"images.{k}"), stored.pop(f"labels.{k}")) for k in given]
    if "alphas" in stored:
        set_architecture(architecture(network), stored["alphas"])
    names = {name: key(name) for name, _ in weights(network)}
    network.load_state_dict({name: stored.pop(ours) for name, ours in names.items()}, strict=False)
    left = [name for name in stored if name.endswith((".weight", ".bias"))]
    if left:
        raise ValueError(f"{path} has weights that the network has not: {left}")
    return batches


def weights(network: nn.Module) -> list[tuple[str, nn.Parameter]]:
    """What SGD trains, by name."""
    named = network.named_parameters()
    return [(name, value) for name, value in named if not name.startswith(("alphas.", "betas."))]


def architecture(network: nn.Module) -> list[nn.Parameter]:
    """Tables of architecture parameters: of operations, then of edges."""
    return [*getattr(network, "alphas", []), *getattr(network, "betas", [])]


def set_architecture(tables: list[nn.Parameter], flat: Tensor) -> None:
    parts = flat.split([table.numel() for table in tables])
    with torch.no_grad():
        for table, part in zip(tables, parts, strict=True):
            table.copy_(part.view_as(table))
