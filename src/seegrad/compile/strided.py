"""Numbers that stand a few places apart, without looking for each of them.

Every second number of a row is what a pooling reads, and what its gradient puts between
others. Whole vectors are loaded and their lanes are picked, or woven together: a few
instructions, where a gather would need dozens.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from seegrad.compile.index import Axis, Expression, Quotient
from seegrad.compile.loops import FLAG

FARTHEST = 4  # places apart, up to which whole vectors are loaded
LARGEST = 4  # rows that are woven together


def picked(builder: Any, vectors: list[Any], lanes: int, stride: int) -> Any:
    """The lanes 0, stride, 2 * stride, ... of vectors that follow one another."""
    out = vectors[0]
    kind = ir.VectorType(ir.IntType(32), lanes)
    for number, vector in enumerate(vectors):
        begin = number * lanes
        # Lanes that are found stay where they are; those of this vector join them.
        mask = [
            lanes + k * stride - begin if begin <= k * stride < begin + lanes else k
            for k in range(lanes)
        ]
        out = builder.shuffle_vector(out, vector, ir.Constant(kind, mask))
    return out


def needed(lanes: int, valid: int, stride: int) -> list[Any]:
    """For each vector to be loaded, which of its lanes are certain to be in memory.

    None stands for all of them.
    """
    last = (valid - 1) * stride
    out: list[Any] = []
    for begin in range(0, lanes * stride, lanes):
        bits = [int(begin + k <= last) for k in range(lanes)]
        whole = all(bits)
        out.append(None if whole else ir.Constant(ir.VectorType(FLAG, lanes), bits))
    return out


def woven(builder: Any, parts: list[Any], lanes: int) -> Any:
    """The first lane of each part, then the second of each, and so on; ``lanes`` in all.

    With one part and more lanes than it has, every lane of it is repeated.
    """
    while len(parts) > 1:
        half = len(parts) // 2
        parts = [_pair(builder, a, b) for a, b in zip(parts, parts[half:], strict=False)]
    have = parts[0].type.count
    kind = ir.VectorType(ir.IntType(32), lanes)
    if have == lanes:
        return parts[0]
    mask = ir.Constant(kind, [k * have // lanes for k in range(lanes)])
    return builder.shuffle_vector(parts[0], parts[0], mask)


def _pair(builder: Any, a: Any, b: Any) -> Any:
    """Lanes of a and of b by turns."""
    count = a.type.count
    lanes = [k // 2 + count * (k % 2) for k in range(2 * count)]
    kind = ir.VectorType(ir.IntType(32), 2 * count)
    return builder.shuffle_vector(a, b, ir.Constant(kind, lanes))


def weave(position: Expression, varying: list[Any], lane: Axis) -> tuple[int, int] | None:
    """(strands, apart) where neighbours come from several rows by turns.

    The numbers of strand r, r + strands, ... stand side by side, ``apart`` places behind
    those of the strand before it: an image that was put together from its phases.
    """
    alone = Expression.of(lane)
    parts = [atom for atom in varying if isinstance(atom, Quotient)]
    if len(parts) < len(varying) or any(part.inner != alone for part in parts):
        return None
    whole = [part for part in parts if not part.rest]
    rest = [part for part in parts if part.rest]
    if len(whole) != 1 or len(rest) > 1 or position.atoms[whole[0]] != 1:
        return None
    strands = whole[0].divisor
    if strands not in (2, LARGEST) or any(part.divisor != strands for part in rest):
        return None
    return strands, position.atoms[rest[0]] if rest else 0
