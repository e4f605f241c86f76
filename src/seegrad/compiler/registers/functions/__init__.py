"""The functions of the pocket calculator, as instructions that a processor has.

No processor computes a tanh. Each function here is a straight line of additions,
multiplications and choices, the same for every number, so that all lanes of a register
walk it together; the special cases of IEEE 754 are choices at its end.
"""

from seegrad.compiler.registers.functions.casting import truncated
from seegrad.compiler.registers.functions.error_function import erf
from seegrad.compiler.registers.functions.exponential import exp, expm1
from seegrad.compiler.registers.functions.hyperbolic import tanh
from seegrad.compiler.registers.functions.logarithm import log, log1p
from seegrad.compiler.registers.functions.power import integer_power, power
from seegrad.compiler.registers.functions.trigonometric import cos, sin

__all__ = [
    "cos",
    "erf",
    "exp",
    "expm1",
    "integer_power",
    "log",
    "log1p",
    "power",
    "sin",
    "tanh",
    "truncated",
]
