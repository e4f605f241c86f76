"""Look at a model in action and leave no trace of having looked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from seegrad import random
from seegrad.nn import Module


@contextmanager
def untouched(model: Module, optimizer: Any = None) -> Iterator[None]:
    """Whatever happens inside, all is put back: the very same arrays.

    Parameters, buffers, gradients, modes, the optimizer's memory, the random stream.
    """
    nodes = [n for _, n in (*model.named_parameters(), *model.named_buffers())]
    nodes += [] if optimizer is None else optimizer.params
    kept = [(n, n._data, n._grad, n.born) for n in nodes]
    modes = [(module, module.training) for _, module in model.named_modules()]
    memory = None if optimizer is None else [dict(s) for s in optimizer.states]
    stream = random.state()
    try:
        yield
    finally:
        random.set_state(stream)
        if optimizer is not None:
            optimizer.states = memory
        for module, flag in modes:
            module.training = flag
        for n, data, grad, born in kept:
            n._data, n._grad, n.born = data, grad, born
