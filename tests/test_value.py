"""Value: one float with a history, and nothing that a float would not do."""

import math
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import seegrad as sg
from seegrad.errors import InputTypeError, ShapeError
from seegrad.value import Value

NUMBERS = st.floats(-100.0, 100.0)


def test_the_example_of_the_readme_of_micrograd():
    """The numbers that its author prints: g is 24.7041, and two gradients."""
    a, b = Value(-4.0), Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    assert ("24.7041", "138.8338", "645.5773") == (
        f"{g.data:.4f}",
        f"{a.grad:.4f}",
        f"{b.grad:.4f}",
    )


@given(NUMBERS, NUMBERS)
def test_operators_compute_as_floats_do(x, y):
    """On two Values, and with a plain number on either side."""
    a, b = Value(x), Value(y)
    for left, right in ((a, b), (a, y), (x, b)):
        assert x + y == (left + right).data
        assert x - y == (left - right).data
        assert x * y == (left * right).data
        assert float(x < y) == (left < right).data
        assert float(x <= y) == (left <= right).data
        assert float(x > y) == (left > right).data
        assert float(x >= y) == (left >= right).data
        assert float(x == y) == (left == right).data
        assert float(x != y) == (left != right).data
        if y:
            assert x / y == (left / right).data
    assert (-x, abs(x)) == ((-a).data, abs(a).data)


@pytest.mark.parametrize(
    ("name", "expected", "slope"),
    [
        ("relu", 2.0, 1.0),
        ("tanh", math.tanh(2.0), 1.0 - math.tanh(2.0) ** 2),
        ("exp", math.exp(2.0), math.exp(2.0)),
        ("log", math.log(2.0), 0.5),
        ("sigmoid", 1 / (1 + math.exp(-2.0)), 0.10499358540350662),
        ("sin", math.sin(2.0), math.cos(2.0)),
        ("cos", math.cos(2.0), -math.sin(2.0)),
        ("sqrt", math.sqrt(2.0), 0.5 / math.sqrt(2.0)),
        ("abs", 2.0, 1.0),
    ],
)
def test_functions_are_methods_with_their_slopes(name, expected, slope):
    """Against the formulas of the textbook."""
    x = Value(2.0)
    out = getattr(x, name)()
    out.backward()
    assert math.isclose(expected, out.data)
    assert math.isclose(slope, x.grad)


@pytest.mark.parametrize(
    "number", [2, True, np.float32(2.5), np.int8(3), np.array(1.5)]
)
def test_every_kind_of_single_number_becomes_a_float(number):
    """NumPy's numbers and 0-d arrays too; the data is always a Python float."""
    x = Value(number)
    assert float(number) == x.data
    assert float is type(x.data) is type((x * 2).data) is type((number * x).data)


@pytest.mark.parametrize(
    ("thing", "kind", "hint"),
    [
        ("2", "str", "sg.tensor"),
        ([1.0], "list", "sg.tensor"),
        (np.ones(2), "ndarray", "sg.tensor"),
        (None, "NoneType", "x is None"),
        (1j, "complex", "a plain float"),
        (np.complex64(1), "complex64", "a plain float"),
        (10**400, "too large", "1.7e308"),
    ],
)
def test_what_is_not_one_number_is_refused(thing, kind, hint):
    """At construction, in an expression, and as new data."""
    x = Value(1.0)
    for use in (
        lambda: Value(thing),
        lambda: x + thing,
        lambda: thing * x,
        lambda: x.assign(thing),
    ):
        with pytest.raises(InputTypeError) as caught:
            use()
        assert kind in caught.value.what
        assert hint in caught.value.hint
    assert 1.0 == x.data


def test_a_value_reads_as_its_number():
    """float, int, bool, item, format, sorting and Python's own sum and max."""
    x = Value(2.5)
    assert (2.5, 2, True, 2.5) == (float(x), int(x), bool(x), x.item())
    assert ("2.50", "Value(data=2.5, grad=None)") == (f"{x:.2f}", f"{x}")
    assert not Value(0.0)
    assert [1.0, 2.5] == [v.data for v in sorted([x, Value(1.0)])]
    assert 5.0 == sum([x, x]).data
    assert max([Value(1.0), x]) is x


