"""Counts a PyTorch network by running it with hooks: multiply-adds, and the elements that counters differ in.

Not a program. Written for these checks and simple enough to read: `conv_linear` is what the papers print, the
other fields are numbers of elements (no operations), so that the rule of any counter is a sum of products of
them.
"""

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn


@dataclass
class Elements:
    """For one image. Kinds by module."""

    conv_linear: int = 0
    """Multiply-adds of convolutions and linear layers."""
    bias: int = 0
    """Outputs of convolutions and linear layers that a bias is added to."""
    batch_norm: int = 0
    relu: int = 0
    relu6: int = 0
    silu: int = 0
    hard_swish: int = 0
    sigmoid: int = 0
    hard_sigmoid: int = 0
    max_pool_in: int = 0
    avg_pool_in: int = 0
    avg_pool_out: int = 0
    global_in: int = 0
    """Into adaptive pools."""
    global_out: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


ELEMENTWISE: list[tuple[type[nn.Module], str]] = [
    (nn.BatchNorm2d, "batch_norm"),
    (nn.ReLU, "relu"),
    (nn.ReLU6, "relu6"),
    (nn.SiLU, "silu"),
    (nn.Hardswish, "hard_swish"),
    (nn.Sigmoid, "sigmoid"),
    (nn.Hardsigmoid, "hard_sigmoid"),
    (nn.MaxPool2d, "max_pool_in"),
    (nn.AvgPool2d, "avg_pool_in"),
    (nn.AdaptiveAvgPool2d, "global_in"),
]


def count(network: nn.Module, picture: Tensor, exact: bool = False) -> Elements:
    """Runs the network once. `exact`: leaves out modules of a subclass, as some counters do."""
    elements = Elements()

    def is_a(module: nn.Module, *kinds: type[nn.Module]) -> bool:
        return type(module) in kinds if exact else isinstance(module, kinds)

    def add(kind: str, number: int) -> None:
        setattr(elements, kind, getattr(elements, kind) + number)

    def weighted(layer: nn.Conv2d | nn.Linear, _: tuple[Tensor, ...], output: Tensor) -> None:
        add("conv_linear", output.numel() * layer.weight[0].numel())
        add("bias", output.numel() if layer.bias is not None else 0)

    def elementwise(kind: str):
        def hook(_: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            add(kind, inputs[0].numel())
            if kind in ("avg_pool_in", "global_in"):
                add(kind.replace("_in", "_out"), output.numel())

        return hook

    handles = []
    for module in network.modules():
        if is_a(module, nn.Conv2d, nn.Linear):
            handles.append(module.register_forward_hook(weighted))
        for kind, name in ELEMENTWISE:
            if is_a(module, kind):
                handles.append(module.register_forward_hook(elementwise(name)))
    with torch.no_grad():
        network(picture)
    for handle in handles:
        handle.remove()
    return elements


def parameters(network: nn.Module) -> int:
    """All that are trained."""
    return sum(parameter.numel() for parameter in network.parameters())
