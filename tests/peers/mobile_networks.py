"""Mobile networks as PyTorch users write them: a stem, inverted bottlenecks, a head.

Written from the definitions (Sandler et al. 2018, MobileNetV2; Howard et al. 2019, MobileNetV3; Hu et al.
2018, squeeze-and-excitation), in plain `torch.nn` modules, which are named so that `weights.py` finds the
keys of this workspace's weights files. The blocks are read from `models/zoo/NAME.json`, which holds them as
the strings of timm: kind, repeats, kernels, stride of the first, expansion, channels, ratio of
squeeze-and-excitation, kernels of the two 1x1 convolutions (as many ones as these have groups). Versions:
`requirements.txt`. Not a program; `networks.py` uses it.
"""

import math
import re
from collections import OrderedDict
from collections.abc import Callable
from itertools import chain

import torch
from torch import Tensor, nn

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "swish": nn.SiLU,
    "hard-swish": nn.Hardswish,
    "sigmoid": nn.Sigmoid,
    "hard-sigmoid": nn.Hardsigmoid,
}


def share(channels: int, parts: int) -> list[int]:
    """Shares channels out equally; the first part has what is left over."""
    rest = [channels // parts] * (parts - 1)
    return [channels - sum(rest), *rest]


class Mixed(nn.Module):
    """A depthwise convolution for each kernel, each on its share of the channels (Tan and Le 2019, MixNet)."""

    def __init__(self, channels: int, kernels: list[int], stride: int) -> None:
        super().__init__()
        self.shares = share(channels, len(kernels))
        self.convolutions = nn.ModuleList(depthwise(*part, stride) for part in zip(self.shares, kernels))

    def forward(self, x: Tensor) -> Tensor:
        parts = x.split(self.shares, dim=1)
        return torch.cat([convolution(part) for convolution, part in zip(self.convolutions, parts)], dim=1)


def depthwise(channels: int, kernel: int, stride: int) -> nn.Conv2d:
    return nn.Conv2d(channels, channels, kernel, stride, kernel // 2, groups=channels, bias=False)


def conv_bn_act(convolution: nn.Module, channels: int, activation: nn.Module | None = None) -> nn.Sequential:
    """A convolution, its batch norm, and an activation where there is one."""
    parts = {"conv": convolution, "bn": nn.BatchNorm2d(channels)}
    return nn.Sequential(OrderedDict(parts if activation is None else {**parts, "act": activation}))


def divisible(wanted: float, divisor: int) -> int:
    """Rounds to a multiple, but never below nine tenths (MobileNetV3)."""
    rounded = max(divisor, int(wanted + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * wanted else rounded


def expand_block(text: str) -> list[dict]:
    """The blocks that a string stands for; an error for a part that is none of those above."""
    kind, *parts = text.split("_")
    flags = {part for part in parts if part == "noskip" or part[0] == "n"}
    values = dict(re.findall(r"(se|[rkapsec])([0-9.]+)(?:_|$)", "_".join(p for p in parts if p not in flags)))
    assert len(values) + len(flags) == len(parts), text
    block: dict = {
        "expansion": float(values["e"]),
        "channels": int(values["c"]),
        "residual": "noskip" not in flags,
    }
    for key, part in [("expand", "a"), ("kernels", "k"), ("project", "p")]:
        block[key] = [int(kernel) for kernel in values.get(part, "1").split(".")]
    assert kind == ("ds" if block["expansion"] == 1 else "ir"), text
    if "se" in values:
        block["se"] = float(values["se"])
    for flag in flags - {"noskip"}:
        block["activation"] = {"nre": "relu", "nr6": "relu6", "nsw": "swish", "nhs": "hard-swish"}[flag]
    strides = [int(values["s"])] + [1] * (int(values["r"]) - 1)
    return [{**block, "stride": stride} for stride in strides]


class Squeeze(nn.Module):
    """Squeeze-and-excitation; the mean over the map is a plain mean or, if asked for, a pooling module."""

    def __init__(self, channels: int, squeezed: int, form: dict, pool_module: bool) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1) if pool_module else None
        self.reduce = nn.Conv2d(channels, squeezed, 1)
        self.act = ACTIVATIONS[form["activation"]]()
        self.expand = nn.Conv2d(squeezed, channels, 1)
        self.gate = ACTIVATIONS[form["gate"]]()

    def forward(self, x: Tensor) -> Tensor:
        mean = self.pool(x) if self.pool else x.mean((2, 3), keepdim=True)
        return x * self.gate(self.expand(self.act(self.reduce(mean))))


class InvertedBottleneck(nn.Module):
    """1x1 expansion, depthwise convolution, squeeze-and-excitation, linear 1x1 projection, residual."""

    def __init__(self, inputs: int, block: dict, data: dict, pool_module: bool) -> None:
        super().__init__()
        outputs, stride, kernels = block["channels"], block["stride"], block["kernels"]
        activation = ACTIVATIONS[block.get("activation", data["activation"])]
        width = math.floor(inputs * block["expansion"] + 0.5)
        pointwise = nn.Conv2d(inputs, width, 1, groups=len(block["expand"]), bias=False)
        self.expand = conv_bn_act(pointwise, width, activation()) if width != inputs else nn.Identity()
        mixed = Mixed(width, kernels, stride) if len(kernels) > 1 else depthwise(width, kernels[0], stride)
        self.depthwise = conv_bn_act(mixed, width, activation())
        self.se: nn.Module = nn.Identity()
        if "se" in block:
            form = data["squeeze"]
            squeezed = divisible((inputs if form["of"] == "input" else width) * block["se"], form["divisor"])
            self.se = Squeeze(width, squeezed, form, pool_module)
        self.project = conv_bn_act(
            nn.Conv2d(width, outputs, 1, groups=len(block["project"]), bias=False), outputs
        )
        self.residual = block["residual"] and stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.se(self.depthwise(self.expand(x))))
        return x + y if self.residual else y


class MobileNetwork(nn.Module):
    """A mobile network of the zoo."""

    def __init__(self, data: dict, pool_module: bool = False) -> None:
        super().__init__()
        stem, head, default = data["stem"], data["head"], data["activation"]
        channels, activation = stem["channels"], ACTIVATIONS[stem.get("activation", default)]
        self.stem = conv_bn_act(nn.Conv2d(3, channels, 3, 2, 1, bias=False), channels, activation())
        blocks = []
        for block in chain.from_iterable(map(expand_block, data["blocks"])):
            blocks.append(InvertedBottleneck(channels, block, data, pool_module))
            channels = block["channels"]
        self.layers = nn.Sequential(*blocks)
        activation, width = ACTIVATIONS[head.get("activation", default)], head["channels"]
        self.head = conv_bn_act(nn.Conv2d(channels, width, 1, bias=False), width, activation())
        self.head.add_module("pool", nn.AdaptiveAvgPool2d(1))
        if "hidden" in head:
            self.head.add_module("hidden", nn.Conv2d(width, head["hidden"], 1))
            self.head.add_module("hidden_act", activation())
            width = head["hidden"]
        self.head.add_module("flatten", nn.Flatten())
        self.head.add_module("linear", nn.Linear(width, data["classes"]))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.layers(self.stem(x)))
