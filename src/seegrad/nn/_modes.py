"""Training or predicting, for a while: afterwards every module is as it was.

A part may have been switched by hand (a dropout that stays off while the rest learns),
so what is put back is the mode of each module, not one mode for all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seegrad.nn.module import Module


@contextmanager
def switched(model: Module, training: bool) -> Iterator[None]:
    """The model in training or in evaluation mode; afterwards each module as it was."""
    before = [(module, module.training) for _, module in model.named_modules()]
    model.train(training)
    try:
        yield
    finally:
        for module, flag in before:
            module.training = flag
