"""The native code that draws: words of Philox become numbers and go into an array.

Every number is rounded where NumPy rounds it, so the bits are those of
`seegrad.random`, and element i depends on the key and on i only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir

from seegrad.box_muller import box_muller
from seegrad.compiler.machine.philox import blocks
from seegrad.compiler.registers.dialect import Words
from seegrad.compiler.registers.loops import INDEX, POINTER, Loops
from seegrad.compiler.registers.register import Register, llvm_type, memory_type

Formula = Callable[[Words, Sequence[Register], str], list[Register]]
GROUPS = 4  # registers of blocks that are in the making at the same time


def module(distribution: str, dtype: str, lanes: int) -> ir.Module:
    """``for each block: words of the block, numbers of the words, into the array``"""
    made = ir.Module("draws")
    kind = ir.FunctionType(ir.VoidType(), [POINTER, INDEX, INDEX, INDEX])
    function = ir.Function(made, kind, "fill")
    loops = Loops(function)
    xp = Exact(loops, lanes)
    out, n, *key = function.args
    numbers = 4 // WORDS[distribution]  # of a block

    def body(i: Any) -> None:
        first = xp.register(loops.builder.udiv(i, loops.count(numbers)), "int64")
        counters = [first + xp.ramp(1 + lanes * group) for group in range(GROUPS)]
        words = blocks(xp, counters, [xp.register(k, "int64") for k in key])
        for group, block in enumerate(words):
            start = loops.builder.add(i, loops.count(group * lanes * numbers))
            place = loops.builder.gep(out, [start], source_etype=memory_type(dtype))
            xp.store(FORMULAS[distribution](xp, block, dtype), place)

    loops.loop(0, n, body, step=numbers_in_a_round(distribution, lanes))
    loops.builder.ret_void()
    _round_everything(function)
    return made


def numbers_in_a_round(distribution: str, lanes: int) -> int:
    """How many numbers the loop writes before it looks whether there are enough."""
    return GROUPS * lanes * (4 // WORDS[distribution])


def uniform(xp: Words, words: Sequence[Register], dtype: str) -> list[Register]:
    """The first 24 (or 53) bits of each word, as in `random.uniform`."""
    bits = 24 if dtype == "float32" else 53
    return [_upper(xp, word, bits, dtype) * 2.0**-bits for word in words]


def normal(xp: Words, words: Sequence[Register], dtype: str) -> list[Register]:
    """A number for each two words, as in `random.normal`."""
    out = []
    for n in range(0, len(words), 2):
        u = (_upper(xp, words[n], 52, "float64") + 0.5) * 2.0**-52
        v = _upper(xp, words[n + 1], 53, "float64") * 2.0**-53
        out.append(box_muller(xp, u, v).astype(dtype))
    return out


FORMULAS: dict[str, Formula] = {"uniform": uniform, "normal": normal}
WORDS = {"uniform": 1, "normal": 2}  # for one number


def _upper(xp: Words, word: Register, bits: int, dtype: str) -> Register:
    return xp.shift_right(word, 64 - bits).astype(dtype)


class Exact(Words):
    """The words of a function that makes blocks, and what only it needs."""

    def ramp(self, start: int) -> Register:
        """start, start + 1, ... in the lanes."""
        if self.lanes == 1:
            return self.constant(start, "int64")
        lanes = [start + lane for lane in range(self.lanes)]
        kind = llvm_type("int64", self.lanes)
        return self.register(ir.Constant(kind, lanes), "int64")

    def frexp(self, x: Register) -> tuple[Register, Register]:
        """x as m 2**e with m from 1/2 to 1, both as floats; x is more than 0."""
        bits = x.bits()
        exponent = self.shift_right(bits, 52) - 1022
        mantissa = bits & (2**52 - 1) | self.lift(0.5, x).bits()
        return mantissa.floats(), exponent.astype("float64")

    def store(self, registers: Sequence[Register], place: Any) -> None:
        """Lane by lane, the numbers of all registers one after the other."""
        b, dtype, count = self.builder, registers[0].dtype, len(registers)
        values = [register.value for register in registers]
        if self.lanes == 1:
            for k, value in enumerate(values):
                at = b.gep(place, [self.loops.count(k)], source_etype=value.type)
                b.store(value, at, align=dtype.itemsize)
            return
        while len(values) > 2:
            pairs = zip(values[0::2], values[1::2], strict=True)
            together = range(2 * values[0].type.count)
            values = [self.loops.shuffled(x, y, together) for x, y in pairs]
        lanes = range(self.lanes)
        order = [k * self.lanes + lane for lane in lanes for k in range(count)]
        x, y = values
        b.store(self.loops.shuffled(x, y, order), place, align=dtype.itemsize)


def _round_everything(function: ir.Function) -> None:
    """No multiply-and-add, which rounds once where NumPy rounds twice."""
    for block in function.blocks:
        for instruction in block.instructions:
            if "contract" in getattr(instruction, "flags", ()):
                instruction.flags = ()
