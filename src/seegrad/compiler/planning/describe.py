"""What the code of a kernel depends on, as plain data: equal data, equal code.

Two kernels may compute the same on other numbers, in this step or in another process.
Their descriptions are equal then, so the code is written once, and once it has been
compiled it is found on disk without being written again.
"""

from __future__ import annotations

import math
from typing import Any

from seegrad.compiler.planning.kernels import Kernel
from seegrad.compiler.planning.memory import Place
from seegrad.compiler.planning.views import View
from seegrad.compiler.planning.weigh import weight
from seegrad.compiler.programs.program import Term
from seegrad.compiler.programs.simplify import frozen

READING = 4  # additions in the time in which a number comes from a far cache


def is_known(kernel: Kernel, terms: dict[Term, View]) -> bool:
    """Whether all ops of a kernel are the library's own, which the version tells."""
    stack = [item.term for item in kernel.items]
    seen: set[Term] = set()
    while stack:
        term = stack.pop()
        seen.add(term)
        module = getattr(term.op, "__module__", None) or "seegrad."
        if not module.startswith("seegrad."):
            return False
        stack.extend(x for x in term.inputs if x not in terms and x not in seen)
    return True


def described(kernel: Kernel, terms: dict[Term, View], places: list[Place]) -> Any:
    """All that the code of a kernel depends on; where its numbers lie is not."""
    own = {item.term for item in kernel.items}
    order: list[Any] = []
    seen: dict[Term, int] = {}

    def memory(term: Term) -> Any:
        view = terms.get(term)
        if view is None:
            return None
        return places.index(view.place), view.strides, term.shape, term.dtype

    def visit(term: Term, top: bool) -> Any:
        if term.number is not None:
            return "number", repr(term.number), term.shape, term.dtype
        if term in terms and not top and term not in own:
            return "memory", memory(term)
        if term not in seen:
            inputs = tuple(visit(x, False) for x in term.inputs)
            seen[term] = len(seen)
            settings = tuple((k, frozen(v)) for k, v in sorted(term.settings.items()))
            kind = term.shape, term.dtype
            order.append((term.op, settings, inputs, *kind, memory(term)))
        return seen[term]

    for item in kernel.items:
        order.append((visit(item.term, True), item.level, item.phase, item.stored))
        order.append((repr(item.index), repr(item.over)))
    inner = tuple(axis in kernel.inner for axis in kernel.axes)
    lengths = tuple((axis.name, axis.length) for axis in kernel.axes)
    return kernel.kind, lengths, inner, tuple(order)


def work(kernel: Kernel) -> int:
    """How much there is to do, in additions."""
    size = 1
    for axis in kernel.axes:
        size *= axis.length
    total = 0
    for item in kernel.items:
        each = 2
        if item.term.kind == "elementwise" and item.term.op is not None:
            each += weight(item.term.op, len(item.term.inputs), item.term.settings)
        if item.term.kind == "contraction" and kernel.product is not None:
            each += math.prod(kernel.product.inner)
            total += READING * sum(factor.size for factor in item.term.inputs)
        total += each * size
    return total
