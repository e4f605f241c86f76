"""Every elementwise op against NumPy, and on one float exactly as on an array.

The table names every elementwise op, so an op without a reference fails here. Value
and Tensor must agree to the last digit that two libraries of functions share, at
ordinary numbers and where IEEE 754 has the last word.
"""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import seegrad as sg
from seegrad.op import REGISTRY


def gelu(x, approximate):
    """Half of x, times 1 + erf(x / sqrt(2)) or the tanh that is close to it."""
    if approximate == "tanh":
        return 0.5 * x * (1.0 + np.tanh((2 / np.pi) ** 0.5 * (x + 0.044715 * x**3)))
    return 0.5 * x * (1.0 + NUMPY["erf"](x / 2**0.5))


NUMPY = {
    "abs": np.abs,
    "add": np.add,
    "alias": lambda x: x,
    "cast": lambda x, dtype: x.astype(dtype),
    "clamp": lambda x, **bounds: np.clip(x, bounds.get("min"), bounds.get("max")),
    "cos": np.cos,
    "detach": lambda x: x,
    "div": np.divide,
    "eq": np.equal,
    "erf": np.vectorize(math.erf, otypes=[float]),
    "exp": np.exp,
    "expm1": np.expm1,
    "ge": np.greater_equal,
    "gelu": lambda x, approximate="none": gelu(x, approximate),
    "gt": np.greater,
    "le": np.less_equal,
    "log": np.log,
    "log1p": np.log1p,
    "lt": np.less,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "mul": np.multiply,
    "ne": np.not_equal,
    "neg": np.negative,
    "pow": np.power,
    "relu": lambda x: np.where(x > 0, x, 0.0),
    "sigmoid": lambda x: 1.0 / (1.0 + np.exp(-x)),
    "sign": np.sign,
    "silu": lambda x: x / (1.0 + np.exp(-x)),
    "sin": np.sin,
    "softplus": lambda x: np.logaddexp(0.0, x),
    "sqrt": np.sqrt,
    "sub": np.subtract,
    "tanh": np.tanh,
    "where": np.where,
}
ELEMENTWISE = [
    op
    for op in sorted(REGISTRY.values(), key=lambda op: op.name)
    if op.kind == "elementwise" and op.__module__.startswith("seegrad.ops")
]
SINGLE = [op for op in ELEMENTWISE if op.at]
SPECIAL = [0.0, -0.0, math.inf, -math.inf, math.nan, 1e-300, 1e300, -1e300]
SPECIAL += [1.0, -1.0, 2.0, -2.25, 0.25, 750.0, -750.0]


def digits(x, y, slope=False):
    """Equal to 4 units in the last place, or both NaN, or the same infinity.

    A slope such as 1 - tanh(x)**2 loses a few digits, so it is held to absolute ones,
    and so is gelu, which is x (1 + erf(x / sqrt(2))) / 2.
    """
    if math.isnan(x) or math.isnan(y):
        return math.isnan(x) and math.isnan(y)
    tiny = 2.0**-51 if slope else 5e-323
    return x == y or math.isclose(x, y, rel_tol=4 * 2.0**-52, abs_tol=tiny)


def agree(op, numbers):
    """Assert that a Value and a 0-d Tensor compute the same from these numbers."""
    scalar, array = both(op, numbers)
    for i, (x, y) in enumerate(zip(scalar, array, strict=True)):
        assert digits(x, y, i > 0 or op.name == "gelu"), (op, numbers, scalar, array)


@pytest.mark.parametrize("op", ELEMENTWISE, ids=str)
def test_every_op_equals_numpy_on_all_its_samples(op):
    """The forward against an independent one."""
    from seegrad.samples import calls

    for arrays, settings in calls(op):
        expected = NUMPY[op.name](*arrays, **settings)
        np.testing.assert_allclose(op(*arrays, **settings), expected, rtol=1e-14)


@pytest.mark.parametrize("op", SINGLE, ids=str)
def test_the_example_point_is_inside_the_domain_and_smooth(op):
    """`at` is honest: defined, finite, and with the slope that differences find."""
    out = op(*(sg.Value(x) for x in op.at))
    assert math.isfinite(out.data)
    assert digits(float(NUMPY[op.name](*map(np.float64, op.at))), out.data)
    if op.differentiable:
        sg.check.gradients(op, *op.at)


def both(op, numbers):
    """The result and the gradients of an op on Values, and on 0-d Tensors."""
    results = []
    for make in (
        sg.Value,
        lambda x: sg.tensor(np.float64(x), requires_grad=True),
    ):
        inputs = [make(x) for x in numbers]
        out = op(*inputs)
        if out.requires_grad:
            out.backward()
        grads = [0.0 if x.grad is None else float(x.grad) for x in inputs]
        results.append([float(out.data), *grads])
    return results


def points(count):
    """Every special number, and every pair, or some triples."""
    if count == 1:
        return [(x,) for x in SPECIAL]
    pairs = [(x, y) for x in SPECIAL for y in SPECIAL]
    return pairs if count == 2 else [(float(x > 0), x, y) for x, y in pairs]


@pytest.mark.parametrize("op", SINGLE, ids=str)
def test_a_value_and_a_tensor_agree_at_special_numbers(op):
    """Zeros, infinities, NaN, the smallest and the largest: results and gradients."""
    for numbers in points(len(op.input_names)):
        agree(op, numbers)


@given(
    x=st.floats(allow_nan=True, allow_infinity=True),
    y=st.floats(allow_nan=True, allow_infinity=True),
)
def test_a_value_and_a_tensor_agree_at_any_numbers(x, y):
    """Whatever two floats hypothesis finds."""
    roots = {0.5, 1.5, -0.5}  # NumPy takes square roots here
    assume(x != -math.inf or y not in roots)
    for op in SINGLE:
        agree(op, (1.0, x, y)[-len(op.input_names) :])


@given(st.floats(-30.0, 30.0), st.floats(-30.0, 30.0))
def test_settings_reach_a_value_as_they_reach_a_tensor(x, bound):
    """clamp is the elementwise op with settings that a Value has."""
    expected = float(np.minimum(np.maximum(x, -1.0), bound))
    assert expected == sg.clamp(sg.Value(x), -1.0, bound).data
    assert expected == sg.clamp(sg.tensor(np.float64(x)), -1.0, bound).item()
    assert expected == sg.clamp(x, -1.0, bound)


def test_clamp_refuses_bounds_that_are_not_numbers():
    """Bounds are settings, not inputs: no gradient could reach them."""
    for bound in ("a", sg.tensor(0.0), np.zeros(3)):
        with pytest.raises(sg.errors.InputTypeError, match="bounds are numbers") as e:
            sg.ones(3).clamp(min=bound)
        assert "sg.maximum" in e.value.hint


def test_a_number_of_numpy_as_a_bound_does_not_widen():
    """np.float64(0) is a float64, and clamp keeps float32 all the same."""
    assert sg.float32 == sg.ones(3).clamp(np.float64(0.5), np.float64(2.0)).dtype


def test_integers_to_negative_powers_are_refused():
    """1 / 2 is not an integer."""
    with pytest.raises(sg.errors.DtypeError, match="negative integer powers") as caught:
        sg.tensor([2]) ** -1
    assert "x.to(sg.float32)" in caught.value.hint


@pytest.mark.parametrize("name", ["neg", "sign"])
def test_booleans_are_not_negated(name):
    """NumPy refuses, and so do we, in our own words."""
    with pytest.raises(sg.errors.DtypeError, match="booleans") as caught:
        getattr(sg, name)(sg.tensor([True]))
    assert "x.to(sg.float32) first" == caught.value.hint
