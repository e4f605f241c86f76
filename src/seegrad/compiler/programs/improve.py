"""Improve: all that is done to a program before it is planned.

It is simplified, and again after each pass that changed something, because what a pass
made new may be simpler still.
"""

from __future__ import annotations

from seegrad.compiler.programs.blocks import Blocks
from seegrad.compiler.programs.program import Program
from seegrad.compiler.programs.simplify import simplify
from seegrad.compiler.programs.sums import Products


def improved(program: Program) -> Program:
    """An equal program that is better to plan."""
    program = simplify(program)
    for rewriter in (Blocks, Products):
        better = rewriter(program).rewritten()
        if better is not program:
            program = simplify(better)
    return program
