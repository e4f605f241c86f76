"""Kinds of numbers: their names, what two of them make, what a tensor is made of."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import seegrad as sg
from seegrad.dtypes import KNOWN, as_array, checked, is_float, numbers, result_dtype
from seegrad.errors import DtypeError, InputTypeError


@pytest.mark.parametrize("dtype", KNOWN, ids=str)
def test_a_dtype_is_known_by_name_by_numpy_and_in_any_byte_order(dtype):
    """All of them mean the native dtype."""
    for given_as in (dtype.name, dtype.type, dtype, dtype.newbyteorder(">")):
        assert dtype is checked(given_as) or dtype == checked(given_as)
        assert checked(given_as).isnative


@pytest.mark.parametrize("dtype", ["complex64", "uint16", "datetime64[s]", "O", "U3"])
def test_dtypes_we_do_not_compute_with_are_named(dtype):
    """With the list of those that we do."""
    with pytest.raises(DtypeError, match="does not compute with") as caught:
        checked(dtype)
    assert caught.value.hint.startswith("one of float16, float32")


@pytest.mark.parametrize("dtype", ["flot32", "bfloat16", 3.5, object()])
def test_what_is_no_dtype_at_all_is_refused(dtype):
    """As a misspelt name."""
    with pytest.raises(DtypeError) as caught:
        checked(dtype)
    assert caught.value.hint.startswith("one of float16")


@given(st.lists(st.tuples(st.sampled_from(KNOWN), st.booleans()), min_size=1))
def test_promotion_does_not_depend_on_order(kinds):
    """The highest category wins; axes count within it; any order gives the same."""
    arrays = [np.ones((2,) if axes else (), dtype) for dtype, axes in kinds]
    made = result_dtype(arrays)
    assert made == result_dtype(arrays[::-1])
    assert is_float(made) == any(is_float(dtype) for dtype, _ in kinds)


@given(hnp.arrays(st.sampled_from(KNOWN), hnp.array_shapes(min_dims=0, min_side=0)))
def test_an_array_is_copied_with_its_dtype(array):
    """Never a view of the caller's memory, always native and contiguous."""
    made = as_array(array)
    assert (array.dtype, array.shape) == (made.dtype, made.shape)
    assert not np.shares_memory(array, made)
    assert made.flags.c_contiguous
    np.testing.assert_array_equal(array, made)


def test_python_floats_become_float32_and_numpy_keeps_its_dtype():
    """Who writes 1.5 asks for a number; who passes a float64 array asks for float64."""
    for data in (1.5, [1.5], [[1.5, 2]], (1, 2.5), []):
        assert sg.float32 == as_array(data).dtype
    for data in (np.float64(1.5), np.array([1.5]), [np.float64(1.5)], [np.ones(2)]):
        assert sg.float64 == as_array(data).dtype
    assert (sg.int64, sg.bool_) == (as_array([1, 2]).dtype, as_array(True).dtype)


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        ("a", DtypeError, "of str"),
        (["a", "b"], DtypeError, "of list"),
        (None, DtypeError, "of NoneType"),
        ({}, DtypeError, "of dict"),
        ([None, 1.0], DtypeError, "of list"),
        (1j, DtypeError, "complex128"),
        (np.array([1j]), DtypeError, "complex128"),
        (10**30, DtypeError, "of int"),
        (np.array(["2020-01-01"], "datetime64[D]"), DtypeError, "datetime64"),
        (sg.Value(1.0), DtypeError, "of Value"),
        ([sg.Value(1.0)], DtypeError, "object"),
        ([[1.0], [1.0, 2.0]], InputTypeError, "inhomogeneous"),
        (np.ones(2, np.uint16), DtypeError, "uint16"),
        (np.ones(2, np.longdouble), DtypeError, "float"),
    ],
    ids=str,
)
@pytest.mark.parametrize("dtype", [None, "float32"])
def test_what_is_not_real_numbers_cannot_be_a_tensor(data, error, words, dtype):
    """Text, objects, complex numbers and ragged lists, whatever dtype is asked for."""
    if dtype and words in ("uint16", "float"):
        assert dtype == sg.tensor(data, dtype=dtype).dtype  # cast to one we have
        return
    with pytest.raises(error, match=words) as caught:
        sg.tensor(data, dtype=dtype)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("data", "dtype"),
    [([300], "int8"), ([-1], "uint8"), ([float("nan")], "int64"), ([1e30], "int64")],
)
def test_numbers_that_an_integer_cannot_hold_are_refused(data, dtype):
    """NumPy would wrap them around, or make NaN the smallest integer."""
    with pytest.raises(DtypeError, match="do not fit into") as caught:
        sg.tensor(data, dtype=dtype)
    assert "a wider dtype, or sg.float32" == caught.value.hint


def test_floats_are_cut_to_integers_on_request():
    """As PyTorch does; and a float beyond float32 is infinite, without a warning."""
    assert [1, -1] == sg.tensor([1.9, -1.9], dtype=sg.int64).tolist()
    assert [float("inf")] == sg.tensor([1e300]).tolist()


def test_numbers_are_checked_but_keep_their_dtype():
    """The name of what was to be made is in the error."""
    assert np.float64 == numbers([1.5]).dtype
    with pytest.raises(DtypeError, match="cannot make the gradient of str"):
        numbers("a", "the gradient")
