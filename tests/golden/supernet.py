#!/usr/bin/env python3
"""Golden values of a small DARTS supernet, from PyTorch: what `tests/supernet.rs` holds search's supernet against.

    python tests/golden/supernet.py tests/golden/supernet.safetensors

Needs torch 2.11.0 and numpy. The supernet is written for this purpose from the published definitions (Liu et al. 2019);
modules are named so that the keys of its `state_dict` are our node paths. Weights, alphas and pictures come from a formula
(`draw`) that the Rust side has too, so the file holds results only.

With seven operations: one training pass on the four training pictures (logits, loss, gradients of alphas and weights, running
statistics after it), the logits in evaluation mode after that, then two search steps (alpha step on the four validation
pictures, weight step on the four training pictures) as published: Adam, SGD, clipping, cosine schedule; then the weights and alphas.
With eight operations (`none.` before the name): the training pass.
"""

import argparse
import json
import math
import pathlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

CHANNELS, CELLS, CLASSES, SIDE, BATCH = 4, 3, 10, 16, 4
OPS = "max_pool_3x3 avg_pool_3x3 skip_connect sep_conv_3x3 sep_conv_5x5 dil_conv_3x3 dil_conv_5x5".split()
# The first digits of pi: four training pictures, four validation pictures.
LABELS = [3, 1, 4, 1, 5, 9, 2, 6]
MEAN, STD = [0.5, 0.4, 0.3], [0.25, 0.3, 0.2]
# search/presets/paper.toml has the sources.
RATE, RATE_MIN, MOMENTUM, DECAY, CLIP, EPOCHS = 0.05, 0.001, 0.9, 3e-4, 5.0, 50
ALPHA = {"lr": 3e-4, "betas": (0.5, 0.999), "eps": 1e-8, "weight_decay": 1e-3}


def bits(name, count):
    """SplitMix64, started from the name's FNV-1a hash."""
    state = 0xCBF29CE484222325
    for byte in name.encode():
        state = (state ^ byte) * 0x100000001B3 % 2**64
    with np.errstate(over="ignore"):
        z = np.uint64(state) + np.uint64(0x9E3779B97F4A7C15) * np.arange(1, count + 1, dtype=np.uint64)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def draw(name, shape, bound, middle=0.0):
    """Uniform within `bound` of `middle`; 24 random bits, so nothing but the last product is rounded."""
    unit = (bits(name, math.prod(shape)) >> np.uint64(40)).astype(np.float64) / 2.0**24
    return torch.from_numpy((middle + bound * (2.0 * unit - 1.0)).astype(np.float32).reshape(shape))


def pictures():
    pixels = (bits("pictures", 8 * 3 * SIDE * SIDE) >> np.uint64(56)).astype(np.float32).reshape(8, 3, SIDE, SIDE)
    mean, std = (np.array(values, dtype=np.float32).reshape(3, 1, 1) for values in (MEAN, STD))
    return torch.from_numpy((pixels / np.float32(255) - mean) / std), torch.tensor(LABELS)


def plain_norm(width):
    return nn.BatchNorm2d(width, affine=False)


def chain(**parts):
    """A sequence with named parts."""
    sequence = nn.Sequential()
    for name, part in parts.items():
        sequence.add_module(name, part)
    return sequence


def conv1x1(before, after, stride=1):
    return nn.Conv2d(before, after, 1, stride=stride, bias=False)


