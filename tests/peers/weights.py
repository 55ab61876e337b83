"""Writes the weights of a PyTorch network as a file that `noisydarts-export --weights` reads.

Not a program. Only for the networks that are written here (`plain`), whose modules have the names of this
workspace's networks but for the two differences below. Versions: `requirements.txt`.
"""

import re
from pathlib import Path

from safetensors.torch import save_file
from torch import nn


def key(name: str) -> str:
    """The name of a tensor in our files."""
    # A stem is a module of its own here, and so are the convolutions of a mixed one.
    name = name.removeprefix("stems.")
    return re.sub(r"depthwise\.conv\.convolutions\.(\d+)\.", r"depthwise.\1.conv.", name)


def save(network: nn.Module, path: Path) -> None:
    """All tensors but the numbers of batches that batch norms have seen."""
    state = network.state_dict().items()
    save_file(
        {key(name): tensor.contiguous() for name, tensor in state if not name.endswith("batches_tracked")}, path
    )
