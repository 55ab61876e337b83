"""What a choice point does with its candidates, each a module that is evaluated on its own.

A method turns the architecture parameters of a supernet into one mixing per choice point. Written from the
papers: Liu et al. 2019 (DARTS), Chu et al. 2020 (NoisyDARTS), Dong and Yang 2019 (GDAS), Cai et al. 2019
(ProxylessNAS), Li and Talwalkar 2019 (random search with weight sharing).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class MixedOp(nn.ModuleDict):
    """The candidates of one choice point, by name."""

    def forward(self, x: Tensor, mixing: "Mixing") -> Tensor:
        return mixing(self, x)


Mixing = Callable[[MixedOp, Tensor], Tensor]
Method = Callable[[Iterable[Tensor]], list[list[Mixing]]]
"""From tables of architecture parameters, `[choice points, operations]`, to one mixing per choice point."""


@dataclass
class Weighed:
    """All candidates, weighed; noise on skip connections in standard deviations of the feature."""

    weights: Tensor
    sigma: float = 0.0

    def __call__(self, ops: MixedOp, x: Tensor) -> Tensor:
        return sum(weight * self.output(name, op(x)) for weight, (name, op) in zip(self.weights, ops.items()))

    def output(self, name: str, y: Tensor) -> Tensor:
        if name != "skip_connect" or self.sigma == 0.0:
            return y
        return y + torch.normal(torch.zeros_like(y), float(y.detach().std()) * self.sigma)


@dataclass
class Gumbel:
    """One candidate; the others add their weights, which are zero, so that they get gradients too."""

    weights: Tensor
    index: int

    def __call__(self, ops: MixedOp, x: Tensor) -> Tensor:
        pairs = enumerate(zip(self.weights, ops.values()))
        return sum(weight * op(x) if k == self.index else weight for k, (weight, op) in pairs)


@dataclass
class Single:
    """One candidate as it is."""

    index: int

    def __call__(self, ops: MixedOp, x: Tensor) -> Tensor:
        return list(ops.values())[self.index](x)


@dataclass
class TwoGates:
    """The open path, and a closed one that only its gate's gradient needs."""

    gates: Tensor
    paths: list[int]
    open: int

    def __call__(self, ops: MixedOp, x: Tensor) -> Tensor:
        modules = list(ops.values())
        outputs = (modules[path](x) for path in self.paths)
        return sum(
            gate * (y if k == self.open else y.detach()) for k, (gate, y) in enumerate(zip(self.gates, outputs))
        )


def each_row(mixing: Callable[[Tensor], Mixing]) -> Method:
    return lambda tables: [[mixing(row) for row in table] for table in tables]


def darts(sigma: float = 0.0) -> Method:
    return lambda tables: [[Weighed(row, sigma) for row in table.softmax(-1)] for table in tables]


def gumbel(temperature: float) -> Method:
    """A hard sample of the Gumbel softmax with a straight-through gradient."""

    def row(alpha: Tensor) -> Gumbel:
        hard = F.gumbel_softmax(alpha.log_softmax(-1), temperature, hard=True)
        return Gumbel(hard, int(hard.argmax()))

    return each_row(row)


def drawn(alpha: Tensor) -> Single:
    """A path, drawn with its probability."""
    return Single(int(alpha.detach().softmax(-1).multinomial(1)))


def gated(alpha: Tensor) -> TwoGates:
    """Two paths, drawn with their probabilities; one of them is opened."""
    paths = alpha.detach().softmax(-1).multinomial(2).tolist()
    probabilities = alpha[paths].softmax(-1)
    open = int(probabilities.detach().multinomial(1))
    hard = F.one_hot(torch.tensor(open), 2).to(probabilities)
    return TwoGates(hard - probabilities.detach() + probabilities, paths, open)


def uniform(alpha: Tensor) -> Single:
    return Single(int(torch.randint(len(alpha), ())))
