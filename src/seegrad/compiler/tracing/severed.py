"""What a compiled function returns has no graph: its history was melted together.

Where the eager result would need a gradient, this one says that it needs one, too, so
that nothing is silently left out of a later `backward`: it is refused.
"""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from seegrad.errors import GradientError
from seegrad.node import Node, link
from seegrad.tensor import Tensor


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
BEFORE: tuple[Node, ...] = (Tensor(np.zeros(0, np.float32)),)


def severed(node: Node) -> Node:
    """A result as a compiled function returns it: the same numbers, without a graph."""
    out: Node = link(
        type(node).kind, node.freeze(node.copied(node._data)), None, (), {}
    )
    out._requires_grad = node._requires_grad
    if out._requires_grad:
        out.op, out.inputs = SEVERED, BEFORE
    return out
