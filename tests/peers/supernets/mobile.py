"""A supernet on MobileNetV2's backbone (Sandler et al. 2018; ProxylessNAS, FairNAS, NoisyDARTS section 4.2).

19 layers, each an inverted bottleneck of expansion 3 or 6 and kernel 3, 5 or 7, or a skip where the shape stays;
ReLU where MobileNetV2 has ReLU6, as in this workspace's space.

Modules are named so that `state_dict` has the keys of this workspace's weights files.
"""

import torch
from torch import Tensor, nn

from cells import named, pointwise
from mobile_networks import conv_bn_act, depthwise

from .mixing import MixedOp, Mixing

STAGES = [(32, 2, 2), (40, 4, 2), (80, 4, 2), (96, 4, 1), (192, 4, 2), (320, 1, 1)]
"""Channels, layers, stride of the first."""


class Bottleneck(nn.Module):
    """1x1 convolution to more channels, depthwise and 1x1 convolution; added to its input if it can be."""

    def __init__(self, inputs: int, outputs: int, expansion: int, kernel: int, stride: int) -> None:
        super().__init__()
        wide = inputs * expansion
        if expansion > 1:
            self.expand = conv_bn_act(pointwise(inputs, wide), wide, nn.ReLU(inplace=True))
        self.depthwise = conv_bn_act(depthwise(wide, kernel, stride), wide, nn.ReLU(inplace=True))
        self.project = conv_bn_act(pointwise(wide, outputs), outputs)
        self.expands, self.residual = expansion > 1, stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = self.expand(x) if self.expands else x
        y = self.project(self.depthwise(y))
        return x + y if self.residual else y


def candidates(inputs: int, outputs: int, stride: int) -> dict[str, nn.Module]:
    sizes = [(expansion, kernel) for expansion in (3, 6) for kernel in (3, 5, 7)]
    blocks: dict[str, nn.Module] = {
        f"E{expansion}_K{kernel}": Bottleneck(inputs, outputs, expansion, kernel, stride)
        for expansion, kernel in sizes
    }
    return {**blocks, "skip_connect": nn.Identity()} if stride == 1 and inputs == outputs else blocks


class Supernet(nn.Module):
    """Stem and first block, the layers, a 1x1 convolution, global mean, classifier."""

    def __init__(self, layers: int, classes: int) -> None:
        super().__init__()
        self.stem = conv_bn_act(nn.Conv2d(3, 32, 3, 2, 1, bias=False), 32, nn.ReLU(inplace=True))
        self.layers = nn.ModuleList([Bottleneck(32, 16, 1, 3, 1)])
        inputs = 16
        sites = [(c, stride if k == 0 else 1) for c, count, stride in STAGES for k in range(count)]
        for outputs, stride in sites[:layers]:
            self.layers.append(MixedOp(candidates(inputs, outputs, stride)))
            inputs = outputs
        self.head = named(
            **dict(conv_bn_act(pointwise(inputs, 1280), 1280, nn.ReLU(inplace=True)).named_children()),
            pool=nn.AdaptiveAvgPool2d(1),
            flatten=nn.Flatten(),
            linear=nn.Linear(1280, classes),
        )
        self.alphas = nn.ParameterList(1e-3 * torch.randn(1, len(layer)) for layer in self.layers[1:])
        self.betas = nn.ParameterList()

    def forward(self, x: Tensor, mixings: list[list[Mixing]]) -> Tensor:
        first, *layers = self.layers
        x = first(self.stem(x))
        for layer, (mixing,) in zip(layers, mixings):
            x = layer(x, mixing)
        return self.head(x)
