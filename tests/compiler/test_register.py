"""Registers by themselves: casts, lanes, what they know, and what they refuse."""

import numpy as np
import pytest

from seegrad.compiler.registers.dialect import Register, llvm_type, memory_type
from seegrad.errors import DtypeError, InputTypeError

FLOATS = ("float32", "float64")
INTEGERS = ("int8", "int16", "int32", "int64", "uint8")
NUMBERS = FLOATS + INTEGERS


@pytest.fixture
def x(words):
    """A scalar register of float32."""
    return words.register(words.loops.function.args[0], "float32")


@pytest.fixture
def i(words):
    """A scalar register of int32."""
    return words.register(words.loops.function.args[1], "int32")


@pytest.mark.parametrize("source", [*NUMBERS, "bool"])
@pytest.mark.parametrize("lanes", [1, 8])
def test_casts_are_those_of_numpy(agree, pairs, source, lanes):
    """Between all dtypes: truncated, wrapped around, rounded, or not 0."""
    x = pairs(source)[0]
    targets = [*NUMBERS, "bool"]
    if source in FLOATS:
        agree({t: lambda xp, x, t=t: x.astype(t) for t in FLOATS}, [x], lanes)
        targets = [*INTEGERS, "bool"]
        x = np.array([0.0, -0.0, 0.9, -0.9, 1.5, 126.7, -128.9], source)
        x = x if lanes == 1 else np.tile(x, 3)
    formulas = {t: lambda xp, x, t=t: x.astype(t) for t in targets}
    if source in FLOATS:
        del formulas["uint8"]  # of a negative float, C leaves it open
    agree(formulas, [x], lanes)


@pytest.mark.parametrize("dtype", FLOATS)
def test_what_no_integer_can_hold_becomes_the_smallest(compiled, dtype):
    """Of 32 bits, or of 64; narrower integers keep its low bits."""
    x = np.array([np.inf, -np.inf, np.nan, 1e20, -1e20], dtype)
    targets = ("int32", "int64", "int16", "int8", "uint8")
    made = compiled({t: lambda xp, x, t=t: x.astype(t) for t in targets}, [dtype], 4)
    for target, smallest in zip(targets, (-(2**31), -(2**63), 0, 0, 0), strict=True):
        assert [smallest] * 5 == made[target](x).tolist()


def test_a_scalar_register_meets_a_vector_in_every_lane(compiled):
    """One number, known now or at run time, beside many."""

    def formula(xp, x):
        one = xp.register(xp.loops.function.args[0], "int64").astype("float32")
        two = xp.constant(2.0, "float32", lanes=1)
        return x * (one + two) + xp.where(one > 3.0, x, two)

    made = compiled({"f": formula}, ["float32"], 4)["f"]
    x = np.arange(8, dtype="float32")
    np.testing.assert_array_equal(x * 10 + x, made(x))  # args[0] is the size, 8


def test_a_multiply_and_add_rounds_once(compiled):
    """fma keeps the digits that a product alone loses, and `product` loses them."""
    x = np.array([1.0 + 2.0**-12], "float32")
    formulas = {
        "fma": lambda xp, x: xp.fma(x, x, -1.0),
        "product": lambda xp, x: xp.product(x, x) - 1.0,
    }
    made = compiled(formulas, ["float32"], 1)
    assert 2.0**-11 + 2.0**-24 == made["fma"](x)[0]
    assert 2.0**-11 == made["product"](x)[0]


def test_no_liberty_is_taken_with_floats(words, x):
    """The only flag is the one that joins a product and a sum."""
    words.tanh(words.log(x * x + 1.0) / x - words.exp(-x)) ** x
    text = str(words.loops.module)
    assert "fmul contract" in text
    for flag in ("fast", "nnan", "ninf", "nsz", "arcp", "reassoc", "afn"):
        assert f" {flag} " not in text


@pytest.mark.parametrize(
    ("error", "text", "formula"),
    [
        (InputTypeError, "0.5 cannot become int32", lambda xp, x, i: i * 0.5),
        (InputTypeError, "cannot meet str", lambda xp, x, i: x + "1"),
        (InputTypeError, "cannot meet float32", lambda xp, x, i: x + np.float32(1)),
        (DtypeError, "float32 and int32 cannot meet", lambda xp, x, i: x + i),
        (DtypeError, "exp computes with floats", lambda xp, x, i: xp.exp(i)),
        (DtypeError, "does not compute with booleans", lambda xp, x, i: -(x > 0)),
        (DtypeError, "does not compute with booleans", lambda xp, x, i: (x > 0) - True),
        (DtypeError, "sign does not compute", lambda xp, x, i: xp.sign(x > 0)),
        (DtypeError, "not known while", lambda xp, x, i: 1 if x > 0 else 2),
        (DtypeError, "does not fit into int32", lambda xp, x, i: i + 2**40),
        (DtypeError, "float16", lambda xp, x, i: x.astype("float16")),
    ],
)
def test_what_cannot_be_said_is_refused(words, x, i, error, text, formula):
    """Kinds of numbers that do not go together, and questions to a register."""
    with pytest.raises(error, match=text):
        formula(words, x, i)


def test_a_register_knows_what_it_holds(words, x):
    """Its dtype, its lanes, and its number where that is known."""
    assert ("float32", 1, None) == (x.dtype, x.lanes, x.number)
    assert "Register(bool x 1)" == repr(x > 0)
    two = words.constant(2, "float64")
    assert isinstance(two, Register)
    assert ("float64", 4, 2.0) == (two.dtype, two.lanes, two.number)
    assert two is words.constant(2.0, "float64")
    assert 4 == words.splat(x).lanes
    with pytest.raises(TypeError):
        hash(x)


def test_a_boolean_is_a_bit_in_registers_and_a_byte_in_memory():
    """The two types of a dtype differ only there."""
    assert ("i1", "i8") == (str(llvm_type("bool")), str(memory_type("bool")))
    assert "<8 x i8>" == str(memory_type("bool", 8)) == str(llvm_type("int8", 8))
