"""Two axes that lie behind each other in memory are one longer axis.

Short axes make short loops. Where every array of a kernel can be walked along both with
one counter, they are joined, and a table of 100 rows of 3 becomes a row of 300.
"""

from __future__ import annotations

from collections.abc import Iterator

from seegrad.compiler.lowering.access import Access
from seegrad.compiler.planning.kernels import Item, Kernel
from seegrad.compiler.programs.index import Axis, Expression
from seegrad.compiler.programs.origins import Condition, Index, origins
from seegrad.compiler.programs.program import Term

Mapping = dict[Axis, Expression]


def collapsed(kernel: Kernel, access: Access) -> Kernel:
    """The kernel with as few axes as its arrays allow."""
    while True:
        for first, second in zip(kernel.axes, kernel.axes[1:], strict=False):
            if (first in kernel.inner) == (second in kernel.inner):
                joined = _joined(kernel, first, second)
                if _is_simple(joined, access):
                    kernel = joined
                    break
        else:
            return kernel


def _joined(kernel: Kernel, first: Axis, second: Axis) -> Kernel:
    """The kernel with one axis in place of two."""
    both = Axis(first.length * second.length, first.name + second.name)
    counter = Expression.of(both)
    new = {first: counter // second.length, second: counter % second.length}
    axes = [axis for axis in kernel.axes if axis is not second]
    axes[axes.index(first)] = both
    inner = {both if axis is first else axis for axis in kernel.inner} - {second}
    items = [
        Item(
            item.term,
            tuple(part.replaced(new) for part in item.index),
            item.level,
            tuple(part.replaced(new) for part in item.over),
            item.stored,
            item.phase,
        )
        for item in kernel.items
    ]
    return Kernel(kernel.kind, tuple(axes), frozenset(inner), items, kernel.product)


def _is_simple(kernel: Kernel, access: Access) -> bool:
    """Whether every place in memory is a plain sum of counters."""
    own = {item.term for item in kernel.items}
    for item in kernel.items:
        if item.stored and not access.position(item.term, item.index).affine:
            return False
        term, index = item.term, item.index
        starts = [(term, index, True)]
        if item.level == "sum":
            starts = [(term.inputs[0], item.over, False)]
        for expression in _expressions(starts, access, own):
            if not expression.affine:
                return False
    return True


def _expressions(
    starts: list[tuple[Term, Index, bool]], access: Access, own: set[Term]
) -> Iterator[Expression]:
    """Every place and every condition that is evaluated on the way."""
    seen: set[tuple[Term, Index]] = set()
    stack = list(starts)
    while stack:
        term, index, first = stack.pop()
        if (term, index) in seen or term.number is not None:
            continue
        seen.add((term, index))
        if term in access.memory and not first and term not in own:
            yield access.position(term, index)
            continue
        if term.op is None or term.kind in ("reduction", "contraction"):
            continue
        for read in origins(term, index):
            stack.append((read.term, read.index, False))
            for condition in read.conditions:
                yield from _parts(condition)


def _parts(condition: Condition) -> Iterator[Expression]:
    yield condition.expression
