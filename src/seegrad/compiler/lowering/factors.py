"""The factors of a product: where their numbers stand, and how they are read.

A factor may be an array, a view of one, or a formula over several. The generator of
products asks for single numbers and for neighbours along one axis.
"""

from __future__ import annotations

import math
from typing import Any

from seegrad.compiler.lowering.access import Access
from seegrad.compiler.products.product_operand import Operand
from seegrad.compiler.programs.index import Axis, Expression, unravelled
from seegrad.compiler.programs.origins import Read, origins


def layout(access: Access, read: Read) -> Expression | None:
    """The place in memory that a read comes down to, if it is a single one."""
    term, index, conditions = read
    while term.op is not None and term not in access.memory:
        found = origins(term, index)
        if len(found) != 1 or conditions:
            return None
        term, index, conditions = found[0]
    if conditions or term.number is not None:
        return None
    return access.position(term, index)


def neighbours(
    access: Access,
    read: Read,
    counters: dict[Axis, Any],
    lane: Axis,
    lanes: int,
    valid: int,
) -> Any:
    """What is read from here on along an axis; 0 in the lanes that do not exist."""
    counters = {axis: access.loops.count(n) for axis, n in counters.items()}
    with access.at(counters, lane, lanes, valid):
        words = access.words(lanes)
        found = words.splat(access.read_inside(read), lanes)
        tail = access.tail()
        return found.value if tail is None else words.where(tail, found, 0).value


def operand(access: Access, read: Read, axis: Axis, k: Axis) -> Operand:
    """A factor as the generator of products reads it, at its own axis and at k."""

    def start(i: Any) -> Any:
        return lambda at: neighbours(access, read, {axis: i, k: at}, axis, 1, 1)

    def across(at: Any, i: Any, lanes: int, valid: int) -> Any:
        return neighbours(access, read, {axis: i, k: at}, axis, lanes, valid)

    def along(at: Any, i: Any, lanes: int, valid: int) -> Any:
        return neighbours(access, read, {axis: i, k: at}, k, lanes, valid)

    found = layout(access, read)
    direction: Any = "neither"
    if found is not None:
        if affine_in(found, k):
            direction = "inner"
        elif affine_in(found, axis):
            direction = "outer"
    cheap = direction != "neither" and found is not None and found.affine
    return Operand(start, across, along, direction, cheap)


def flat(axes: tuple[Axis, ...], name: str) -> Axis:
    """One counter for all axes."""
    return axes[0] if len(axes) == 1 else Axis(math.prod(a.length for a in axes), name)


def split(axes: tuple[Axis, ...], flat: Axis) -> dict[Axis, Expression]:
    """Each axis as a part of the one counter that runs over all of them."""
    if len(axes) == 1:
        return {}
    lengths = tuple(axis.length for axis in axes)
    return dict(zip(axes, unravelled(Expression.of(flat), lengths), strict=True))


def affine_in(expression: Expression, axis: Axis) -> bool:
    """Whether it goes up by one when the axis does, and needs it nowhere else."""
    rest = expression.replaced({axis: Expression({}, 0)})
    return axis.length > 1 and rest + Expression.of(axis) == expression
