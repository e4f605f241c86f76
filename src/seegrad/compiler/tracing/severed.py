"""What a compiled function returns has no graph: its history was melted together.

Where the eager result would need a gradient, this one says that it needs one, too, so
that nothing is silently left out of a later `backward`: it is refused.
"""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from seegrad.errors import GradientError
from seegrad.node import NO_SETTINGS, Node, _now
from seegrad.tensor import Tensor
from seegrad.value import Value


class Severed:
    """Stands where the op of a result would be, and refuses to be differentiated."""

    name = symbol = formula = "compiled"
    kind, differentiable, variadic = "opaque", True, False
    input_names: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return self.name

    @property
    def rules(self) -> NoReturn:
        """There are none."""
        raise GradientError(
            "this result comes from a compiled function, which keeps no graph: nothing "
            "can be differentiated through it",
            hint="call backward() or sg.grad inside the compiled function, or detach() "
            "its result",
        )

    def rules_for(self, inputs: Any) -> NoReturn:
        """There are none."""
        _ = self.rules
        raise AssertionError


SEVERED: Any = Severed()
_new = object.__new__
_BEFORE: tuple[Node, ...] = (Tensor(np.zeros(0, np.float32)),)


def result(array: Any, is_value: bool, needs_gradient: bool) -> Node:
    """A result of a compiled function: a node without a graph."""
    # As in `link`, but for the loop over inputs: this is on the way of every step.
    out: Any = _new(Value if is_value else Tensor)
    if is_value:
        out._data = float(array)
    else:
        array.setflags(False)
        out._data = array
    out._grad = out.name = None
    out.born = _now()
    out._requires_grad = needs_gradient
    out.settings = NO_SETTINGS
    if needs_gradient:
        out.op = SEVERED
        out.inputs = _BEFORE
    else:
        out.op = None
        out.inputs = ()
    return out  # type: ignore[no-any-return]
