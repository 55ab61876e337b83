"""Networks of the DARTS family as PyTorch users write them: cells on the skeletons for CIFAR and ImageNet.

Written from the definitions (Liu et al. 2019, DARTS, and the papers of the cells), in plain `torch.nn`
modules. The cells are read from `models/zoo/NAME.json`. Drop-path is left out: it does nothing at inference.
Modules are named so that `state_dict` has the keys of this workspace's weights files. Versions:
`requirements.txt`. Not a program; `networks.py` uses it.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import reduce
from operator import add

import torch
from torch import Tensor, nn


def named(**modules: nn.Module) -> nn.Sequential:
    """A sequence whose parts have names."""
    return nn.Sequential(OrderedDict(modules))


def pointwise(inputs: int, outputs: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 1, stride, bias=False)


def relu_conv_bn(inputs: int, outputs: int, affine: bool = True) -> nn.Sequential:
    """ReLU, 1x1 convolution, batch norm."""
    return named(relu=nn.ReLU(), conv=pointwise(inputs, outputs), bn=nn.BatchNorm2d(outputs, affine=affine))


class FactorizedReduce(nn.Module):
    """Halves height and width: two strided 1x1 convolutions, the second one pixel further."""

    def __init__(self, inputs: int, outputs: int, affine: bool = True) -> None:
        super().__init__()
        self.relu = nn.ReLU()
        self.conv1 = pointwise(inputs, outputs // 2, stride=2)
        self.conv2 = pointwise(inputs, outputs // 2, stride=2)
        self.bn = nn.BatchNorm2d(outputs, affine=affine)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(x)
        return self.bn(torch.cat([self.conv1(x), self.conv2(x[:, :, 1:, 1:])], dim=1))


class Zero(nn.Module):
    """The operation `none`."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, :: self.stride, :: self.stride] * 0.0


