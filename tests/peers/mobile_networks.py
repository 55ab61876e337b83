"""Mobile networks as PyTorch users write them: a stem, inverted bottlenecks, a head.

Written from the definitions (Sandler et al. 2018, MobileNetV2; Howard et al. 2019, MobileNetV3; Hu et al. 2018,
squeeze-and-excitation), in plain `torch.nn` modules. The blocks are read from `models/zoo/NAME.json`, which holds them as
the strings of timm: kind, repeats, kernels, stride of the first, expansion, channels, ratio of squeeze-and-excitation,
kernels of the two 1x1 convolutions (several ones where they are in groups).
Versions: `requirements.txt`. Not a program; `networks.py` uses it.
"""

import math
import re
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
    """One convolution for each kernel, each on its share of the channels (Tan and Le 2019, MixNet)."""

    def __init__(self, inputs: int, outputs: int, kernels: list[int], stride: int, depthwise: bool) -> None:
        super().__init__()
        self.shares = share(inputs, len(kernels))
        self.convolutions = nn.ModuleList(
            nn.Conv2d(i, o, kernel, stride, kernel // 2, groups=i if depthwise else 1, bias=False)
            for i, o, kernel in zip(self.shares, share(outputs, len(kernels)), kernels)
        )

    def forward(self, x: Tensor) -> Tensor:
        parts = x.split(self.shares, dim=1)
        return torch.cat([convolution(part) for convolution, part in zip(self.convolutions, parts)], dim=1)


def conv_bn(inputs: int, outputs: int, kernels: list[int], stride: int = 1, depthwise: bool = False) -> list[nn.Module]:
    """A convolution, mixed where there are several kernels, and its batch norm."""
    if len(kernels) > 1:
        return [Mixed(inputs, outputs, kernels, stride, depthwise), nn.BatchNorm2d(outputs)]
    groups = inputs if depthwise else 1
    convolution = nn.Conv2d(inputs, outputs, kernels[0], stride, kernels[0] // 2, groups=groups, bias=False)
    return [convolution, nn.BatchNorm2d(outputs)]


def divisible(wanted: float, divisor: int) -> int:
    """Rounds to a multiple, but never below nine tenths (MobileNetV3)."""
    rounded = max(divisor, int(wanted + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * wanted else rounded


def expand_block(text: str) -> list[dict]:
    """The blocks that a string stands for; an error for a part that is none of those above."""
    kind, *parts = text.split("_")
    flags = {part for part in parts if part == "noskip" or part[0] == "n"}
    values = dict(re.fullmatch(r"(se|[rkapsec])([0-9.]+)", part).groups() for part in parts if part not in flags)
    block: dict = {"expansion": float(values["e"]), "channels": int(values["c"]), "residual": "noskip" not in flags}
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
        outputs, stride = block["channels"], block["stride"]
        activation = ACTIVATIONS[block.get("activation", data["activation"])]
        expanded = math.floor(inputs * block["expansion"] + 0.5)
        parts = [] if expanded == inputs else [*conv_bn(inputs, expanded, block["expand"]), activation()]
        parts += [*conv_bn(expanded, expanded, block["kernels"], stride, depthwise=True), activation()]
        if "se" in block:
            form = data["squeeze"]
            reference = inputs if form["of"] == "input" else expanded
            squeezed = divisible(reference * block["se"], form["divisor"])
            parts.append(Squeeze(expanded, squeezed, form, pool_module))
        self.body = nn.Sequential(*parts, *conv_bn(expanded, outputs, block["project"]))
        self.residual = block["residual"] and stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x) if self.residual else self.body(x)


class MobileNetwork(nn.Module):
    """A mobile network of the zoo."""

    def __init__(self, data: dict, pool_module: bool = False) -> None:
        super().__init__()
        stem, head, default = data["stem"], data["head"], data["activation"]
        channels = stem["channels"]
        layers = [*conv_bn(3, channels, [3], 2), ACTIVATIONS[stem.get("activation", default)]()]
        for block in chain.from_iterable(map(expand_block, data["blocks"])):
            layers.append(InvertedBottleneck(channels, block, data, pool_module))
            channels = block["channels"]
        activation = ACTIVATIONS[head.get("activation", default)]
        layers += [*conv_bn(channels, head["channels"], [1]), activation(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
        channels = head["channels"]
        if "hidden" in head:
            layers += [nn.Linear(channels, head["hidden"]), activation()]
            channels = head["hidden"]
        self.layers = nn.Sequential(*layers)
        self.classifier = nn.Linear(channels, data["classes"])

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.layers(x))
