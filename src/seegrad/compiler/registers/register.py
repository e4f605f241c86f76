"""One value in a processor register, or one in each of its lanes, with its dtype.

A register answers the operators that a float or an array answers, so that the forward
of an op, which knows neither, computes with registers too: ``x * y`` adds one
instruction to the function being written. Nothing is computed in Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from llvmlite import ir

from seegrad.dtypes import is_float
from seegrad.errors import DtypeError

if TYPE_CHECKING:
    from seegrad.compiler.registers.dialect import Words

Dtype = np.dtype[Any]

BOOL = np.dtype("bool")
FLOAT64 = np.dtype("float64")
# Multiply-and-add may become one instruction with one rounding. No other liberty: NaN,
# infinity and the order of additions are what the program says.
FLAGS = ("contract",)

_TYPES: dict[str, Any] = {
    "float32": ir.FloatType(),
    "float64": ir.DoubleType(),
    "int8": ir.IntType(8),
    "int16": ir.IntType(16),
    "int32": ir.IntType(32),
    "int64": ir.IntType(64),
    "uint8": ir.IntType(8),
    "bool": ir.IntType(1),
}


def llvm_type(dtype: Any, lanes: int = 1) -> Any:
    """The LLVM type of a dtype in registers, where a boolean is one bit.

    >>> str(llvm_type("float32")), str(llvm_type("bool", lanes=4))
    ('float', '<4 x i1>')
    """
    name = np.dtype(dtype).name
    if name not in _TYPES:
        raise DtypeError(
            f"the compiler does not compute with {name}",
            hint=f"one of {', '.join(_TYPES)}",
        )
    return ir.VectorType(_TYPES[name], lanes) if lanes > 1 else _TYPES[name]


def memory_type(dtype: Any, lanes: int = 1) -> Any:
    """The LLVM type of a dtype in memory, where a boolean is one byte.

    >>> str(memory_type("bool")), str(memory_type("float32", lanes=4))
    ('i8', '<4 x float>')
    """
    return llvm_type("uint8" if np.dtype(dtype) == BOOL else dtype, lanes)


class Register:
    """An LLVM value, its dtype, and the words that it can be computed with.

    ``number`` is what it holds, where that is known while the program is written.
    """

    __slots__ = ("dtype", "number", "value", "words")

    def __init__(
        self, words: Words, value: Any, dtype: Dtype, number: Any = None
    ) -> None:
        self.words, self.value, self.dtype, self.number = words, value, dtype, number

    @property
    def lanes(self) -> int:
        """How many numbers it holds."""
        kind = self.value.type
        return int(kind.count) if isinstance(kind, ir.VectorType) else 1

    @property
    def is_float(self) -> bool:
        """Whether it holds floats."""
        return is_float(self.dtype)

    @property
    def is_signed(self) -> bool:
        """Whether it holds integers that can be negative."""
        return self.dtype.kind == "i"

    def __repr__(self) -> str:
        return f"Register({self.dtype} x {self.lanes})"

    def like(self, value: Any, dtype: Dtype | None = None) -> Register:
        """Another value of the same dtype, or of another."""
        return Register(self.words, value, dtype or self.dtype)

    def __add__(self, other: Any) -> Register:
        return self._meet(other, "fadd", "add", "or_")

    __radd__ = __add__

    def __sub__(self, other: Any) -> Register:
        return self._meet(other, "fsub", "sub")

    def __rsub__(self, other: Any) -> Register:
        x, y = self.words.together(other, self)
        return x - y

    def __mul__(self, other: Any) -> Register:
        return self._meet(other, "fmul", "mul", "and_")

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Register:
        """Integers become float64 first, as in NumPy."""
        x, y = self.words.together(self, other)
        if not x.is_float:
            x, y = x.astype(FLOAT64), y.astype(FLOAT64)
        return x.like(self.words.builder.fdiv(x.value, y.value, flags=FLAGS))

    def __rtruediv__(self, other: Any) -> Register:
        x, y = self.words.together(other, self)
        return x / y

    def __pow__(self, other: Any) -> Register:
        return self.words.power(self, other)

    def __rpow__(self, other: Any) -> Register:
        return self.words.power(other, self)

    def __neg__(self) -> Register:
        self._refuse_bool("-x")
        b = self.words.builder
        return self.like((b.fneg if self.is_float else b.neg)(self.value))

    def __abs__(self) -> Register:
        return self.words.absolute(self)

    def __and__(self, other: Any) -> Register:
        return self._meet(other, "", "and_", "and_")

    def __or__(self, other: Any) -> Register:
        return self._meet(other, "", "or_", "or_")

    def __xor__(self, other: Any) -> Register:
        return self._meet(other, "", "xor", "xor")

    def __invert__(self) -> Register:
        return self.like(self.words.builder.not_(self.value))

    def __lshift__(self, other: Any) -> Register:
        return self._meet(other, "", "shl")

    def __rshift__(self, other: Any) -> Register:
        return self._meet(other, "", "ashr" if self.is_signed else "lshr")

    def __lt__(self, other: Any) -> Register:
        return self._compare("<", other)

    def __le__(self, other: Any) -> Register:
        return self._compare("<=", other)

    def __gt__(self, other: Any) -> Register:
        return self._compare(">", other)

    def __ge__(self, other: Any) -> Register:
        return self._compare(">=", other)

    def __eq__(self, other: object) -> Register:  # type: ignore[override]  # as NumPy
        return self._compare("==", other)

    def __ne__(self, other: object) -> Register:  # type: ignore[override]  # as NumPy
        return self._compare("!=", other)

    __hash__ = None  # type: ignore[assignment]  # == does not answer yes or no

    def __bool__(self) -> bool:
        raise DtypeError(
            "what a register holds is not known while the program is written",
            hint="xp.where(condition, x, y) instead of if",
        )

    def astype(self, dtype: Any) -> Register:
        """The same numbers with another dtype, as NumPy casts them."""
        return self.words.cast(self, np.dtype(dtype))

    def bits(self) -> Register:
        """The bits of floats as integers of the same width."""
        dtype = np.dtype(f"int{8 * self.dtype.itemsize}")
        kind = llvm_type(dtype, self.lanes)
        return self.like(self.words.builder.bitcast(self.value, kind), dtype)

    def floats(self) -> Register:
        """The floats that integers of the same width are the bits of."""
        dtype = np.dtype(f"float{8 * self.dtype.itemsize}")
        kind = llvm_type(dtype, self.lanes)
        return self.like(self.words.builder.bitcast(self.value, kind), dtype)

    def _refuse_bool(self, formula: str) -> None:
        if self.dtype == BOOL:
            raise DtypeError(
                f"{formula} does not compute with booleans",
                hint="x.to(sg.float32) first",
            )

    def _meet(
        self, other: Any, for_floats: str, for_integers: str, for_bool: str = ""
    ) -> Register:
        """The instruction that fits the dtype, on the two values of one dtype."""
        x, y = self.words.together(self, other)
        b = self.words.builder
        if x.is_float:
            return x.like(getattr(b, for_floats)(x.value, y.value, flags=FLAGS))
        if not for_bool:
            x._refuse_bool(f"x {for_integers} y")
        name = for_bool if x.dtype == BOOL else for_integers
        return x.like(getattr(b, name)(x.value, y.value))

    def _compare(self, sign: str, other: Any) -> Register:
        x, y = self.words.together(self, other)
        b = self.words.builder
        if x.is_float:
            # NaN is unequal to everything and neither less nor more than anything.
            compare = b.fcmp_unordered if sign == "!=" else b.fcmp_ordered
        else:
            compare = b.icmp_signed if x.is_signed else b.icmp_unsigned
        return x.like(compare(sign, x.value, y.value), BOOL)
