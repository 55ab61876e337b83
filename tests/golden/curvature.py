#!/usr/bin/env python3
"""Golden values of second derivatives of the small supernet of `supernet.py`, from PyTorch, in double precision.

    python tests/golden/curvature.py tests/golden/curvature.safetensors

Needs torch 2.11.0 and numpy. Two search steps of second order as DARTS has them (quark0/darts, cnn/architect.py, written anew
from the paper's equations 7 and 8): the gradients of the alphas in both (the second with momentum), then the alphas. And the
Hessian of the loss on the four validation pictures at the start with respect to the alphas, by
double backward, the alphas' weight decay on the diagonal: its eigenvalues, and every 28th of its rows.
"""

import argparse
import pathlib

import torch
from torch.nn import functional as F
from torch.nn.utils import clip_grad_norm_

import supernet as golden

STEP = 0.01


def loss_of(net, weights, batch):
    """The loss with these weights in place of the network's own."""
    own = {name: value for (name, _), value in zip(net.weights(), weights)}
    return F.cross_entropy(torch.func.functional_call(net, own, (batch[0],)), batch[1])


def second_order(net, sgd, rate, train, valid):
    """Equation 7 with the finite difference of equation 8."""
    weights = [value for _, value in net.weights()]
    alphas = list(net.alphas)
    gradient = torch.autograd.grad(loss_of(net, weights, train), weights)
    momentum = [sgd.state[w].get("momentum_buffer") for w in weights]
    momentum = [0.0 if m is None else m for m in momentum]
    ahead = [
        (w - rate * (golden.MOMENTUM * m + g + golden.DECAY * w)).detach().requires_grad_()
        for w, g, m in zip(weights, gradient, momentum)
    ]
    both = torch.autograd.grad(loss_of(net, ahead, valid), alphas + ahead)
    direct, vector = both[: len(alphas)], both[len(alphas) :]
    step = STEP / torch.cat([v.reshape(-1) for v in vector]).norm()
    sides = [
        torch.autograd.grad(
            loss_of(net, [(w + sign * step * v).detach() for w, v in zip(weights, vector)], train), alphas
        )
        for sign in (1, -1)
    ]
    return [d - rate * (plus - minus) / (2 * step) for d, plus, minus in zip(direct, *sides)]


def search_steps(net, train, valid, results):
    weights = [value for _, value in net.weights()]
    sgd = torch.optim.SGD(weights, golden.RATE, momentum=golden.MOMENTUM, weight_decay=golden.DECAY)
    adam = torch.optim.Adam(net.alphas.parameters(), **golden.ALPHA)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(sgd, golden.EPOCHS, eta_min=golden.RATE_MIN)
    for at in range(2):
        for alpha, gradient in zip(net.alphas, second_order(net, sgd, sgd.param_groups[0]["lr"], train, valid)):
            alpha.grad = gradient
        results[f"gradient.{at}"] = torch.cat([alpha.grad.reshape(-1) for alpha in net.alphas])
        adam.step()
        sgd.zero_grad()
        F.cross_entropy(net(train[0]), train[1]).backward()
        clip_grad_norm_(weights, golden.CLIP)
        sgd.step()
        schedule.step()
    results["after.alphas"] = torch.cat([alpha.reshape(-1) for alpha in net.alphas])


def hessian(net, batch):
    alphas = list(net.alphas)

    def flat(parts):
        return torch.cat([part.reshape(-1) for part in parts])

    loss = F.cross_entropy(net(batch[0]), batch[1])
    gradient = flat(torch.autograd.grad(loss, alphas, create_graph=True))
    rows = [flat(torch.autograd.grad(entry, alphas, retain_graph=True)) for entry in gradient]
    return torch.stack(rows) + golden.ALPHA["weight_decay"] * torch.eye(len(rows), dtype=torch.float64)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=pathlib.Path, help="the file to write")
    path = parser.parse_args().path
    torch.set_num_threads(1)
    x, labels = golden.pictures()
    half = golden.BATCH
    train, valid = (x[:half].double(), labels[:half]), (x[half:].double(), labels[half:])

    results = {}
    net = golden.Supernet(golden.OPS).double()
    search_steps(net, train, valid, results)
    matrix = hessian(golden.Supernet(golden.OPS).double(), valid)
    results["eigenvalues"] = torch.linalg.eigvalsh(matrix)
    results["rows"] = matrix[::28]
    golden.write(path, results)
    print(f"largest eigenvalue {results['eigenvalues'][-1].item()}, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
