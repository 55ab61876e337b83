"""The network of a genotype as it is trained (Liu et al. 2019): with drop-path and an auxiliary head."""

import json
from pathlib import Path

from torch import Tensor, nn

from cells import Cell, CellNetwork, named, pointwise

ZOO = Path(__file__).resolve().parents[3] / "models" / "zoo"


def drop_path(x: Tensor, probability: float) -> Tensor:
    """Drops a picture's whole branch, and scales the others up."""
    keep = 1.0 - probability
    mask = x.new_empty(len(x), 1, 1, 1).bernoulli_(keep)
    return x.div(keep).mul(mask)


class DroppedEdge(nn.ModuleDict):
    """An operation whose output is dropped at times."""

    probability = 0.0

    def forward(self, x: Tensor) -> Tensor:
        (op,) = self.values()
        y = op(x)
        drops = self.training and self.probability > 0.0 and not isinstance(op, nn.Identity)
        return drop_path(y, self.probability) if drops else y


class Network(CellNetwork):
    """Logits and those of the auxiliary head."""

    def __init__(self, name: str, channels: int, cells: int, classes: int, probability: float) -> None:
        genotype = json.loads((ZOO / f"{name}.json").read_text())["genotype"]
        super().__init__(genotype, channels, cells, classes, imagenet=False)
        self.branch = 2 * cells // 3
        self.auxiliary = auxiliary(4 * 4 * channels, classes)
        for cell in self.cells:
            make_dropped(cell, probability)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        older, newer = self.stems(x)
        for index, cell in enumerate(self.cells):
            older, newer = newer, cell(older, newer)
            if index == self.branch:
                branch = newer
        return self.head(newer), self.auxiliary(branch)


def make_dropped(cell: Cell, probability: float) -> None:
    for name, edge in list(cell.edges.items()):
        cell.edges[name] = cell.operations[name] = DroppedEdge(edge.items())
        cell.edges[name].probability = probability


def auxiliary(channels: int, classes: int) -> nn.Sequential:
    return named(
        relu=nn.ReLU(),
        pool=nn.AvgPool2d(5, 3, count_include_pad=False),
        conv1=pointwise(channels, 128),
        bn1=nn.BatchNorm2d(128),
        relu1=nn.ReLU(inplace=True),
        conv2=nn.Conv2d(128, 768, 2, bias=False),
        bn2=nn.BatchNorm2d(768),
        relu2=nn.ReLU(inplace=True),
        flatten=nn.Flatten(),
        linear=nn.Linear(768, classes),
    )
