"""Two axes that lie behind each other in memory are one longer axis.

Short axes make short loops. Where every array of a kernel can be walked along both with
one counter, they are joined, and a table of 100 rows of 3 becomes a row of 300.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from seegrad.compiler.lowering.access import Access
from seegrad.compiler.planning.kernels import Kernel
from seegrad.compiler.programs.index import Axis, Expression, Index, replaced
from seegrad.compiler.programs.origins import origins
from seegrad.compiler.programs.program import Term


def collapsed(kernel: Kernel, access: Access) -> Kernel:
    """The kernel with as few axes as its arrays allow."""
    for first, second in pairwise(kernel.axes):
        if (first in kernel.inner) == (second in kernel.inner):
            joined = _joined(kernel, first, second)
            if _is_simple(joined, access):
                return collapsed(joined, access)
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
        replace(item, index=replaced(item.index, new), over=replaced(item.over, new))
        for item in kernel.items
    ]
    return replace(kernel, axes=tuple(axes), inner=frozenset(inner), items=items)


def _is_simple(kernel: Kernel, access: Access) -> bool:
    """Whether every place in memory and every condition is a plain sum of counters."""
    items = {item.term: item for item in kernel.items}
    seen: set[tuple[Term, Index]] = set()
    stack: list[tuple[Term, Index]] = []
    for item in kernel.items:
        if item.stored and not access.position(item.term, item.index).affine:
            return False
        if item.level == "sum":
            stack.append((item.term.inputs[0], item.over))
        else:
            stack += [
                (read.term, read.index) for read in origins(item.term, item.index)
            ]
    while stack:
        spot = stack.pop()
        term, index = spot
        if spot in seen or term.number is not None:
            continue
        seen.add(spot)
        if term in access.memory and term not in items:
            if not access.position(term, index).affine:
                return False
        elif term.op is not None and term.kind not in ("reduction", "contraction"):
            for read in origins(term, index):
                if not all(c.expression.affine for c in read.conditions):
                    return False
                stack.append((read.term, read.index))
    return True