def depthwise(width, side, stride, spread=1):
    return nn.Conv2d(width, width, side, stride, spread * (side // 2), spread, groups=width, bias=False)


class Reduce(nn.Module):
    """Halves height and width: one half of the channels from the even pixels, one from the odd ones."""

    def __init__(self, before, after):
        super().__init__()
        self.conv1, self.conv2 = conv1x1(before, after // 2, 2), conv1x1(before, after // 2, 2)
        self.bn = plain_norm(after)

    def forward(self, x):
        x = x.relu()
        odd = x[..., 1:, 1:]
        return self.bn(torch.cat((self.conv1(x), self.conv2(odd)), dim=1))


class Zero(nn.Module):
    def __init__(self, stride):
        super().__init__()
        self.stride = stride

    def forward(self, x):
        return torch.zeros_like(x[..., :: self.stride, :: self.stride])


def operation(name, width, stride):
    side = int(name[-1]) if name[-1].isdigit() else 0
    match name.split("_")[0]:
        case "none":
            return Zero(stride)
        case "skip":
            return nn.Identity() if stride == 1 else Reduce(width, width)
        case "max":
            return chain(pool=nn.MaxPool2d(side, stride, 1), bn=plain_norm(width))
        case "avg":
            return chain(pool=nn.AvgPool2d(side, stride, 1, count_include_pad=False), bn=plain_norm(width))
        case "dil":
            return chain(
                relu=nn.ReLU(), dw=depthwise(width, side, stride, 2), pw=conv1x1(width, width), bn=plain_norm(width)
            )
        case "sep":
            return chain(
                relu1=nn.ReLU(), dw1=depthwise(width, side, stride), pw1=conv1x1(width, width), bn1=plain_norm(width),
                relu2=nn.ReLU(), dw2=depthwise(width, side, 1), pw2=conv1x1(width, width), bn2=plain_norm(width),
            )


def squeeze(before, after):
    return chain(relu=nn.ReLU(), conv=conv1x1(before, after), bn=plain_norm(after))


class Cell(nn.Module):
    def __init__(self, ops, widths, reduces, after_reduction):
        super().__init__()
        two_before, before, width = widths
        self.preprocess0 = (Reduce if after_reduction else squeeze)(two_before, width)
        self.preprocess1 = squeeze(before, width)
        self.edges = nn.ModuleDict()
        for node in range(2, 6):
            for source in range(node):
                stride = 2 if reduces and source < 2 else 1
                self.edges[f"{node}_{source}"] = nn.ModuleDict({op: operation(op, width, stride) for op in ops})

    def forward(self, two_before, before, mixing):
        states = [self.preprocess0(two_before), self.preprocess1(before)]
        rows = iter(mixing)
        for node in range(2, 6):
            total = 0
            for source, state in enumerate(states):
                candidates = self.edges[f"{node}_{source}"].values()
                total = total + sum(p * op(state) for p, op in zip(next(rows), candidates))
            states.append(total)
        return torch.cat(states[2:], dim=1)


class Supernet(nn.Module):
    def __init__(self, ops):
        super().__init__()
        width, kinds = CHANNELS, [at in (CELLS // 3, 2 * CELLS // 3) for at in range(CELLS)]
        self.stem = chain(conv=nn.Conv2d(3, 3 * width, 3, padding=1, bias=False), bn=nn.BatchNorm2d(3 * width))
        widths = [3 * width, 3 * width]
        self.cells = nn.ModuleList()
        for at, reduces in enumerate(kinds):
            width *= 2 if reduces else 1
            self.cells.append(Cell(ops, (*widths, width), reduces, at > 0 and kinds[at - 1]))
            widths = [widths[1], 4 * width]
        self.head = chain(linear=nn.Linear(widths[1], CLASSES))
        self.kinds = kinds
        tables = [draw(f"alphas.{kind}", (14, len(ops)), 1.0) for kind in ("normal", "reduce")]
        self.alphas = nn.ParameterList(tables)
        with torch.no_grad():
            for name, value in self.weights():
                value.copy_(start(name, value.shape))

    def weights(self):
        return [(name, value) for name, value in self.named_parameters() if not name.startswith("alphas")]

    def forward(self, x):
        mixing = [table.softmax(dim=1) for table in self.alphas]
        two_before = before = self.stem(x)
        for reduces, cell in zip(self.kinds, self.cells):
            two_before, before = before, cell(two_before, before, mixing[reduces])
        return self.head(before.mean(dim=(2, 3)))


def start(name, shape):
    """What a weight starts from: convolutions of variance 1 / fan-in, gains about 1, shifts and biases about 0."""
    if len(shape) > 1:
        return draw(name, shape, math.sqrt(3.0 / math.prod(shape[1:])))
    return draw(name, shape, 0.5, 1.0 if name.endswith("weight") else 0.0)


def training_pass(net, x, labels, results, prefix=""):
    logits = net(x)
    loss = F.cross_entropy(logits, labels)
    loss.backward()
    results[prefix + "logits"], results[prefix + "loss"] = logits, loss
    for kind, table in zip(("normal", "reduce"), net.alphas):
        results[f"{prefix}gradient.alphas.{kind}"] = table.grad


def search_steps(net, train, valid):
    weights = [value for _, value in net.weights()]
    sgd = torch.optim.SGD(weights, RATE, momentum=MOMENTUM, weight_decay=DECAY)
    adam = torch.optim.Adam(net.alphas.parameters(), **ALPHA)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(sgd, EPOCHS, eta_min=RATE_MIN)
    norms = []
    for _ in range(2):
        adam.zero_grad()
        F.cross_entropy(net(valid[0]), valid[1]).backward()
        adam.step()
        sgd.zero_grad()
        F.cross_entropy(net(train[0]), train[1]).backward()
        norms.append(nn.utils.clip_grad_norm_(weights, CLIP).item())
        sgd.step()
        schedule.step()
    return norms


def flat(named):
    """Tensors one behind the other, in the order of their names: one entry in the file instead of hundreds."""
    return torch.cat([value.detach().reshape(-1) for _, value in sorted(named)])


def statistics(net):
    return flat((name, value) for name, value in net.named_buffers() if not name.endswith("num_batches_tracked"))


def write(path, results):
    """safetensors: the header's length, the header, the numbers."""
    header, data = {}, b""
    for name, value in results.items():
        values = value.detach().numpy().astype("<f4")
        header[name] = {"dtype": "F32", "shape": values.shape, "data_offsets": [len(data), len(data) + values.nbytes]}
        data += values.tobytes()
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=pathlib.Path, help="the file to write")
    path = parser.parse_args().path
    torch.set_num_threads(1)
    x, labels = pictures()
    train, valid = (x[:BATCH], labels[:BATCH]), (x[BATCH:], labels[BATCH:])

    results = {}
    net = Supernet(OPS)
    training_pass(net, *train, results)
    results["gradient.weights"] = flat((name, value.grad) for name, value in net.weights())
    results["statistics"] = statistics(net)
    net.eval()
    results["evaluation.logits"] = net(train[0])

    net = Supernet(OPS)
    before = flat(net.weights())
    norms = search_steps(net, train, valid)
    assert norms[0] > CLIP > norms[1], f"one step is to be clipped, the other not: {norms}"
    for kind, table in zip(("normal", "reduce"), net.alphas):
        results[f"after.alphas.{kind}"] = table
    results["after.change"] = flat(net.weights()) - before

    training_pass(Supernet(["none", *OPS]), *train, results, "none.")
    write(path, results)
    print(f"{len(before)} weights, norms {norms}, loss {results['loss'].item()}, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
