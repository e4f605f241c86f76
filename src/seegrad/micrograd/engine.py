"""micrograd's ``engine``: its Value is this library's Value.

micrograd's own notebook draws graphs by reading ``_prev`` and ``_op`` of a value. Who
imports this file gets both, so that those cells run as they are.
"""

from __future__ import annotations

from seegrad.lend import lend
from seegrad.node import Node
from seegrad.value import Value


def _prev(node: Node) -> set[Node]:
    """The inputs, each once."""
    return set(node.inputs)


def _op(node: Node) -> str:
    """The sign of the operation; empty for a leaf."""
    return node.op.symbol if node.op is not None else ""


lend("_prev", property(_prev))  # read without brackets
lend("_op", property(_op))

__all__ = ["Value"]
