"""The supernet of NAS-Bench-201 (Dong and Yang 2020): one cell of four nodes and six edges, repeated.

Modules are named so that `state_dict` has the keys of this workspace's weights files.
"""

import torch
from torch import Tensor, nn

from cells import Zero, named, pointwise

from .mixing import MixedOp, Mixing

EDGES = [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2)]
STAGES = 3


def convolution(channels: int, kernel: int) -> nn.Sequential:
    conv = nn.Conv2d(channels, channels, kernel, padding=kernel // 2, bias=False)
    return named(relu=nn.ReLU(), conv=conv, bn=nn.BatchNorm2d(channels, affine=False))


def candidates(channels: int) -> dict[str, nn.Module]:
    return {
        "none": Zero(1),
        "skip_connect": nn.Identity(),
        "nor_conv_1x1": convolution(channels, 1),
        "nor_conv_3x3": convolution(channels, 3),
        "avg_pool_3x3": nn.AvgPool2d(3, 1, 1, count_include_pad=False),
    }


class Cell(nn.Module):
    """Each node sums its edges from all before it; the last one is the output."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        edges = {f"{node}_{source}": MixedOp(candidates(channels)) for node, source in EDGES}
        self.edges = nn.ModuleDict(edges)

    def forward(self, x: Tensor, mixings: list[Mixing]) -> Tensor:
        states = {0: x}
        for (node, source), edge, mixing in zip(EDGES, self.edges.values(), mixings):
            term = edge(states[source], mixing)
            states[node] = states[node] + term if node in states else term
        return states[3]


class Residual(nn.Module):
    """Two 3x3 convolutions, the first of stride 2, beside a shortcut."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.relu = nn.ReLU()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = named(pool=nn.AvgPool2d(2), conv=pointwise(inputs, outputs))

    def forward(self, x: Tensor, _: list[Mixing]) -> Tensor:
        y = self.bn1(self.conv1(self.relu(x)))
        return self.bn2(self.conv2(self.relu(y))) + self.shortcut(x)


class Supernet(nn.Module):
    """Stem, three stages of cells with a residual block before the second and the third, classifier."""

    def __init__(self, channels: int, cells: int, classes: int) -> None:
        super().__init__()
        stem = nn.Conv2d(3, channels, 3, padding=1, bias=False)
        self.stem = named(conv=stem, bn=nn.BatchNorm2d(channels))
        self.cells = nn.ModuleList()
        for stage in range(STAGES):
            if stage > 0:
                self.cells.append(Residual(channels, 2 * channels))
                channels *= 2
            self.cells.extend(Cell(channels) for _ in range(cells))
        self.head = named(
            bn=nn.BatchNorm2d(channels),
            relu=nn.ReLU(),
            pool=nn.AdaptiveAvgPool2d(1),
            flatten=nn.Flatten(),
            linear=nn.Linear(channels, classes),
        )
        self.alphas = nn.ParameterList([1e-3 * torch.randn(len(EDGES), len(candidates(1)))])
        self.betas = nn.ParameterList()

    def forward(self, x: Tensor, mixings: list[list[Mixing]]) -> Tensor:
        x = self.stem(x)
        for cell in self.cells:
            x = cell(x, mixings[0])
        return self.head(x)
