"""The scalar dialect: each word on floats is NumPy's word on float64."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import seegrad as sg
import seegrad.value
from seegrad import Value, where
from seegrad.backpropagation import cotangents
from seegrad.scalar import Scalar, by_numpy, compute, walk

FLOATS = st.floats(allow_nan=True, allow_infinity=True)
WORDS = [name for name in vars(Scalar) if not name.startswith("_")]
ONE = {"exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tanh", "floor", "isnan"}
ONE |= {"absolute", "sign"}
TWO = {"power", "copysign", "maximum", "minimum"}


def near(expected, actual):
    """Equal, or both NaN, or apart by the last digits of another library."""
    expected, actual = float(expected), float(actual)
    return (math.isnan(expected) and math.isnan(actual)) or math.isclose(
        expected, actual, rel_tol=1e-14, abs_tol=5e-323
    )


def test_every_word_is_tested_here():
    """A new word needs its place in one of the sets."""
    assert ONE | TWO | {"erf", "where"} == set(WORDS)  # NumPy has no erf


@given(FLOATS)
def test_words_of_one_number_say_what_numpy_says(x):
    """Through `compute`, which asks NumPy where Python raises."""
    with np.errstate(all="ignore"):
        for word in ONE:
            expected = getattr(np, word)(np.float64(x))
            actual = compute(lambda xp, x, w=word: getattr(xp, w)(x), (x,), {})
            assert near(expected, actual), (word, x)


@given(FLOATS, FLOATS)
def test_words_of_two_numbers_say_what_numpy_says(x, y):
    """NaN wins in maximum and minimum."""
    with np.errstate(all="ignore"):
        for word in TWO:
            expected = getattr(np, word)(np.float64(x), np.float64(y))
            actual = compute(lambda xp, *a, w=word: getattr(xp, w)(*a), (x, y), {})
            assert near(expected, actual), (word, x, y)


def test_where_chooses():
    """By the truth of a number or of a boolean."""
    assert (1.0, 2.0) == (Scalar.where(True, 1.0, 2.0), Scalar.where(0.0, 1.0, 2.0))


@pytest.mark.parametrize(
    ("forward", "args", "expected"),
    [
        (lambda xp, x: 1.0 / x, (0.0,), math.inf),
        (lambda xp, x: xp.exp(x), (1000.0,), math.inf),
        (lambda xp, x: xp.log(x), (0.0,), -math.inf),
        (lambda xp, x: xp.sqrt(x), (-1.0,), math.nan),
        (lambda xp, x: xp.sin(x), (math.inf,), math.nan),
    ],
)
def test_where_python_raises_the_answer_is_that_of_ieee_754(forward, args, expected):
    """And there is no warning."""
    assert near(expected, compute(forward, args, {}))


def test_results_are_python_floats():
    """Whatever NumPy returned."""
    assert float is type(by_numpy(np.add, (1.0, 2.0), {}))
    assert float is type(compute(lambda xp, x, scale: x > scale, (1.0,), {"scale": 0}))


def a_program(numbers, choices):
    """A scalar program: each choice makes a new Value of two that are there."""
    values = [Value(x) for x in numbers]
    leaves = list(values)
    for i, (kind, first, second) in enumerate(choices):
        x, y = values[first % len(values)], values[second % len(values)]
        made = [
            x + y,
            x * y,
            x - y,
            x.tanh() * y,
            (x - 0.5).relu() + y,
            x / (y * y + 1),
        ]
        values.append(made[kind] if i % 7 else where(x > y, x, y).clamp(max=2.0))
    out = values[-1]
    for x in values[:-1]:
        out = out + x
    return out, leaves


@given(
    st.lists(st.floats(-3, 3), min_size=2, max_size=4),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0), st.integers(0)), max_size=12),
)
def test_the_quick_walk_gives_the_bits_of_the_general_one(numbers, choices):
    """Two loops, one result, whatever the program."""
    out, leaves = a_program(numbers, choices)
    quick = cotangents(out, 1.0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seegrad.value, "walk", lambda results, grads: None)
        general = cotangents(out, 1.0)

    assert {x: g.hex() for x, g in general.items()} == {
        x: g.hex() for x, g in quick.items()
    }
    assert set(leaves) <= set(quick)


def test_the_quick_walk_leaves_the_unusual_to_the_general_one():
    """Python refuses 1/0; the quick walk gives up, and the answer is infinity."""
    x = Value(0.0)
    out = x.sqrt()

    assert walk([out], {out: 1.0}) is None
    out.backward()
    assert math.inf == x.grad


@given(st.lists(st.sampled_from("+-*/tes"), min_size=1, max_size=20), FLOATS)
def test_the_walk_for_floats_gives_what_the_general_walk_gives(steps, number):
    """To the last bit, whatever was computed; or it leaves it to the general one."""
    x = sg.Value(number)
    out = x
    for step in steps:
        out = {
            "+": lambda out: out + x,
            "-": lambda out: 2.0 - out,
            "*": lambda out: out * x,
            "/": lambda out: out / (x * x + 1.0),
            "t": lambda out: out.tanh(),
            "e": lambda out: (-out * out).exp(),
            "s": lambda out: sg.where(out > 0.5, out.sin(), x),
        }[step](out)
    if out is x:
        return
    expected = slowly(out).get(x)
    out.backward()
    assert expected == x.grad or (math.isnan(expected) and math.isnan(x.grad))


def slowly(out):
    """The gradients by the general walk, as numbers."""
    grads = cotangents(out, sg.Value(1.0, requires_grad=False), graph=True)
    return {node: g.data for node, g in grads.items()}


@pytest.mark.parametrize(
    "make",
    [
        lambda x: sg.sqrt(x * 0.0),  # its slope divides by zero
        lambda x: sg.where(x > 0, x.detach() * 0.0 + x, x),
        lambda x: (x * 0.0) ** -1.0,
    ],
)
def test_what_is_out_of_the_ordinary_is_left_to_the_general_walk(make):
    """And comes out right all the same."""
    x = sg.Value(2.0)
    out = make(x)
    out.backward()
    expected = slowly(out)[x]
    assert expected == x.grad or (math.isnan(expected) and math.isnan(x.grad))


def test_a_word_that_is_not_in_the_vocabulary_is_named():
    """The nearest words are listed; Python's own questions get Python's answer."""
    with pytest.raises(sg.errors.InputTypeError, match=r"called 'exp2'.*\n.*'exp'"):
        Scalar.exp2
    assert not hasattr(Scalar, "__wrapped__")
