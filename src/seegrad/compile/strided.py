"""Numbers that stand a few places apart, without looking for each of them.

Every second number of a row is what a pooling reads. Two whole vectors are loaded and
every second lane is picked: a few instructions, where a gather would need dozens.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from seegrad.compile.loops import FLAG

FARTHEST = 4  # places apart, up to which whole vectors are loaded


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
