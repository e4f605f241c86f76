"""Numbers become registers, and registers of different kinds are brought together.

A register by itself can only meet its equals. Here are the constants that meet it, the
copies of one number in every lane, the casts, and the few instructions that have no
operator in Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from llvmlite import ir

from seegrad.compiler.registers.functions.casting import truncated
from seegrad.compiler.registers.loops import INDEX, Loops
from seegrad.compiler.registers.register import (
    BOOL,
    FLOAT64,
    Dtype,
    Register,
    llvm_type,
)
from seegrad.dtypes import is_float
from seegrad.errors import DtypeError, InputTypeError

if TYPE_CHECKING:
    from seegrad.compiler.registers.dialect import Words

INT64 = np.dtype("int64")


class _Splat(ir.Constant):  # type: ignore[misc]  # llvmlite has no types
    """One number in every lane, written once and not once per lane."""

    def __init__(self, kind: Any, one: Any) -> None:
        self.type, self.constant = kind, one

    def _get_reference(self) -> str:
        return f"splat ({self.constant.type} {self.constant.get_reference()})"


class Instructions:
    """What is computed is added where ``loops`` stands; ``lanes`` are usual there."""

    def __init__(self, loops: Loops, lanes: int = 1) -> None:
        self.loops, self.lanes = loops, lanes
        self._constants: dict[Any, Register] = {}

    @property
    def builder(self) -> Any:
        """llvmlite's own, which adds single instructions."""
        return self.loops.builder

    @property
    def words(self) -> Words:
        """Itself: only `Words`, which speaks the vocabulary as well, is ever made."""
        return cast("Words", self)

    def register(self, value: Any, dtype: Any) -> Register:
        """An LLVM value of the type `llvm_type(dtype, lanes)`."""
        return Register(self.words, value, np.dtype(dtype))

    def loaded(self, value: Any, dtype: Any) -> Register:
        """A value as it lies in memory, of the type `memory_type(dtype, lanes)`."""
        register = self.register(value, dtype)
        if register.dtype == BOOL:
            return self.register(value, "uint8") != 0
        return register

    def stored(self, register: Register) -> Any:
        """The value as memory keeps it, of the type `memory_type(dtype, lanes)`."""
        return (register.astype("uint8") if register.dtype == BOOL else register).value

    def constant(self, number: Any, dtype: Any, lanes: int | None = None) -> Register:
        """A number that is known now, in every lane."""
        dtype, lanes = np.dtype(dtype), lanes or self.lanes
        known = _fitted(number, dtype)
        key = str(known), dtype, lanes
        if key not in self._constants:
            one = ir.Constant(llvm_type(dtype), known)
            value = one if lanes == 1 else _Splat(llvm_type(dtype, lanes), one)
            self._constants[key] = Register(self.words, value, dtype, known)
        return self._constants[key]

    def lift(self, number: Any, like: Register) -> Register:
        """A number as a constant of the dtype and the lanes of a register."""
        return self.constant(number, like.dtype, like.lanes)

    def splat(self, register: Register, lanes: int | None = None) -> Register:
        """The number of a scalar register in every lane."""
        lanes = lanes or self.lanes
        if register.lanes == lanes:
            return register
        if register.number is not None:
            return self.constant(register.number, register.dtype, lanes)
        kind = llvm_type(register.dtype, lanes)
        b = self.builder
        first = b.insert_element(
            ir.Constant(kind, ir.Undefined), register.value, self.loops.count(0)
        )
        return register.like(self.loops.shuffled(first, first, [0] * lanes))

    def together(self, *things: Any) -> list[Register]:
        """Registers and Python numbers, brought to one dtype and as many lanes.

        A Python number takes the dtype that it meets, and a boolean becomes a number
        among numbers. Nothing else is converted: that the engine has done before.
        """
        registers = [thing for thing in things if isinstance(thing, Register)]
        numbers = [thing for thing in things if not isinstance(thing, Register)]
        dtype = _common([r.dtype for r in registers], numbers)
        lanes = max([r.lanes for r in registers], default=1)
        return [
            self.splat(thing.astype(dtype), lanes)
            if isinstance(thing, Register)
            else self.constant(thing, dtype, lanes)
            for thing in things
        ]

    def cast(self, x: Register, dtype: Dtype) -> Register:
        """The same numbers with another dtype."""
        if x.dtype == dtype:
            return x
        if dtype == BOOL:
            return x != 0
        if x.number is not None and (is_float(dtype) or x.dtype == BOOL):
            return self.constant(x.number, dtype, x.lanes)
        if x.is_float and not is_float(dtype):
            return truncated(self.words, x, dtype)
        b, kind = self.builder, llvm_type(dtype, x.lanes)
        if x.is_float:
            convert = b.fpext if dtype.itemsize > x.dtype.itemsize else b.fptrunc
        elif is_float(dtype):
            convert = b.sitofp if x.is_signed else b.uitofp
        elif x.dtype != BOOL and dtype.itemsize == x.dtype.itemsize:
            return x.like(x.value, dtype)
        elif x.dtype != BOOL and dtype.itemsize < x.dtype.itemsize:
            convert = b.trunc
        else:
            convert = b.sext if x.is_signed else b.zext
        return x.like(convert(x.value, kind), dtype)

    def shift_right(self, x: Register, bits: int) -> Register:
        """The bits of an integer moved down, zeros coming in from above."""
        return x.like(self.builder.lshr(x.value, self.lift(bits, x).value))

    def fma(self, x: Any, y: Any, z: Any) -> Register:
        """x * y + z, rounded once."""
        return self._call("fma", *self._floats("fma", x, y, z))

    def product(self, x: Any, y: Any) -> Register:
        """x * y, rounded: never a part of a multiply-and-add."""
        one, other = self._floats("product", x, y)
        return one.like(self.builder.fmul(one.value, other.value))

    def replaced(
        self, out: Register, rare: Register, name: str, x: Register
    ) -> Register:
        """``out``, but LLVM's function of x in lanes where that is wanted.

        It is jumped over where no lane wants it: a loop of one round, or of none.
        """

        def other(_: Any, now: Any) -> list[Any]:
            return [self.words.where(rare, self._call(name, x), out.like(now)).value]

        rounds = self.builder.zext(self.loops.any(rare.value), INDEX)
        (value,) = self.loops.loop(0, rounds, other, carried=[out.value])
        return out.like(value)

    def _floats(self, word: str, *things: Any) -> list[Register]:
        registers = self.together(*things)
        if not registers[0].is_float:
            raise DtypeError(
                f"{word} computes with floats, not with {registers[0].dtype}",
                hint="x.astype(np.float32) first, or floating=True for the op",
            )
        return registers

    def _call(self, name: str, *registers: Register) -> Register:
        """An LLVM intrinsic of the registers' type, such as llvm.sqrt.v8f32."""
        x = registers[0]
        lanes = f"v{x.lanes}" if x.lanes > 1 else ""
        full = f"llvm.{name}.{lanes}f{8 * x.dtype.itemsize}"
        values = [register.value for register in registers]
        return x.like(self.loops.intrinsic(full, x.value.type, values))


