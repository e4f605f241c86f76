"""Tensors of different dtypes together, beside the table of test_reference."""

import numpy as np
import pytest

import seegrad as sg
from seegrad.promotion import mixed, weak_array


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("number", [2, 2.5, True, np.float64(2.5), np.int8(2), 10**30])
def test_a_number_takes_the_dtype_of_floats_it_meets(number, dtype):
    """It never widens them, however wide it is itself."""
    expected = "bool" if number is True else dtype
    assert expected == weak_array(number, [np.zeros(3, dtype)]).dtype


def test_a_float_beside_integers_is_the_default_float():
    """As in PyTorch: integers do not swallow a fraction."""
    assert sg.float32 == (sg.tensor([1, 2]) * 2.5).dtype
    assert sg.int64 == (sg.tensor([True]) + 2).dtype
    assert sg.int8 == (sg.tensor([1], dtype=sg.int8) + 2).dtype


@pytest.mark.parametrize(("number", "dtype"), [(300, "int8"), (-1, "uint8")])
def test_a_number_that_does_not_fit_is_refused(number, dtype):
    """Nothing wraps around in silence."""
    with pytest.raises(sg.errors.DtypeError, match="does not fit into") as caught:
        sg.ones(2, dtype=dtype) + number
    assert "x.to(sg.int64) first" == caught.value.hint


@pytest.mark.parametrize("number", [2j, np.complex64(1), np.datetime64("2020-01-01")])
def test_a_number_that_is_not_real_is_refused(number):
    """Complex numbers and dates do not compute with tensors."""
    with pytest.raises((sg.errors.DtypeError, sg.errors.InputTypeError)):
        sg.ones(2) + number


def test_gradients_pass_through_the_cast_in_the_dtype_of_their_input():
    """float32 and float64 make float64; each gradient has its own input's dtype."""
    x = sg.tensor(np.float32([1.0, 2.0]), requires_grad=True)
    y = sg.tensor(np.float64([3.0, 4.0]), requires_grad=True)
    out = x * y
    assert sg.float64 == out.dtype
    out.sum().backward()
    assert (sg.float32, sg.float64) == (x.grad.dtype, y.grad.dtype)
    assert [3.0, 4.0] == x.grad.tolist()


def test_an_integer_factor_needs_no_gradient():
    """And does not stop that of the other factor."""
    x, n = sg.ones(2, requires_grad=True), sg.tensor([2, 3])
    (x * n).sum().backward()
    assert [2.0, 3.0] == x.grad.tolist()
    assert n.grad is None


def test_the_condition_of_where_stays_out_of_promotion():
    """A float64 condition does not widen float32 branches."""
    condition = sg.tensor(np.float64([1.0, 0.0]))
    assert sg.float32 == sg.where(condition, sg.ones(2), sg.zeros(2)).dtype


def test_shapes_that_do_not_fit_are_named():
    """Both, and the rule that they break."""
    with pytest.raises(sg.errors.ShapeError) as caught:
        sg.ones((2, 3)) + sg.ones((3, 2))
    assert caught.value.what.startswith("add cannot bring (2, 3) and (3, 2) together")
    assert "x.unsqueeze(dim)" in caught.value.hint


def test_an_axis_is_counted_from_the_right_and_integers_are_floats_where_needed():
    """Division and functions give floats; a float setting does so too."""
    whole = sg.tensor([1, 2])
    assert sg.float32 == (whole / 2).dtype == sg.exp(whole).dtype
    assert sg.float32 == whole.clamp(min=1.5).dtype
    assert sg.int64 == whole.clamp(min=1).dtype


def test_a_number_beyond_the_dtype_is_infinite_without_a_warning():
    """1e300 is no float32."""
    assert [float("inf")] * 2 == (sg.ones(2) * 1e300).tolist()
    x = sg.ones(1)
    x.assign([1e300])
    assert [float("inf")] == x.tolist()


def test_positions_are_no_reason_to_cast():
    """What an op keeps as it is has no say in the dtype of the rest."""
    numbers, places = np.zeros(2, np.float32), np.zeros(2, np.int64)
    assert not mixed(sg.ops.lookups.gather_, [numbers, places], {})
    assert mixed(sg.add, [numbers, places], {})
    assert mixed(sg.exp, [places], {})
