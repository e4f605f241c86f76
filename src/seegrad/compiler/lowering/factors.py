"""The factors of a product: where their numbers stand, and how they are read.

A factor may be an array, a view of one, or a formula over several. The generator of
products asks for single numbers and for neighbours along one axis.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from seegrad.compiler.lowering.access import Access
from seegrad.compiler.products.product_operand import Operand
from seegrad.compiler.programs.index import (
    Axis,
    Expression,
    Index,
    index_of,
    replaced,
    unravelled,
)
from seegrad.compiler.programs.origins import origins
from seegrad.compiler.programs.program import Term
from seegrad.facts import Factor, Where


def layout(access: Access, term: Term, index: Index) -> Expression | None:
    """The place in memory that a read comes down to, if it is a single one."""
    while term.op is not None and term not in access.memory:
        found = origins(term, index)
        if len(found) != 1 or found[0].conditions:
            return None
        term, index = found[0].term, found[0].index
    return None if term.number is not None else access.position(term, index)


class FactorReader:
    """Reads the numbers of one factor."""

    def __init__(
        self,
        access: Access,
        term: Term,
        index: Index,
        rests: list[Expression],
        padded: bool,
    ) -> None:
        self.access, self.term, self.index = access, term, index
        self.rests, self.conditions = rests, [(rest, 1) for rest in rests]
        if padded:
            for part, length in zip(index, term.shape, strict=True):
                low, high = part.span()
                if low < 0 or high >= length:
                    self.conditions.append((part, length))

    def scalar(self, counters: dict[Axis, Any]) -> Any:
        """One number."""
        return self.vector(counters, next(iter(counters)), 1, 1)

    def vector(
        self, counters: dict[Axis, Any], lane: Axis, lanes: int, valid: int
    ) -> Any:
        """Neighbours along an axis; 0 in the lanes that do not exist."""
        access = self.access
        counters = {axis: access.loops.count(n) for axis, n in counters.items()}
        with access.at(counters, lane, lanes, valid):
            words = access.words(lanes)
            found = words.splat(self._read(), lanes)
            tail = access.tail()
            return found.value if tail is None else words.where(tail, found, 0).value

    def _read(self) -> Any:
        access = self.access
        inside = access.all_true(tuple(self.conditions))  # type: ignore[arg-type]
        found = access.read(self.term, self.index, inside)
        return found if inside is None else access.words().where(inside, found, 0)


def read_at(
    factor: Factor, *parts: Iterable[Any]
) -> tuple[Index, list[tuple[Expression, int]]]:
    """Where a factor is read, and what must be divisible by what for it to count.

    The parts are the counters of the batch, the rows or columns, and the inner ones.
    """
    divisible: tuple[tuple[Any, int], ...] = ()
    index = factor.index(*map(index_of, parts))
    if isinstance(index, Where):
        index, divisible = index
    pairs = [(Expression.of(part), n) for part, n in divisible]
    return index_of(index), pairs


def factor_reader(
    access: Access,
    term: Term,
    factor: Factor,
    parts: tuple[Iterable[Any], ...],
    new: dict[Axis, Expression],
) -> FactorReader:
    """Reads a factor of a product, with other expressions in place of some axes."""
    index, over = read_at(factor, *parts)
    rests = [part.replaced(new) % n for part, n in over]
    padded = bool(term.op and term.op.facts.padded)
    x = term.inputs[factor.position]
    return FactorReader(access, x, replaced(index, new), rests, padded)


def operand(reader: FactorReader, axis: Axis, k: Axis) -> Operand:
    """A left factor as the generator of products reads it: at a row, and at k."""

    def across(at: Any, i: Any, lanes: int, valid: int) -> Any:
        return reader.vector({axis: i, k: at}, axis, lanes, valid)

    def along(at: Any, i: Any, lanes: int, valid: int) -> Any:
        return reader.vector({axis: i, k: at}, k, lanes, valid)

    found = layout(reader.access, reader.term, reader.index)
    direction: Any = "neither"
    if found is not None and not reader.conditions:
        if affine_in(found, k):
            direction = "inner"
        elif affine_in(found, axis):
            direction = "outer"
    cheap = direction != "neither" and found is not None and found.affine
    return Operand(
        lambda i, at: reader.scalar({axis: i, k: at}), across, along, direction, cheap
    )


def exactly(axis: Axis) -> Expression:
    """The counter of an axis."""
    return Expression.of(axis)


def flat(axes: tuple[Axis, ...], name: str) -> Axis:
    """One counter for all axes."""
    return axes[0] if len(axes) == 1 else Axis(math.prod(a.length for a in axes), name)


def split(axes: tuple[Axis, ...], flat: Axis) -> dict[Axis, Expression]:
    """Each axis as a part of the one counter that runs over all of them."""
    if len(axes) == 1:
        return {}
    parts = unravelled(exactly(flat), tuple(axis.length for axis in axes))
    return dict(zip(axes, parts, strict=True))


def affine_in(expression: Expression, axis: Axis) -> bool:
    """Whether it goes up by one when the axis does, and needs it nowhere else."""
    rest = expression.replaced({axis: Expression({}, 0)})
    return axis.length > 1 and rest + exactly(axis) == expression
