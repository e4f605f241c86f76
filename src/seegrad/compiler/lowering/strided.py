"""Numbers that stand a few places apart, without looking for each of them.

Every second number of a row is what a pooling reads, and what its gradient puts between
others. Whole vectors are loaded and their lanes are picked, or woven together: a few
instructions, where a gather would need dozens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from seegrad.compiler.programs.index import Axis, Expression, Quotient
from seegrad.compiler.programs.program import Term
from seegrad.compiler.registers.dialect import Register, memory_type

if TYPE_CHECKING:
    from seegrad.compiler.lowering.memory_access import Memory

FARTHEST = 4  # places apart, up to which whole vectors are loaded
STRANDS = (2, 4)  # rows that are woven together


def load_apart(access: Memory, term: Term, position: Expression) -> Register | None:
    """The lanes of a position, if they stand a few places apart or come by turns.

    What lies between two numbers that are read is read as well, nothing beyond them.
    """
    stride = access.stride(position)
    if stride is not None:
        if not 1 < stride <= FARTHEST:
            return None
        return _every(access, term, access.scalar(position), stride)
    found = _strands(access, position)
    return None if found is None else _woven(access, term, position, *found)


def _every(access: Memory, term: Term, position: Any, stride: int) -> Register:
    """Numbers a few places apart: load what lies between them as well."""
    lanes, last = access.lanes, (access.valid - 1) * stride
    vectors = []
    for begin in range(0, lanes * stride, lanes):
        at = access.loops.builder.add(position, access.loops.count(begin))
        vectors.append(_load(access, term, at, lanes, last + 1 - begin))
    out = vectors[0]
    for begin, vector in zip(range(0, lanes * stride, lanes), vectors, strict=True):
        # Lanes that are found stay where they are; those of this vector join them.
        mask = [
            lanes + k * stride - begin if begin <= k * stride < begin + lanes else k
            for k in range(lanes)
        ]
        out = access.loops.shuffled(out, vector, mask)
    return access.words().loaded(out, term.dtype)


def _strands(access: Memory, position: Expression) -> tuple[int, int] | None:
    """(strands, apart) where neighbours come from several rows by turns.

    The numbers of strand r, r + strands, ... stand side by side, ``apart`` places
    behind those of the strand before: an image put together from its phases. With 0
    between them there is one strand, of which each number is read several times.
    """
    lane: Axis | None = access.lane
    varying = [atom for atom in position.atoms if access.varies(Expression.of(atom))]
    parts = [atom for atom in varying if isinstance(atom, Quotient)]
    if lane is None or not access.aligned or len(parts) < len(varying):
        return None
    whole = [part for part in parts if not part.rest]
    rest = [part for part in parts if part.rest]
    if len(whole) != 1 or len(rest) > 1 or position.atoms[whole[0]] != 1:
        return None
    strands = whole[0].divisor
    alone = all((p.inner, p.divisor) == (Expression.of(lane), strands) for p in parts)
    if not alone or strands not in STRANDS or access.lanes % (2 * strands):
        return None
    return strands, position.atoms[rest[0]] if rest else 0


def _woven(
    access: Memory, term: Term, position: Expression, strands: int, apart: int
) -> Register:
    """The first number of each strand, then the second of each, and so on."""
    lanes, start = access.lanes // strands, access.scalar(position)
    parts = []
    for strand in range(strands if apart else 1):
        at = access.loops.builder.add(start, access.loops.count(strand * apart))
        valid = -(-(access.valid - strand) // strands)
        parts.append(_load(access, term, at, lanes, valid))
    while len(parts) > 1:
        half, count = len(parts) // 2, parts[0].type.count
        turns = [k // 2 + count * (k % 2) for k in range(2 * count)]
        pairs = zip(parts[:half], parts[half:], strict=True)
        parts = [access.loops.shuffled(a, b, turns) for a, b in pairs]
    out = parts[0]
    if not apart:
        repeated = [k // strands for k in range(access.lanes)]
        out = access.loops.shuffled(out, out, repeated)
    return access.words().loaded(out, term.dtype)


def _load(access: Memory, term: Term, position: Any, lanes: int, valid: int) -> Any:
    """Neighbours in memory, of which the first ``valid`` are certain to be there."""
    address = access._address(term, position)
    kind = memory_type(term.dtype, lanes)
    return access.load_neighbours(term, address, kind, access.first_lanes(valid, lanes))