def _common(dtypes: list[Dtype], numbers: list[Any]) -> Dtype:
    """The one dtype of registers, to which Python numbers are fitted."""
    found = {dtype for dtype in dtypes if dtype != BOOL} or set(dtypes)
    if len(found) > 1:
        names = " and ".join(sorted(dtype.name for dtype in found))
        raise DtypeError(
            f"registers of {names} cannot meet", hint="x.astype(y.dtype) first"
        )
    for number in numbers:
        if not isinstance(number, bool | int | float):
            raise InputTypeError(
                f"a register cannot meet {type(number).__name__}",
                hint="a register, or a Python number",
            )
    if found and found != {BOOL}:
        return found.pop()
    if all(isinstance(number, bool) for number in numbers):
        return BOOL
    return FLOAT64 if any(isinstance(n, float) for n in numbers) else INT64


def _fitted(number: Any, dtype: Dtype) -> Any:
    """A number as the dtype holds it, in Python's own type, or an error."""
    if isinstance(number, float | np.floating) and not is_float(dtype):
        raise InputTypeError(
            f"{number} cannot become {dtype.name} without a cast",
            hint="x.astype(np.float32) first",
        )
    try:
        with np.errstate(over="ignore"):  # beyond the widest float lies infinity
            return np.asarray(number, dtype=dtype).item()
    except OverflowError:
        raise DtypeError(
            f"{number} does not fit into {dtype.name}", hint="x.astype(np.int64) first"
        ) from None
