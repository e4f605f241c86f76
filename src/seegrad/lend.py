"""How files above the engine give nodes their operators and methods.

`node` cannot import what is built on it. So whoever defines an op, or a function of
tensors, lends it to every node at the place where it is defined, and a name that is
already taken is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seegrad.borrow import Borrowed
from seegrad.errors import ArgumentError
from seegrad.node import Node

LENT: dict[str, str] = {}  # what other files have added to Node -> who did


def lend(name: str, thing: Callable[..., Any] | property | Borrowed) -> None:
    """Make something of a higher file an attribute of every node: x.exp(), x + y, x.T.

    Files above this one cannot be imported here; they lend what they define.
    """
    refuse_taken(name, thing)
    LENT[name] = _lender(thing)
    setattr(Node, name, thing)


def refuse_taken(name: str, thing: Any) -> None:
    """ArgumentError if nodes have this name, unless the same file lent it before."""
    kinds = (Node, *Node.__subclasses__())
    taken = any(name in vars(kind) for kind in kinds)
    if taken and LENT.get(name) != _lender(thing):
        raise ArgumentError(
            f"every node already has something called {name!r}",
            hint="another name or symbol, or method=False",
        )


def _lender(thing: Any) -> str:
    return getattr(thing, "__module__", None) or ""
