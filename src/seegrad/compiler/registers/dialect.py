"""The op vocabulary spoken in LLVM registers: the compiler's dialect.

The forward of an op is written over a few words, ``xp.exp``, ``xp.where``. Spoken by
NumPy they compute arrays; spoken here they write the instructions that compute one
number, or as many at once as a register has lanes. What NumPy answers is answered
here: NaN, infinity, the sign of zero, integers that wrap around.
"""

from __future__ import annotations

import math
from typing import Any

from seegrad.compiler.registers import functions
from seegrad.compiler.registers.instructions import Instructions
from seegrad.compiler.registers.register import BOOL, Register, llvm_type, memory_type
from seegrad.errors import InputTypeError, unknown_name

__all__ = ["VOCABULARY", "Register", "Words", "llvm_type", "memory_type"]

VOCABULARY = (
    *("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tanh", "erf", "floor"),
    *("isnan", "power", "absolute", "copysign", "maximum", "minimum", "sign", "where"),
)


class Words(Instructions):
    """The words that elementwise forwards may use, for registers of so many lanes.

    >>> from llvmlite import ir
    >>> from seegrad.compiler.registers.loops import Loops
    >>> kind = ir.FunctionType(ir.FloatType(), [ir.FloatType()])
    >>> function = ir.Function(ir.Module(), kind, "f")
    >>> words = Words(Loops(function))
    >>> words.maximum(words.register(function.args[0], "float32"), 0)
    Register(float32 x 1)
    """

    def __getattr__(self, word: str) -> Any:
        if word.startswith("_"):
            raise AttributeError(word)  # Python itself is asking
        error = unknown_name("word in the vocabulary of ops", word, VOCABULARY)
        raise InputTypeError(error.what, hint=error.hint)

    def exp(self, x: Any) -> Register:
        return functions.exp(self, *self._floats("exp", x))

    def expm1(self, x: Any) -> Register:
        return functions.expm1(self, *self._floats("expm1", x))

    def log(self, x: Any) -> Register:
        return functions.log(self, *self._floats("log", x))

    def log1p(self, x: Any) -> Register:
        return functions.log1p(self, *self._floats("log1p", x))

    def sin(self, x: Any) -> Register:
        return functions.sin(self, *self._floats("sin", x))

    def cos(self, x: Any) -> Register:
        return functions.cos(self, *self._floats("cos", x))

    def tanh(self, x: Any) -> Register:
        return functions.tanh(self, *self._floats("tanh", x))

    def erf(self, x: Any) -> Register:
        return functions.erf(self, *self._floats("erf", x))

    def sqrt(self, x: Any) -> Register:
        return self._call("sqrt", *self._floats("sqrt", x))

    def copysign(self, x: Any, y: Any) -> Register:
        return self._call("copysign", *self._floats("copysign", x, y))

    def power(self, x: Any, y: Any) -> Register:
        """x ** y; of two booleans an int8, as in NumPy."""
        base, exponent = self.together(x, y)
        if base.dtype == BOOL:
            base, exponent = base.astype("int8"), exponent.astype("int8")
        power = functions.power if base.is_float else functions.integer_power
        return power(self, base, exponent)

    def floor(self, x: Any) -> Register:
        (x,) = self.together(x)
        return self._call("floor", x) if x.is_float else x

    def isnan(self, x: Any) -> Register:
        (register,) = self.together(x)
        return register != register

    def absolute(self, x: Any) -> Register:
        (x,) = self.together(x)
        if x.is_float:
            return self._call("fabs", x)
        return self.where(x < 0, -x, x) if x.is_signed else x

    def maximum(self, x: Any, y: Any) -> Register:
        """The larger; NaN if either is NaN; of two zeros the second."""
        x, y = self.together(x, y)
        return x | y if x.dtype == BOOL else self._winner(">", x, y)

    def minimum(self, x: Any, y: Any) -> Register:
        """The smaller; NaN if either is NaN; of two zeros the second."""
        x, y = self.together(x, y)
        return x & y if x.dtype == BOOL else self._winner("<", x, y)

    def sign(self, x: Any) -> Register:
        """-1, 0 or 1; NaN for NaN."""
        (x,) = self.together(x)
        x._refuse_bool("sign")
        zero = self.where(x == 0, 0, x)  # +0 for -0, and NaN stays
        below = self.where(x < 0, -1, zero) if x.is_signed or x.is_float else zero
        return self.where(x > 0, 1, below)

    def where(self, condition: Any, x: Any, y: Any) -> Register:
        """``x`` where the condition holds, else ``y``."""
        yes, no = self.together(x, y)
        if not isinstance(condition, Register):
            return yes if condition else no
        lanes = max(condition.lanes, yes.lanes)
        parts = (condition.astype(BOOL), yes, no)
        chosen = self.builder.select(*(self.splat(p, lanes).value for p in parts))
        return yes.like(chosen)

    def _winner(self, sign: str, x: Register, y: Register) -> Register:
        """``x`` where ``x sign y``, else ``y``; NaN wins."""
        if not x.is_float or (x.number is not None and not math.isnan(x.number)):
            return self.where(x._compare(sign, y), x, y)  # y wins if it is NaN
        if y.number is None or math.isnan(y.number):
            return self.where(x._compare(sign, y) | (x != x), x, y)
        wins = self.builder.fcmp_unordered(sign, x.value, y.value)  # or x is NaN
        return self.where(x.like(wins, BOOL), x, y)
