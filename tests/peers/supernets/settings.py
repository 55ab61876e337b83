"""What a step of each method in each space is, with the values that were published with it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from torch import nn

from . import darts, mixing, mobile, nb201
from .mixing import Method

CLASSES = 10


@dataclass(frozen=True)
class Optimisation:
    """SGD of the weights, Adam of the architecture parameters."""

    rate: float = 0.025
    weight_decay: float = 3e-4
    nesterov: bool = False
    clip: float = 5.0
    weights_first: bool = False
    alpha_rate: float = 3e-4
    alpha_betas: tuple[float, float] = (0.5, 0.999)
    alpha_weight_decay: float = 1e-3


@dataclass(frozen=True)
class Search:
    """A search step: of the architecture, where there is a mixing for it, and of the weights."""

    weights: Method
    alphas: Method | None
    optimisation: Callable[[Optimisation], Optimisation] = lambda usual: usual


SPACES = {
    "darts": Optimisation(),
    "nb201": Optimisation(weight_decay=5e-4, nesterov=True, weights_first=True),
    "mobile": Optimisation(weight_decay=4e-5, nesterov=True, clip=0.0),
}


def search(method: str, sigma: float) -> Search:
    match method:
        case "darts":
            return Search(mixing.darts(), mixing.darts())
        case "noisydarts":
            return Search(mixing.darts(sigma), mixing.darts(sigma), lambda usual: replace(usual, rate=0.05))
        case "pc-darts":
            faster = {"rate": 0.1, "alpha_rate": 6e-4}
            return Search(mixing.darts(), mixing.darts(), lambda usual: replace(usual, **faster))
        case "gdas":
            # The temperature of the first epoch.
            return Search(mixing.gumbel(10.0), mixing.gumbel(10.0))
        case "proxyless":
            kept = {"alpha_rate": 1e-3, "alpha_betas": (0.0, 0.999), "alpha_weight_decay": 0.0}
            return Search(
                mixing.each_row(mixing.drawn),
                mixing.each_row(mixing.gated),
                lambda usual: replace(usual, nesterov=True, weights_first=True, **kept),
            )
        case "rsps":
            return Search(mixing.each_row(mixing.uniform), None)
    raise ValueError(f"there is no method {method}")


def supernet(space: str, method: str, channels: int, cells: int) -> nn.Module:
    if space == "mobile":
        return mobile.Supernet(cells, CLASSES)
    if space == "nb201":
        return nb201.Supernet(channels, cells, CLASSES)
    return darts.Supernet(channels, cells, CLASSES, share=4 if method == "pc-darts" else 1)
