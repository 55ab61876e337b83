"""The rules of five counters of multiply-adds, found in their sources, as sums of products.

Not a program; `counters.py` checks that they leave no residual. Versions: `requirements.txt`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from pathlib import Path

import onnx

from elements import Elements


@dataclass(frozen=True)
class ModuleRule:
    """What a counter of PyTorch modules counts for each element."""

    factors: dict[str, int]
    """Per field of `Elements`."""
    exact: bool
    """Whether a subclass of a module is not that module for it."""

    def apply(self, elements: Elements) -> int:
        known = elements.as_dict()
        return sum(factor * known[kind] for kind, factor in self.factors.items())


MODULE_RULES = {
    "thop": ModuleRule(
        {"conv_linear": 1, "batch_norm": 4, "avg_pool_out": 1, "global_in": 1, "global_out": 1}, exact=True
    ),
    # It traces the network and counts operations, so that it does not matter which class a module is of.
    "fvcore": ModuleRule({"conv_linear": 1, "batch_norm": 2, "global_in": 1}, exact=False),
    # nn.ReLU and pools are met twice: as modules and as the functions of torch.nn.functional that these call.
    # nn.ReLU6 calls F.hardtanh, which is not watched; nn.SiLU calls F.silu, which is, but is no known module.
    "ptflops": ModuleRule(
        {
            "conv_linear": 1,
            "bias": 1,
            "batch_norm": 2,
            "relu": 2,
            "relu6": 1,
            "silu": 1,
            "max_pool_in": 2,
            "avg_pool_in": 2,
            "global_in": 2,
        },
        exact=True,
    ),
}


@dataclass(frozen=True)
class Node:
    """An ONNX node with what counters ask of it, in elements."""

    op: str
    input: int
    """Elements of the first input."""
    output: int
    products: int
    """Multiply-adds of a convolution or matrix product."""
    bias: int
    """Outputs that a bias is added to, of a convolution or matrix product."""
    window: int
    """Elements of the kernel of a pool."""


def nodes(path: Path) -> list[Node]:
    """The nodes of a file, whose shapes must be known."""
    model = onnx.shape_inference.infer_shapes(onnx.load(path), strict_mode=True, data_prop=True)
    graph = model.graph
    values = [*graph.input, *graph.value_info, *graph.output]
    shapes = {value.name: [d.dim_value for d in value.type.tensor_type.shape.dim] for value in values}
    shapes |= {tensor.name: list(tensor.dims) for tensor in graph.initializer}
    return [_node(node, shapes) for node in graph.node]


def _node(node: onnx.NodeProto, shapes: dict[str, list[int]]) -> Node:
    attributes = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
    output = prod(shapes[node.output[0]])
    products = bias = 0
    if node.op_type in ("Conv", "Gemm"):
        weight = shapes[node.input[1]]
        # A row of weights for each output; PyTorch's exporter sets transB.
        products, bias = output * prod(weight[1:]), output if len(node.input) == 3 else 0
    first = prod(shapes[node.input[0]]) if node.input else 0
    return Node(node.op_type, first, output, products, bias, prod(attributes.get("kernel_shape", [1])))


def onnx_tool_rule(node: Node) -> int:
    """onnx-tool counts machine instructions: an exponential as 32, a division as 4, a comparison as 1."""
    rules: dict[str, Callable[[Node], int]] = {
        "Conv": lambda n: n.products + n.bias,
        "Gemm": lambda n: n.products + n.bias,
        "BatchNormalization": lambda n: 31 * n.output,
        "Relu": lambda n: n.output,
        "Clip": lambda n: 2 * n.output,
        "Sigmoid": lambda n: 32 * n.output,
        "HardSigmoid": lambda n: 4 * n.output,
        "HardSwish": lambda n: 5 * n.output,
        "Add": lambda n: n.output,
        "Mul": lambda n: n.output,
        "MaxPool": lambda n: n.window * n.output,
        "AveragePool": lambda n: n.window * n.output,
        "GlobalAveragePool": lambda n: n.input + 4 * n.output,
        "ReduceMean": lambda n: n.input,
    }
    return rules.get(node.op, lambda _: 0)(node)


def onnx_opcounter_rule(node: Node) -> int:
    """onnx-opcounter counts an operation that it does not know as one per output."""
    rules: dict[str, Callable[[Node], int]] = {
        "Conv": lambda n: n.products,
        "Gemm": lambda n: n.products,
        "BatchNormalization": lambda n: 2 * n.output,
        "Relu": lambda n: n.input,
        "Add": lambda n: n.input,
        "Constant": lambda _: 0,
        "Reshape": lambda _: 0,
        "Slice": lambda _: 0,
        "Split": lambda _: 0,
    }
    return rules.get(node.op, lambda n: n.output)(node)


FILE_RULES = {"onnx-tool": onnx_tool_rule, "onnx-opcounter": onnx_opcounter_rule}
