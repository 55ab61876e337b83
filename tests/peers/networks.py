"""The networks that the checks run on, in PyTorch, by the names of the zoo.

Not a program. A `Case` is one network as one person writes it: `plain` is written here from the definition
(`cells.py`, `mobile_networks.py`), `timm` is the model of the library timm, which is another's reading of the
same paper. Versions: `requirements.txt`.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import timm
import torch
from torch import Tensor, nn

from cells import CellNetwork
from mobile_networks import MobileNetwork

ZOO = Path(__file__).resolve().parents[2] / "models" / "zoo"

TIMM = {
    "mobilenet-v2": "mobilenetv2_100",
    "mobilenet-v2-1.4": "mobilenetv2_140",
    "mobilenet-v3-large": "mobilenetv3_large_100",
    "mobilenet-v3-small": "mobilenetv3_small_100",
    "efficientnet-b0": "efficientnet_b0",
    "mixnet-s": "mixnet_s",
    "mixnet-m": "mixnet_m",
    "mixnet-l": "mixnet_l",
    "mnasnet-b1": "mnasnet_100",
    "mnasnet-a1": "semnasnet_100",
}
"""Names of the zoo and of timm."""


@dataclass(frozen=True)
class Case:
    """One network: a name of the zoo, the skeleton that cells are put on, and whose PyTorch it is."""

    name: str
    skeleton: str = "cifar"
    by: str = "plain"
    squeeze_pools: bool = False
    """Whether squeeze-and-excitation averages with a pooling module; plain networks only."""

    @property
    def label(self) -> str:
        """The name with what is not the default."""
        options = [self.skeleton] if self.skeleton != "cifar" else []
        options += [self.by] if self.by != "plain" else []
        options += ["squeeze pools as modules"] if self.squeeze_pools else []
        return f"{self.name} ({', '.join(options)})" if options else self.name

    @property
    def options(self) -> list[str]:
        """Command-line options that the programs of this workspace need for the same network."""
        return ["--skeleton", self.skeleton] if self.skeleton != "cifar" else []

    @cached_property
    def data(self) -> dict:
        return json.loads((ZOO / f"{self.name}.json").read_text())

    @property
    def input(self) -> Tensor:
        """One picture of noise."""
        return self.pictures(1)

    def pictures(self, count: int) -> Tensor:
        """Noise, the same every time."""
        size = 32 if "genotype" in self.data and self.skeleton == "cifar" else 224
        return torch.randn(count, 3, size, size, generator=torch.Generator().manual_seed(0))

    def build(self) -> nn.Module:
        """The network for inference, with random weights and batch statistics of noise.

        Without such statistics the signal fades on its way, and the outputs hardly depend on the picture. The
        means of 1 keep most activations away from their kinks; at means of 0 a deep network of random weights
        multiplies rounding errors by a thousand (PyTorch in 32 bits is then as far from PyTorch in 64 bits as
        any runtime).
        """
        torch.manual_seed(0)
        network = self._module()
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                nn.init.uniform_(module.weight, 0.5, 1.5)
                nn.init.normal_(module.bias, 1.0, 0.2)
                module.momentum = None
        with torch.no_grad():
            network.train()(self.pictures(4))
        return network.eval()

    def _module(self) -> nn.Module:
        if self.by == "timm":
            return timm.create_model(TIMM[self.name])
        if "genotype" in self.data:
            channels, cells, classes = (48, 14, 1000) if self.skeleton == "imagenet" else (36, 20, 10)
            return CellNetwork(self.data["genotype"], channels, cells, classes, self.skeleton == "imagenet")
        return MobileNetwork(self.data["mobile"], self.squeeze_pools)
