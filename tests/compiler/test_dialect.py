"""The registers' dialect: each word and each operator says what NumPy says."""

import operator

import numpy as np
import pytest

from seegrad import ops
from seegrad.compiler.registers.dialect import (
    VOCABULARY,
    Words,
)
from seegrad.errors import InputTypeError
from seegrad.op import REGISTRY
from seegrad.samples import calls
from seegrad.scalar import Scalar

FLOATS = ("float32", "float64")
INTEGERS = ("int8", "int16", "int32", "int64", "uint8")
NUMBERS = FLOATS + INTEGERS
ELEMENTWISE = [op for op in REGISTRY.values() if op.kind == "elementwise"]
ARITHMETIC = {sign: getattr(operator, sign) for sign in ("add", "sub", "mul")}
COMPARISONS = {s: getattr(operator, s) for s in ("lt", "le", "gt", "ge", "eq", "ne")}


@pytest.mark.parametrize("lanes", [1, 4, 8, 16])
@pytest.mark.parametrize("dtype", NUMBERS)
def test_arithmetic_and_comparisons_are_those_of_numpy(agree, pairs, dtype, lanes):
    """To the bit, with integers that wrap around and every special float."""
    both = {**ARITHMETIC, **COMPARISONS}
    formulas = {name: lambda xp, x, y, f=f: f(x, y) for name, f in both.items()}
    formulas["neg"] = lambda xp, x, y: -x
    formulas["abs"] = lambda xp, x, y: abs(x)
    agree(formulas, pairs(dtype), lanes)


@pytest.mark.parametrize("dtype", FLOATS)
def test_a_division_is_that_of_numpy(agree, pairs, dtype):
    """By zero as well."""
    formulas = {"div": lambda xp, x, y: x / y}
    agree(formulas, pairs(dtype))


def test_integers_divide_as_float64(agree, pairs):
    """As in NumPy, whatever their width."""
    for dtype in INTEGERS:
        agree({"div": lambda xp, x, y: x / y}, pairs(dtype))


@pytest.mark.parametrize("dtype", NUMBERS)
@pytest.mark.parametrize("lanes", [1, 16])
def test_choices_are_those_of_numpy(agree, pairs, dtype, lanes):
    """The larger, the smaller, one or the other; NaN wins."""
    formulas = {
        # NumPy leaves it to the machine which of two zeros is larger: + 0 makes it 0.
        "maximum": lambda xp, x, y: xp.maximum(x, y) + 0,
        "minimum": lambda xp, x, y: xp.minimum(x, y) + 0,
        "maximum of a number": lambda xp, x, y: xp.maximum(0, y) + 0,
        "maximum with a number": lambda xp, x, y: xp.maximum(x, 0) + 0,
        "minimum with a number": lambda xp, x, y: xp.minimum(x, 1),
        "where": lambda xp, x, y: xp.where(x < y, x, y),
        "where of numbers": lambda xp, x, y: xp.where(x == y, x, 3),
        "where nonzero": lambda xp, x, y: xp.where(x, 1, y),
        "sign": lambda xp, x, y: xp.sign(x),
        "absolute": lambda xp, x, y: xp.absolute(x),
        "floor": lambda xp, x, y: xp.floor(x),
        "isnan": lambda xp, x, y: xp.isnan(x),
    }
    agree(formulas, pairs(dtype), lanes)


@pytest.mark.parametrize("dtype", FLOATS)
def test_of_two_zeros_the_second_is_chosen(compiled, dtype):
    """So the largest of -0 and 0 is 0, and relu never gives -0."""
    zeros = np.zeros(4, dtype)
    formulas = {
        "maximum": lambda xp, x: xp.maximum(-x, x),
        "minimum": lambda xp, x: xp.minimum(-x, x),
        "relu": lambda xp, x: ops.relu.forward(xp, -x),
    }
    for name, function in compiled(formulas, [dtype], 4).items():
        assert not np.signbit(function(zeros)).any(), name


@pytest.mark.parametrize("dtype", FLOATS)
def test_words_for_floats_are_exact_where_numpy_is(agree, pairs, dtype):
    """The root, the sign of another, NaN as one of two numbers."""
    formulas = {
        "sqrt": lambda xp, x, y: xp.sqrt(x),
        "copysign": lambda xp, x, y: xp.copysign(x, y),
        "maximum with NaN": lambda xp, x, y: xp.maximum(x, float("nan")),
        "maximum of NaN": lambda xp, x, y: xp.maximum(float("nan"), x),
        "minimum with 0.5": lambda xp, x, y: xp.minimum(x, 0.5),
    }
    agree(formulas, pairs(dtype))