def depthwise_then_pointwise(
    nth: str, channels: int, kernel: int, stride: int, dilation: int
) -> dict[str, nn.Module]:
    """ReLU, depthwise convolution, 1x1 convolution, batch norm."""
    padding = dilation * (kernel // 2)
    depthwise = nn.Conv2d(channels, channels, kernel, stride, padding, dilation, groups=channels, bias=False)
    parts = {
        "relu": nn.ReLU(),
        "dw": depthwise,
        "pw": pointwise(channels, channels),
        "bn": nn.BatchNorm2d(channels),
    }
    return {name + nth: part for name, part in parts.items()}


def separable(channels: int, stride: int, kernel: int) -> nn.Sequential:
    """Twice, the first time with the stride."""
    first = depthwise_then_pointwise("1", channels, kernel, stride, 1)
    return named(**first, **depthwise_then_pointwise("2", channels, kernel, 1, 1))


def dilated(channels: int, stride: int, kernel: int) -> nn.Sequential:
    return named(**depthwise_then_pointwise("", channels, kernel, stride, 2))


def seven_by_one(channels: int, stride: int) -> nn.Sequential:
    """ReLU, 1x7 convolution, 7x1 convolution, batch norm."""
    across = nn.Conv2d(channels, channels, (1, 7), (1, stride), (0, 3), bias=False)
    down = nn.Conv2d(channels, channels, (7, 1), (stride, 1), (3, 0), bias=False)
    return named(relu=nn.ReLU(), conv1=across, conv2=down, bn=nn.BatchNorm2d(channels))


def skip(channels: int, stride: int) -> nn.Module:
    return nn.Identity() if stride == 1 else FactorizedReduce(channels, channels)


OPERATIONS: dict[str, Callable[[int, int], nn.Module]] = {
    "none": lambda channels, stride: Zero(stride),
    "max_pool_3x3": lambda channels, stride: nn.MaxPool2d(3, stride, 1),
    "avg_pool_3x3": lambda channels, stride: nn.AvgPool2d(3, stride, 1, count_include_pad=False),
    "skip_connect": skip,
    "sep_conv_3x3": lambda channels, stride: separable(channels, stride, 3),
    "sep_conv_5x5": lambda channels, stride: separable(channels, stride, 5),
    "sep_conv_7x7": lambda channels, stride: separable(channels, stride, 7),
    "dil_conv_3x3": lambda channels, stride: dilated(channels, stride, 3),
    "dil_conv_5x5": lambda channels, stride: dilated(channels, stride, 5),
    "conv_7x1_1x7": seven_by_one,
}


class Cell(nn.Module):
    """Two inputs, nodes that sum their edges, the concatenation of some nodes.

    In some cells of FairDARTS a node has no edges; what reads it gets nothing.
    """

    def __init__(
        self, data: dict, inputs: tuple[int, int], channels: int, reduces: bool, after_reduction: bool
    ) -> None:
        super().__init__()
        older, newer = inputs
        self.preprocess0 = (
            FactorizedReduce(older, channels) if after_reduction else relu_conv_bn(older, channels)
        )
        self.preprocess1 = relu_conv_bn(newer, channels)
        self.concat: list[int] = data["concat"]
        self.edges = nn.ModuleDict()
        self.reads: list[tuple[int, int, str]] = []
        # The same modules once more, by the name of the edge alone.
        self.operations: dict[str, nn.Module] = {}
        for edge, operation in data["edges"]:
            node, source = map(int, edge.split("_"))
            # NASNet-A joins two equal edges in one node.
            name = f"{edge}_twin" if edge in self.edges else edge
            stride = 2 if reduces and source < 2 else 1
            self.operations[name] = OPERATIONS[operation](channels, stride)
            self.edges[name] = nn.ModuleDict({operation: self.operations[name]})
            self.reads.append((node, source, name))
        self.last = max(*self.concat, *(node for node, _, _ in self.reads))
        with_edges = {0, 1, *(node for node, _, _ in self.reads)}
        self.width = sum(node in with_edges for node in self.concat)

    def forward(self, older: Tensor, newer: Tensor) -> Tensor:
        states = {0: self.preprocess0(older), 1: self.preprocess1(newer)}
        for at in range(2, self.last + 1):
            reads = [read for read in self.reads if read[0] == at and read[1] in states]
            terms = [self.operations[name](states[source]) for _, source, name in reads]
            if terms:
                states[at] = reduce(add, terms)
        return torch.cat([states[node] for node in self.concat if node in states], dim=1)


def strided(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False)


class CifarStem(nn.Module):
    """One convolution to three times the channels of the first cell, which reads it twice."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.width = 3 * channels
        self.stem = named(
            conv=nn.Conv2d(3, self.width, 3, padding=1, bias=False), bn=nn.BatchNorm2d(self.width)
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.stem(x)
        return x, x


class ImagenetStem(nn.Module):
    """Three strided convolutions; the first cell reads the second and the third."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.width, half = channels, channels // 2
        self.stem0 = named(
            conv1=strided(3, half),
            bn1=nn.BatchNorm2d(half),
            relu=nn.ReLU(),
            conv2=strided(half, channels),
            bn2=nn.BatchNorm2d(channels),
        )
        self.stem1 = named(relu=nn.ReLU(), conv=strided(channels, channels), bn=nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.stem0(x)
        return x, self.stem1(x)


class CellNetwork(nn.Module):
    """Stem, cells (those at one and two thirds reduce and double the channels), global mean, classifier."""

    def __init__(self, genotype: dict, channels: int, cells: int, classes: int, imagenet: bool) -> None:
        super().__init__()
        self.stems = ImagenetStem(channels) if imagenet else CifarStem(channels)
        older, newer, after_reduction = self.stems.width, self.stems.width, imagenet
        stack = []
        for index in range(cells):
            reduces = index in (cells // 3, 2 * cells // 3)
            channels *= 2 if reduces else 1
            data = genotype["reduce" if reduces else "normal"]
            stack.append(Cell(data, (older, newer), channels, reduces, after_reduction))
            older, newer, after_reduction = newer, stack[-1].width * channels, reduces
        self.cells = nn.ModuleList(stack)
        pool = nn.AvgPool2d(7) if imagenet else nn.AdaptiveAvgPool2d(1)
        self.head = named(pool=pool, flatten=nn.Flatten(), linear=nn.Linear(newer, classes))

    def forward(self, x: Tensor) -> Tensor:
        older, newer = self.stems(x)
        for cell in self.cells:
            older, newer = newer, cell(older, newer)
        return self.head(newer)
