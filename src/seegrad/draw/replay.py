"""A recorded step once more, with the parameters as they were after its update.

The tape knows every operation and what it read. So the same forward pass, loss and
backward pass can be run again with the new parameters, and what an update did to every
unit and to the loss is told without the model.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad.backpropagation import cotangents
from seegrad.mode import listening, recording
from seegrad.node import Node
from seegrad.tensor import Tensor


def replayed(step: Any) -> tuple[dict[int, Node], dict[Node, Any]] | None:
    """The node of every quantity, and the gradients of the loss; None if unknown.

    A step cannot be replayed if its arrays were not kept, or if an operation of it is
    not known here, or has settings that a file could not hold.
    """
    nodes: dict[int, Node] = {}
    root = next((e.deed.output for e in step.events() if e.kind == "backward"), None)
    with listening(None), recording(), np.errstate(all="ignore"):
        for event in step.events():
            if event.kind != "operation" or event.phase not in ("forward", "loss"):
                continue
            forgotten = bool(event.deed.settings) and event.deed.given is None
            if event.deed.definition is None or forgotten:
                return None
            for quantity in event.inputs:
                if quantity.id not in nodes:
                    made = _leaf(step, quantity)
                    if made is None:
                        return None
                    nodes[quantity.id] = made
            put_in = [nodes[i] for i in event.deed.inputs]
            settings = event.deed.given or {}
            out = event.deed.definition.settled(*put_in, **settings)
            nodes[event.deed.output] = out
        loss = None if root is None else nodes.get(root)
        return nodes, {} if loss is None else cotangents(loss, loss.seed(None))


def _leaf(step: Any, quantity: Any) -> Node | None:
    """A leaf with the value that it has after the step; parameters want a gradient."""
    value = step.value(quantity.id)
    if quantity.kind != "Tensor" or not isinstance(value, np.ndarray | np.generic):
        return None
    return Tensor(np.array(value), requires_grad=quantity.role == "parameter")