@pytest.mark.parametrize("dtype", NUMBERS)
def test_python_numbers_take_the_dtype_they_meet(agree, pairs, dtype):
    """From the left and from the right; True among numbers is 1."""
    formulas = {
        "x + 1": lambda xp, x: x + 1,
        "1 + x": lambda xp, x: 1 + x,
        "x - 2": lambda xp, x: x - 2,
        "2 - x": lambda xp, x: 2 - x,
        "3 * x": lambda xp, x: 3 * x,
        "x * True": lambda xp, x: x * True,
        "x < 2": lambda xp, x: x < 2,
        "2 < x": lambda xp, x: 2 < x,
        "x == 1": lambda xp, x: x == 1,
        "2 != x": lambda xp, x: 2 != x,
        "x ** 3": lambda xp, x: x**3 if xp is not np else x * x * x,
    }
    if dtype in FLOATS:
        formulas["1 / x"] = lambda xp, x: 1 / x
        formulas["x * 0.1"] = lambda xp, x: x * 0.1
    agree(formulas, pairs(dtype)[:1])


def test_booleans_are_a_logic_of_their_own(agree, pairs):
    """Times is and, plus is or; compared, False is less than True."""
    both = {**COMPARISONS, "add": operator.add, "mul": operator.mul}
    formulas = {name: lambda xp, x, y, f=f: f(x, y) for name, f in both.items()}
    formulas["and"] = lambda xp, x, y: x & y
    formulas["or"] = lambda xp, x, y: x | y
    formulas["xor"] = lambda xp, x, y: x ^ y
    formulas["not"] = lambda xp, x, y: ~x
    formulas["maximum"] = lambda xp, x, y: xp.maximum(x, y)
    formulas["minimum"] = lambda xp, x, y: xp.minimum(x, y)
    formulas["power"] = lambda xp, x, y: xp.power(x, y)
    formulas["where"] = lambda xp, x, y: xp.where(x, y, True)
    formulas["x * True"] = lambda xp, x, y: x * True
    formulas["x + 1"] = lambda xp, x, y: x + 1
    formulas["x * 2.0"] = lambda xp, x, y: x * 2.0
    agree(formulas, pairs("bool"))
    agree(formulas, pairs("bool"), lanes=1)


@pytest.mark.parametrize("dtype", NUMBERS)
def test_a_boolean_among_numbers_is_one_of_them(agree, pairs, dtype):
    """mask * x, as the rules of gradients write it."""
    x = pairs(dtype)[0]
    formulas = {
        "mask * x": lambda xp, mask, x: mask * x,
        "x + mask": lambda xp, mask, x: x + mask,
        "x * (x > 1)": lambda xp, mask, x: x * (x > 1),
    }
    agree(formulas, [np.arange(x.size) % 3 == 0, x])


@pytest.mark.parametrize("dtype", INTEGERS)
def test_an_integer_power_wraps_around(agree, pairs, dtype):
    """Every base to every exponent that is not negative."""
    x, y = pairs(dtype)
    agree({"power": lambda xp, x, y: xp.power(x, y)}, (x, np.maximum(y, 0)))


def test_the_vocabulary_is_that_of_the_scalar_dialect():
    """A word that floats know is known to registers."""
    assert set(VOCABULARY) >= {name for name in vars(Scalar) if name[0] != "_"}
    assert all(word in vars(Words) for word in VOCABULARY)


def test_an_unknown_word_is_named(words):
    """The error is the scalar dialect's, and suggests the nearest word."""
    with pytest.raises(InputTypeError, match="called 'cosh'"):
        words.cosh
    assert not hasattr(words, "__array__")


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
def test_every_elementwise_op_speaks_the_dialect(compiled, op, dtype):
    """On its samples, flat, registers give what arrays give."""
    tolerance = 2e-6 if dtype == "float32" else 1e-14
    known = {}
    for inputs, settings in calls(op, dtype):
        if settings.get("dtype") == np.float16:
            continue
        arrays = [array.ravel() for array in np.broadcast_arrays(*inputs)]
        dtypes = [array.dtype for array in arrays]
        if repr(settings) not in known:
            formula = {"op": lambda xp, *x, s=settings: op.forward(xp, *x, **s)}
            known[repr(settings)] = compiled(formula, dtypes, 4)["op"]
        expected = np.asarray(op.forward(np, *arrays, **settings))
        actual = known[repr(settings)](*arrays)
        assert expected.dtype == actual.dtype
        np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance)


def test_a_clamp_of_integers_is_exact(agree):
    """A setting is a Python number, and takes the dtype of what it meets."""
    x = np.arange(-5, 6, dtype="int16")
    formula = {"clamp": lambda xp, x: ops.clamp.forward(xp, x, min=-2, max=3)}
    agree(formula, [x])
