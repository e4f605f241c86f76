"""PyTorch with torch.compile: forward, loss and backward become C++ and are fused."""

from __future__ import annotations

from typing import Any

import torch

from bench.engines.torch_eager import TorchEager


class TorchCompiled(TorchEager):
    """The loss is compiled, and with it its backward; Adam stays the fused one."""

    title = "PyTorch compiled"

    def compiled(self, function: Any) -> Any:
        return torch.compile(function)


ENGINE = TorchCompiled
