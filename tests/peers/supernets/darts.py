"""The supernets of DARTS (Liu et al. 2019; NoisyDARTS leaves the candidate `none` out) and PC-DARTS (Xu et al.
2020: candidates on a share of the channels, and weights on the edges).

Modules are named so that `state_dict` has the keys of this workspace's weights files.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cells import CifarStem, FactorizedReduce, Zero, named, pointwise, relu_conv_bn

from .mixing import MixedOp, Mixing

CANDIDATES = [
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
]
NODES = 4


def norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, affine=False)


def depthwise_then_pointwise(
    nth: str, channels: int, kernel: int, stride: int, dilation: int = 1
) -> dict[str, nn.Module]:
    padding = dilation * (kernel // 2)
    depthwise = nn.Conv2d(channels, channels, kernel, stride, padding, dilation, groups=channels, bias=False)
    parts = {"relu": nn.ReLU(), "dw": depthwise, "pw": pointwise(channels, channels), "bn": norm(channels)}
    return {name + nth: part for name, part in parts.items()}


def operation(name: str, channels: int, stride: int) -> nn.Module:
    match name.rsplit("_", 1):
        case ["none"]:
            return Zero(stride)
        case ["max_pool", _]:
            return named(pool=nn.MaxPool2d(3, stride, 1), bn=norm(channels))
        case ["avg_pool", _]:
            pool = nn.AvgPool2d(3, stride, 1, count_include_pad=False)
            return named(pool=pool, bn=norm(channels))
        case ["skip", _]:
            return nn.Identity() if stride == 1 else FactorizedReduce(channels, channels, affine=False)
        case ["sep_conv", size]:
            first = depthwise_then_pointwise("1", channels, int(size[0]), stride)
            return named(**first, **depthwise_then_pointwise("2", channels, int(size[0]), 1))
        case ["dil_conv", size]:
            return named(**depthwise_then_pointwise("", channels, int(size[0]), stride, 2))
    raise ValueError(name)


def mixed(channels: int, stride: int, candidates: list[str]) -> MixedOp:
    return MixedOp({name: operation(name, channels, stride) for name in candidates})


class PartialMixedOp(MixedOp):
    """Mixes on the first of `share` parts of the channels, and shuffles them with the rest."""

    def __init__(self, channels: int, stride: int, share: int) -> None:
        searched = channels // share
        super().__init__(mixed(searched, stride, ["none", *CANDIDATES]))
        self.share, self.searched, self.stride = share, searched, stride

    def forward(self, x: Tensor, mixing: Mixing) -> Tensor:
        rest = x[:, self.searched :]
        rest = rest if self.stride == 1 else F.max_pool2d(rest, 2, 2)
        y = torch.cat([mixing(self, x[:, : self.searched]), rest], dim=1)
        n, c, h, w = y.shape
        return y.view(n, self.share, c // self.share, h, w).transpose(1, 2).reshape(n, c, h, w)


class Cell(nn.Module):
    """Two inputs, four nodes that sum their edges, the concatenation of these."""

    def __init__(
        self, inputs: tuple[int, int], channels: int, reduces: bool, after_reduction: bool, share: int
    ) -> None:
        super().__init__()
        older, newer = inputs
        first = FactorizedReduce if after_reduction else relu_conv_bn
        self.preprocess0 = first(older, channels, affine=False)
        self.preprocess1 = relu_conv_bn(newer, channels, affine=False)
        self.edges = nn.ModuleDict()
        for node in range(2, 2 + NODES):
            for source in range(node):
                stride = 2 if reduces and source < 2 else 1
                self.edges[f"{node}_{source}"] = (
                    mixed(channels, stride, CANDIDATES)
                    if share == 1
                    else PartialMixedOp(channels, stride, share)
                )

    def forward(self, older: Tensor, newer: Tensor, mixings: list[Mixing], edges: Tensor | None) -> Tensor:
        states = [self.preprocess0(older), self.preprocess1(newer)]
        modules, at = list(self.edges.values()), 0
        for _ in range(NODES):
            terms = [modules[at + k](state, mixings[at + k]) for k, state in enumerate(states)]
            if edges is not None:
                terms = [edges[at + k] * term for k, term in enumerate(terms)]
            at += len(states)
            states.append(sum(terms))
        return torch.cat(states[2:], dim=1)


class Supernet(nn.Module):
    """Stem, cells (those at one and two thirds reduce), global mean, classifier.

    With `share` above 1 that of PC-DARTS: candidates on one of so many parts of the channels.
    """

    def __init__(self, channels: int, cells: int, classes: int, share: int = 1) -> None:
        super().__init__()
        self.stem = CifarStem(channels).stem
        older = newer = 3 * channels
        self.reduces = [index in (cells // 3, 2 * cells // 3) for index in range(cells)]
        self.cells = nn.ModuleList()
        for index, reduces in enumerate(self.reduces):
            channels *= 2 if reduces else 1
            after_reduction = index > 0 and self.reduces[index - 1]
            self.cells.append(Cell((older, newer), channels, reduces, after_reduction, share))
            older, newer = newer, NODES * channels
        self.head = named(pool=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(), linear=nn.Linear(newer, classes))
        edges, candidates = len(self.cells[0].edges), len(self.cells[0].edges["2_0"])
        self.alphas = nn.ParameterList(1e-3 * torch.randn(edges, candidates) for _ in range(2))
        self.betas = nn.ParameterList(1e-3 * torch.randn(edges) for _ in range(2 if share > 1 else 0))

    def forward(self, x: Tensor, mixings: list[list[Mixing]]) -> Tensor:
        edges = [self.edge_weights(beta) for beta in self.betas] or [None, None]
        older = newer = self.stem(x)
        for cell, reduces in zip(self.cells, self.reduces):
            older, newer = newer, cell(older, newer, mixings[reduces], edges[reduces])
        return self.head(newer)

    @staticmethod
    def edge_weights(beta: Tensor) -> Tensor:
        """A softmax over the edges into each node."""
        return torch.cat([part.softmax(-1) for part in beta.split([*range(2, 2 + NODES)])])
