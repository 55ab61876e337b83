"""Times one step of a search or of a training the way PyTorch users write it.

Every candidate of every edge is a module of its own and evaluated on its own. One line of JSON with the fields
of `noisydarts-search bench-step`: seconds per step (wall and process CPU, medians), peak memory, number of
weights, the losses of every step. `--load FILE` starts from what `bench-step --save FILE` wrote, with
its batches; otherwise weights and pictures are random. `cargo xtask bench` runs both side by side.

Run: `python step.py --space darts --method noisydarts --channels 16 --cells 8 --batch 16 --threads 1`, or with
`--retrain noisydarts-a`. Versions: `requirements.txt` (torch 2.11.0, safetensors 0.8.0).
"""

import json
import resource
import statistics
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from supernets import settings, start
from supernets.retrain import Network
from supernets.settings import Optimisation, Search
from supernets.start import Batch

AUXILIARY_WEIGHT = 0.4
Loss = Callable[[Batch], Tensor]


def parsed() -> Namespace:
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--space", default="darts", choices=settings.SPACES)
    parser.add_argument("--method", default="noisydarts")
    parser.add_argument("--retrain", metavar="NAME", help="a training of this network of models/zoo instead")
    parser.add_argument("--channels", type=int, default=16)
    parser.add_argument("--cells", type=int, default=8, help="per stage in nb201, layers in mobile")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--warmup", type=int, default=1)
    parser.add_argument("--sigma", type=float, default=0.2, help="noise of noisydarts")
    parser.add_argument("--drop-path", type=float, default=0.2, help="probability in a training")
    help = "learning rate of the architecture [default: published]"
    parser.add_argument("--alpha-rate", type=float, help=help)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--amp", action="store_true", help="bfloat16 autocast")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--load", type=Path, metavar="FILE")
    return parser.parse_args()


def build(args: Namespace) -> nn.Module:
    if args.retrain:
        return Network(args.retrain, args.channels, args.cells, settings.CLASSES, args.drop_path)
    return settings.supernet(args.space, args.method, args.channels, args.cells)


def batches(args: Namespace, network: nn.Module) -> list[Batch]:
    """One for the weights, one for the architecture."""
    if args.load:
        return start.load(network, args.load)
    images = torch.randn(2, args.batch, 3, args.size, args.size)
    return list(zip(images, torch.randint(0, settings.CLASSES, (2, args.batch))))


def placed(args: Namespace, batch: Batch) -> Batch:
    images, labels = (tensor.to(args.device) for tensor in batch)
    layout = torch.channels_last if args.channels_last else torch.contiguous_format
    return images.contiguous(memory_format=layout), labels


class Step:
    """A step of a training, or of a search where there is one."""

    def __init__(self, args: Namespace, network: nn.Module, search: Search | None) -> None:
        self.args, self.network, self.search = args, network, search
        self.forward = torch.compile(network) if args.compile else network
        usual = settings.SPACES[args.space] if search else Optimisation()
        self.settings = o = search.optimisation(usual) if search else usual
        self.weights = [weight for _, weight in start.weights(network)]
        self.sgd = torch.optim.SGD(
            self.weights, o.rate, momentum=0.9, weight_decay=o.weight_decay, nesterov=o.nesterov
        )
        tables = start.architecture(network)
        rate = args.alpha_rate or o.alpha_rate
        self.adam = tables and torch.optim.Adam(
            tables, rate, betas=o.alpha_betas, weight_decay=o.alpha_weight_decay
        )

    def loss(self, batch: Batch, method: Callable | None) -> Tensor:
        images, labels = batch
        with torch.autocast(self.args.device.split(":")[0], torch.bfloat16, enabled=self.args.amp):
            if method is None:
                logits, auxiliary = (out.float() for out in self.forward(images))
                weighed = AUXILIARY_WEIGHT * F.cross_entropy(auxiliary, labels)
                return F.cross_entropy(logits, labels) + weighed
            return F.cross_entropy(self.forward(images, method(self.network.alphas)).float(), labels)

    def of_weights(self, batch: Batch) -> float:
        self.sgd.zero_grad()
        loss = self.loss(batch, self.search and self.search.weights)
        loss.backward()
        if self.settings.clip > 0:
            nn.utils.clip_grad_norm_(self.weights, self.settings.clip)
        self.sgd.step()
        return loss.item()

    def of_alphas(self, batch: Batch) -> float | None:
        if self.search is None or self.search.alphas is None:
            return None
        self.adam.zero_grad()
        loss = self.loss(batch, self.search.alphas)
        loss.backward()
        self.adam.step()
        return loss.item()

    def both(self, given: list[Batch]) -> tuple[float, float | None]:
        """The losses of the weights' and of the architecture's batch."""
        first, last = given[0], given[-1]
        if self.settings.weights_first:
            return self.of_weights(first), self.of_alphas(last)
        alpha_loss = self.of_alphas(last)
        return self.of_weights(first), alpha_loss


def measure(args: Namespace, step: Step, given: list[Batch]) -> dict:
    wall, cpu, losses = [], [], []
    for index in range(args.warmup + args.steps):
        begun, used = time.perf_counter(), time.process_time()
        losses.append(step.both(given))
        if args.device != "cpu":
            torch.cuda.synchronize()
        if index >= args.warmup:
            wall.append(time.perf_counter() - begun)
            cpu.append(time.process_time() - used)
    gpu = None if args.device == "cpu" else torch.cuda.max_memory_allocated() // 2**20
    return {
        "wall_s": statistics.median(wall),
        "cpu_s": statistics.median(cpu),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "peak_gpu_mb": gpu,
        "weight_params": sum(weight.numel() for weight in step.weights),
        "losses": [loss for loss, _ in losses],
        "alpha_losses": [loss for _, loss in losses],
    }


def described(args: Namespace) -> dict:
    keys = ["device", "space", "channels", "cells", "batch", "size", "channels_last", "amp", "compile"]
    own = {key: getattr(args, key) for key in keys}
    method = args.retrain or args.method
    versions = {"torch": torch.__version__, "threads": torch.get_num_threads()}
    return {**versions, **own, "method": method, "retrain": args.retrain is not None}


def main() -> None:
    args = parsed()
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    network = build(args)
    given = batches(args, network)
    layout = torch.channels_last if args.channels_last else torch.preserve_format
    network = network.to(args.device, memory_format=layout)
    search = None if args.retrain else settings.search(args.method, args.sigma)
    step = Step(args, network, search)
    result = measure(args, step, [placed(args, batch) for batch in given])
    print(json.dumps({**result, **described(args)}))


if __name__ == "__main__":
    main()
