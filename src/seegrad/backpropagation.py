"""Backpropagation: one walk over the graph, from the result back to the leaves.

`ordered` lists every node after its inputs. `cotangents` goes through that list
backwards: when it comes to a node, everything the node feeds has already sent its
share, so the node's gradient is complete and can be passed on, once, by the chain
rule. Neither uses recursion, so a graph may be as deep as memory allows.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from seegrad.errors import GradientError, SeegradError
from seegrad.mode import mode, switched

if TYPE_CHECKING:
    from seegrad.node import Node

_born, _data = attrgetter("born"), attrgetter("_data")


def ordered(*roots: Node) -> list[Node]:
    """Every node the roots were made from: leaves first, then results as they came.

    A result is born after its inputs, so the order of birth is the order of work.

    >>> from seegrad import Value
    >>> x = Value(2.0, name="x")
    >>> [node.op.symbol if node.op else node.name for node in ordered(x * x + x)]
    ['x', '*', '+']
    """
    leaves, results = _reached(roots, backward=False)
    return sorted(leaves, key=_born) + results


def _reached(roots: Any, backward: bool) -> tuple[list[Node], list[Node]]:
    """The leaves, and the results in order of birth; a stack, so depth is no limit.

    For a backward walk, only what needs a gradient, and nothing that was replaced.
    """
    seen = set(roots)
    stack, leaves, results = list(seen), [], []
    while stack:
        node = stack.pop()
        if not node.inputs:
            leaves.append(node)
            continue
        results.append(node)
        born = node.born
        for x in node.inputs:
            if backward:
                if x.born > born:
                    raise _replaced(node, x)
                if not x._requires_grad:
                    continue
            if x not in seen:
                seen.add(x)
                stack.append(x)
    results.sort(key=_born)
    return leaves, results


def cotangents(root: Node, seed: Any, graph: bool = False) -> dict[Node, Any]:
    """The gradient of every node that ``root`` was made from and that needs one.

    With ``graph`` the rules are called with nodes instead of plain data: they record
    what they do, and the gradients can be differentiated again.

    >>> from seegrad import Value
    >>> x = Value(3.0)
    >>> cotangents(x * x, 1.0)[x]
    6.0
    """
    results = _reached((root,), backward=True)[1]
    listener = mode.listener if switched and not graph else None
    if not graph and listener is None:
        quickly: dict[Node, Any] | None = root.kind.walk_quickly(results, {root: seed})
        if quickly is not None:
            return quickly
    grads: dict[Node, Any] = {root: seed}
    with root.kind.quiet():
        for node in reversed(results):
            if node not in grads:  # reached only through an input without derivative
                continue
            g, out, inputs, settings = grads[node], node, node.inputs, node.settings
            data: Any = inputs
            if not graph:
                out, data = node._data, [x._data for x in inputs]
            rules = node.op.rules_for(inputs)  # type: ignore[union-attr]
            for x, rule in zip(inputs, rules, strict=True):
                if rule is None or not x._requires_grad:
                    continue
                try:
                    gx = x.fit(rule(g, out, *data, **settings), x)
                except (ArithmeticError, ValueError, TypeError) as error:
                    gx = _again(error, node, x, rule, (g, out, *data))
                if listener is not None:
                    listener.passed(node, g, x, gx)
                grads[x] = grads[x] + gx if x in grads else gx
    return grads


def local_derivatives(node: Node) -> tuple[Any, ...] | None:
    """d node / d input for each input of an elementwise node, as plain data.

    ``None`` for a leaf and for ops whose derivative is not one number per number.

    >>> from seegrad import Value
    >>> local_derivatives(Value(2.0) * Value(5.0))
    (5.0, 2.0)
    """
    op = node.op
    if op is None or op.kind != "elementwise":
        return None
    one = node.kind.ones_like(node._data)
    data = [x._data for x in node.inputs]
    with node.kind.quiet():
        return tuple(
            None if rule is None else _local(node, x, rule, (one, node._data, *data))
            for x, rule in zip(node.inputs, op.rules, strict=True)
        )


def _local(node: Node, x: Node, rule: Any, known: tuple[Any, ...]) -> Any:
    try:
        return rule(*known, **node.settings)
    except (ArithmeticError, ValueError, TypeError) as error:
        return _again(error, node, x, rule, known)


def _again(error: Any, node: Any, x: Any, rule: Any, known: tuple[Any, ...]) -> Any:
    """A rule failed: answer as IEEE arithmetic does, or say whose rule it was."""
    if isinstance(error, SeegradError):
        position = next(i for i, y in enumerate(node.inputs) if y is x)
        name = node.op.input_name(position)
        error.where = error.where or f"the derivative of {node.op} for its input {name}"
        raise error
    return node.kind.retry(error, rule, known, node.settings)


def _replaced(node: Node, x: Node) -> GradientError:
    name = f" {x.name!r}" if x.name else ""
    return GradientError(
        f"an input{name} of {node.op} was replaced after {node.op} used it: its "
        "derivative would be taken at the wrong number",
        hint="compute the result again before backward()",
    )