def test_the_representation_shows_data_gradient_and_name():
    """As much as a learner wants to see."""
    x = Value(2.0, name="w")
    (x * 3.0).backward()
    assert "Value(data=2.0, grad=3.0, name='w')" == repr(x)


def test_a_value_needs_a_gradient_unless_told_otherwise():
    """requires_grad=False makes a constant."""
    assert Value(1.0).requires_grad
    constant = Value(1.0, requires_grad=False)
    assert (False, None) == ((constant * 2.0).requires_grad, (constant * 2.0).op)


@pytest.mark.parametrize(
    "call",
    [
        sg.sum,
        lambda x: x.mean(),
        lambda x: x.std(),
        lambda x: x.max(),
        lambda x: x.T,
        lambda x: x.softmax(0),
        lambda x: x.reshape((1,)),
        lambda x: x.flatten(),
        lambda x: x.unsqueeze(0),
        lambda x: x.to(sg.float32),
        lambda x: x[0],
        list,
        lambda x: x @ x,
        lambda x: sg.stack([x, x]),
        lambda x: sg.concatenate([x, x]),
        lambda x: sg.broadcast_to(x, (2,)),
    ],
)
def test_what_needs_axes_is_refused_with_the_way_to_a_tensor(call):
    """A Value is one number."""
    with pytest.raises(InputTypeError, match="Value") as caught:
        call(Value(1.0))
    assert "sg.tensor(" in caught.value.hint


def test_infinite_and_undefined_results_are_numbers():
    """As IEEE 754 has it, and no exception of Python's float."""
    assert math.inf == (1.0 / Value(0.0)).data
    assert math.isnan((Value(0.0) / 0.0).data)
    assert math.isnan((Value(-1.0) ** 0.5).data)
    assert math.inf == Value(1000.0).exp().data
    assert -math.inf == Value(0.0).log().data
    x = Value(0.0)
    x.sqrt().backward()
    assert math.inf == x.grad


def test_a_negative_base_has_real_slopes():
    """Python's (-1.0) ** 0.5 is complex; ours is NaN, and (-8.0) ** 3 is -512."""
    x = Value(-8.0)
    (x**3).backward()
    assert 192.0 == x.grad
    y = Value(-8.0)
    (y**0.5).backward()
    assert math.isnan(y.grad)


def test_comparing_ends_the_flow_of_gradients():
    """A step has no slope."""
    assert not (Value(1.0) < Value(2.0)).requires_grad


def test_a_rule_that_returns_several_numbers_is_refused():
    """The engine asks for one number per input."""
    with pytest.raises(ShapeError, match="where one number was expected") as caught:
        Value.fit((1.0, 2.0), Value(1.0))
    assert "g * y" in caught.value.hint
    assert 1.0 == Value.fit(1, Value(1.0))


def test_a_value_is_small():
    """Slots, no dictionary: a network of single numbers has many of them."""
    assert not hasattr(Value(1.0), "__dict__")
    assert sys.getsizeof(Value(1.0)) < 160


def test_functions_of_numpy_keep_the_graph():
    """np.exp of a Value is a Value; what has no op is refused."""
    x = Value(0.0)
    out = np.exp(x) + np.float64(2.0) * x

    out.backward()

    assert 3.0 == x.grad
    with pytest.raises(InputTypeError, match=r"np\.arctan"):
        np.arctan(x)


def test_plus_x_is_x_itself():
    """The sign that changes nothing makes no node."""
    x = Value(2.0)
    assert x is +x


@pytest.mark.parametrize("kind", [sg.Value, sg.tensor])
def test_requires_grad_is_true_or_false(kind):
    """A word in its place is a mistake, not a yes."""
    with pytest.raises(sg.errors.ArgumentError, match="not 'yes'"):
        kind(1.0, requires_grad="yes")
