"""Networks of the DARTS family as PyTorch users write them: cells on the skeletons for CIFAR and ImageNet.

Written from the definitions (Liu et al. 2019, DARTS, and the papers of the cells), in plain `torch.nn` modules. The
cells are read from `models/zoo/NAME.json`. Drop-path is left out: it does nothing at inference.
Versions: `requirements.txt`. Not a program; `networks.py` uses it.
"""

from collections.abc import Callable
from functools import reduce
from operator import add

import torch
from torch import Tensor, nn


def relu_conv_bn(inputs: int, outputs: int) -> nn.Sequential:
    """ReLU, 1x1 convolution, batch norm."""
    return nn.Sequential(nn.ReLU(), nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs))


class FactorizedReduce(nn.Module):
    """Halves height and width: two strided 1x1 convolutions, the second one pixel further."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.relu = nn.ReLU()
        self.even = nn.Conv2d(inputs, outputs // 2, 1, stride=2, bias=False)
        self.odd = nn.Conv2d(inputs, outputs // 2, 1, stride=2, bias=False)
        self.bn = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(x)
        return self.bn(torch.cat([self.even(x), self.odd(x[:, :, 1:, 1:])], dim=1))


class Zero(nn.Module):
    """The operation `none`."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, :: self.stride, :: self.stride] * 0.0


def separable(channels: int, kernel: int, stride: int, dilation: int = 1) -> list[nn.Module]:
    """ReLU, depthwise convolution, 1x1 convolution, batch norm."""
    padding = dilation * (kernel // 2)
    return [
        nn.ReLU(),
        nn.Conv2d(channels, channels, kernel, stride, padding, dilation, groups=channels, bias=False),
        nn.Conv2d(channels, channels, 1, bias=False),
        nn.BatchNorm2d(channels),
    ]


def seven_by_one(channels: int, stride: int) -> nn.Sequential:
    """ReLU, 1x7 convolution, 7x1 convolution, batch norm."""
    return nn.Sequential(
        nn.ReLU(),
        nn.Conv2d(channels, channels, (1, 7), (1, stride), (0, 3), bias=False),
        nn.Conv2d(channels, channels, (7, 1), (stride, 1), (3, 0), bias=False),
        nn.BatchNorm2d(channels),
    )


def skip(channels: int, stride: int) -> nn.Module:
    return nn.Identity() if stride == 1 else FactorizedReduce(channels, channels)


def separable_twice(channels: int, stride: int, kernel: int) -> nn.Sequential:
    return nn.Sequential(*separable(channels, kernel, stride), *separable(channels, kernel, 1))


OPERATIONS: dict[str, Callable[[int, int], nn.Module]] = {
    "none": lambda channels, stride: Zero(stride),
    "max_pool_3x3": lambda channels, stride: nn.MaxPool2d(3, stride, 1),
    "avg_pool_3x3": lambda channels, stride: nn.AvgPool2d(3, stride, 1, count_include_pad=False),
    "skip_connect": skip,
    "sep_conv_3x3": lambda channels, stride: separable_twice(channels, stride, 3),
    "sep_conv_5x5": lambda channels, stride: separable_twice(channels, stride, 5),
    "sep_conv_7x7": lambda channels, stride: separable_twice(channels, stride, 7),
    "dil_conv_3x3": lambda channels, stride: nn.Sequential(*separable(channels, 3, stride, dilation=2)),
    "dil_conv_5x5": lambda channels, stride: nn.Sequential(*separable(channels, 5, stride, dilation=2)),
    "conv_7x1_1x7": seven_by_one,
}


class Cell(nn.Module):
    """Two inputs, nodes that sum their edges, the concatenation of some nodes.

    In some cells of FairDARTS a node has no edges; what reads it gets nothing.
    """

    def __init__(self, data: dict, inputs: tuple[int, int], channels: int, reduces: bool, after_reduction: bool) -> None:
        super().__init__()
        older, newer = inputs
        self.pre0 = FactorizedReduce(older, channels) if after_reduction else relu_conv_bn(older, channels)
        self.pre1 = relu_conv_bn(newer, channels)
        self.concat: list[int] = data["concat"]
        edges = [(*map(int, edge.split("_")), operation) for edge, operation in data["edges"]]
        nodes = range(2, max(*self.concat, *(node for node, _, _ in edges)) + 1)
        self.sources = [[source for node, source, _ in edges if node == at] for at in nodes]
        self.nodes = nn.ModuleList(
            nn.ModuleList(
                OPERATIONS[operation](channels, 2 if reduces and source < 2 else 1)
                for node, source, operation in edges
                if node == at
            )
            for at in nodes
        )
        self.width = sum(1 for node in self.concat if node < 2 or self.sources[node - 2])

    def forward(self, older: Tensor, newer: Tensor) -> Tensor:
        states: list[Tensor | None] = [self.pre0(older), self.pre1(newer)]
        for sources, operations in zip(self.sources, self.nodes):
            known = [(operation, states[source]) for source, operation in zip(sources, operations)]
            terms = [operation(x) for operation, x in known if x is not None]
            states.append(reduce(add, terms) if terms else None)
        return torch.cat([states[node] for node in self.concat if states[node] is not None], dim=1)


def cifar_stem(channels: int) -> nn.Sequential:
    """One convolution to three times the channels of the first cell."""
    return nn.Sequential(nn.Conv2d(3, 3 * channels, 3, padding=1, bias=False), nn.BatchNorm2d(3 * channels))


def imagenet_stems(channels: int) -> tuple[nn.Sequential, nn.Sequential]:
    """Three strided convolutions: the first two, and the third."""

    def strided(inputs: int, outputs: int) -> list[nn.Module]:
        return [nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False), nn.BatchNorm2d(outputs)]

    first = nn.Sequential(*strided(3, channels // 2), nn.ReLU(), *strided(channels // 2, channels))
    return first, nn.Sequential(nn.ReLU(), *strided(channels, channels))


class CellNetwork(nn.Module):
    """Stem, cells (those at one and two thirds reduce and double the channels), global mean, classifier."""

    def __init__(self, genotype: dict, channels: int, cells: int, classes: int, imagenet: bool) -> None:
        super().__init__()
        if imagenet:
            self.stem0, self.stem1 = imagenet_stems(channels)
        else:
            self.stem0, self.stem1 = cifar_stem(channels), nn.Identity()
        width = channels if imagenet else 3 * channels
        older, newer, after_reduction = width, width, imagenet
        stack = []
        for index in range(cells):
            reduces = index in (cells // 3, 2 * cells // 3)
            channels *= 2 if reduces else 1
            data = genotype["reduce" if reduces else "normal"]
            stack.append(Cell(data, (older, newer), channels, reduces, after_reduction))
            older, newer, after_reduction = newer, stack[-1].width * channels, reduces
        self.cells = nn.ModuleList(stack)
        self.pool = nn.AvgPool2d(7) if imagenet else nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(newer, classes)

    def forward(self, x: Tensor) -> Tensor:
        older = self.stem0(x)
        newer = self.stem1(older)
        for cell in self.cells:
            older, newer = newer, cell(older, newer)
        return self.classifier(self.pool(newer).flatten(1))
