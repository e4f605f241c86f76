"""Blocks between zeros, added up: they are simply side by side.

When a tensor was cut into parts, each part sends back a gradient with zeros around it,
and backpropagation adds them. Where the parts fill the whole axis, nothing has to be
added: they are joined.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from seegrad.compiler.programs.joins import is_join, shifts
from seegrad.compiler.programs.program import Program, Term
from seegrad.compiler.programs.rewrite import Rewriter, is_add, join


class Block(NamedTuple):
    """A term that fills an axis of a larger one from ``start`` up to ``stop``."""

    start: int
    stop: int
    term: Term


class Blocks(Rewriter):
    """Sums of blocks become joins."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.blocks: dict[Term, tuple[int, list[Block]]] = {}

    def better(self, old: Term, made: Term) -> Term:
        return self._joined(made) or made

    def _joined(self, term: Term) -> Term | None:
        """The join that a sum of blocks is, if they fill the whole axis."""
        found = self._block(term)
        if found is None and is_add(term):
            left, right = (self.blocks.get(x) for x in term.inputs)
            if left is not None and right is not None:
                (dim, first), (other, second) = left, right
                merged = sorted(first + second)
                apart = all(a.stop <= b.start for a, b in pairwise(merged))
                if dim == other and apart:
                    found = dim, merged
        if found is None:
            return None
        self.blocks[term] = found
        dim, blocks = found
        ends = [0, *(block.stop for block in blocks)]
        starts = [*(block.start for block in blocks), term.shape[dim]]
        if ends != starts or len(blocks) < 2:
            return None
        parts = self._flat(dim, [block.term for block in blocks])
        return join(parts, dim, term)

    def _block(self, term: Term) -> tuple[int, list[Block]] | None:
        """A term that is one block between zeros along one axis."""
        padded = term.kind == "movement" and term.facts.padded
        if not padded or len(term.inputs) != 1:
            return None
        (x,), (shift,) = term.inputs, shifts(term)
        if shift is None:
            return None
        sizes = zip(shift, x.shape, term.shape, strict=True)
        moved = [d for d, (by, n, all_) in enumerate(sizes) if n != all_ or by != 0]
        if len(moved) != 1:
            return None
        (dim,) = moved
        start, stop = shift[dim], shift[dim] + x.shape[dim]
        if start < 0 or stop > term.shape[dim]:
            return None
        return dim, [Block(start, stop, x)]

    def _flat(self, dim: int, parts: list[Term]) -> list[Term]:
        """The parts, with joins along the same axis taken apart into theirs."""
        found: list[Term] = []
        for part in parts:
            if is_join(part) and part.settings.get("dim") == dim:
                found += part.inputs
            else:
                found.append(part)
        return found
