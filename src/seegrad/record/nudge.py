"""The nudge test: feel a derivative by moving one number a little.

The loss is computed again with the number a bit larger and a bit smaller. The slope
that is measured so and the gradient from backpropagation are two roads to the same
number; where they part, a kink or rounding is near, or a rule is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from seegrad import losses
from seegrad.borrow import borrow
from seegrad.errors import ArgumentError, unknown_name
from seegrad.mode import listening
from seegrad.nn import Module
from seegrad.nn._precision import precision
from seegrad.nn.base import as_tensor
from seegrad.record.address import parsed, within, written
from seegrad.record.structure import Quantity
from seegrad.record.untouched import untouched
from seegrad.tensor import Tensor

POINTS = 41  # of the curve that is drawn
AGREES = 1e-3  # relative difference of the two slopes that is rounding


@dataclass(frozen=True)
class Nudge:
    """Loss against one number: ``moved`` and ``losses`` are the curve around it.

    ``gradient`` is the slope from backpropagation, ``measured`` the slope between two
    nudges of ``step`` to either side; they agree where there is no kink.
    """

    address: str
    number: float
    loss: float
    gradient: float
    measured: float
    step: float
    moved: tuple[float, ...]
    losses: tuple[float, ...]

    @property
    def agrees(self) -> bool:
        """Whether the two slopes are the same up to rounding."""
        scale = max(abs(self.gradient), abs(self.measured), 1e-6)
        return abs(self.gradient - self.measured) <= AGREES * scale

    def tangent(self, moved: float) -> float:
        """The loss that the gradient promises: loss + gradient * (moved - number)."""
        return self.loss + self.gradient * (moved - self.number)

    def draw(self, **settings: Any) -> Any:
        """A picture of curve and tangent; the settings are those of `draw.nudge`."""
        return borrow("Nudge", "draw")(self, **settings)

    def __str__(self) -> str:
        mark = "✓ they agree" if self.agrees else "✗ they differ: a kink, or rounding"
        return (
            f"{self.address} = {self.number:.6g}, loss {self.loss:.6g}\n"
            f"  slope from backpropagation  {self.gradient:+.6g}\n"
            f"  slope measured by ±{self.step:.2g}   {self.measured:+.6g}   {mark}"
        )

    __repr__ = __str__


def nudge(
    model: Module,
    address: str,
    x: Any,
    y: Any,
    *,
    loss: str | Callable[..., Any] = "mse",
    step: float | None = None,
    width: float | None = None,
) -> Nudge:
    """The loss as one number of a parameter moves: "0.weight[2, 0]".

    ``step`` is how far it is nudged to measure the slope, (L(p + step) - L(p - step)) /
    (2 step), ``width`` how far the curve reaches to either side. Computed in double
    precision, in evaluation mode; the model is left as it was. Raises ArgumentError for
    an unknown name, IndexRangeError for a place outside of the parameter.
    """
    name, place = parsed(address)
    named = dict(model.named_parameters())
    if name not in named:
        raise unknown_name("parameter", name, named)
    p = named[name]
    index = within(Quantity(0, "parameter", name, "Tensor", p.shape, ""), place)
    function = losses.get(loss) if isinstance(loss, str) else loss
    start = float(p._data[index])
    step = 1e-4 * max(1.0, abs(start)) if step is None else step
    width = max(1.0, abs(start)) if width is None else width
    if not (step > 0.0 and width > 0.0):
        raise ArgumentError(
            f"a nudge needs a step and a width above 0, not {step:g} and {width:g}",
            where="nudge",
        )
    with listening(None), untouched(model):
        model.eval()
        _widen(model)
        given, target = as_tensor(x, precision(model)), Tensor(np.asarray(y))
        if target.dtype.kind == "f":
            target = Tensor(np.asarray(y, np.float64))

        def at(number: float) -> Any:
            moved = np.array(wide)
            moved[index] = number
            p._data = Tensor.freeze(moved)
            return function(model(given), target)

        wide = np.array(p._data)
        here = at(start)
        model.zero_grad()
        here.backward()
        gradient = 0.0 if p._grad is None else float(p._grad[index])
        up, down = float(at(start + step).item()), float(at(start - step).item())
        moved = np.linspace(start - width, start + width, POINTS).tolist()
        curve = tuple(float(at(m).item()) for m in moved)
    return Nudge(
        written(name, index), start, float(here.item()), gradient,
        (up - down) / (2.0 * step), step, tuple(moved), curve,
    )  # fmt: skip


def _widen(model: Module) -> None:
    """Double precision for a while: a small step drowns in the rounding of float32."""
    for _, node in (*model.named_parameters(), *model.named_buffers()):
        if node._data.dtype.kind == "f":
            node._data = Tensor.freeze(node._data.astype(np.float64))
