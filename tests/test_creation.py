"""Tensors made from nothing."""

import numpy as np
import pytest

import seegrad as sg
from seegrad.errors import ArgumentError, DtypeError, InputTypeError, ShapeError

MAKERS = [sg.zeros, sg.ones, sg.rand, sg.randn]


@pytest.mark.parametrize("make", MAKERS)
def test_a_shape_is_one_tuple_or_several_numbers(make):
    """As in PyTorch; () is a single number, and a length may be 0."""
    assert (2, 3) == make(2, 3).shape == make((2, 3)).shape == make([2, 3]).shape
    assert (3,) == make(3).shape == make((3,)).shape == make(np.int64(3)).shape
    assert ((), (0, 3)) == (make(()).shape, make(0, 3).shape)


@pytest.mark.parametrize("make", [*MAKERS, lambda *shape: sg.full(shape, 1.0)])
@pytest.mark.parametrize("shape", [(-1,), (2.5,), ("a",), (True,), (2, None), (-1, 2)])
def test_a_shape_that_cannot_be_is_refused(make, shape):
    """Whole numbers from 0 up, and nothing else."""
    with pytest.raises(ShapeError, match="whole numbers from 0 up") as caught:
        make(*shape)
    assert "as in (2, 3)" == caught.value.hint


@pytest.mark.parametrize("shape", [(10**9, 10**9), (10**10, 10**10)])
def test_a_shape_beyond_all_memory_is_refused_at_once(shape):
    """Before anything is allocated."""
    with pytest.raises(ShapeError, match="does not fit into memory") as caught:
        sg.zeros(shape)
    assert "4 bytes a number" in caught.value.hint


def test_numbers_and_dtypes():
    """float32 unless told otherwise."""
    assert [[7.0, 7.0]] == sg.full((1, 2), 7).tolist()
    assert ([0.0], [1.0]) == (sg.zeros(1).tolist(), sg.ones(1).tolist())
    for make in MAKERS:
        assert sg.float32 == make(2).dtype
        assert sg.float64 == make(2, dtype=sg.float64).dtype
    assert sg.int64 == sg.ones(2, dtype="int64").dtype
    assert sg.zeros(2, requires_grad=True).requires_grad


def test_alike_tensors():
    """The shape and dtype of another, and no history of it."""
    x = sg.ones((2, 3), dtype=sg.float64, requires_grad=True)
    assert (np.zeros((2, 3)) == sg.zeros_like(x).data).all()
    assert (sg.float64, False) == (sg.ones_like(x).dtype, sg.ones_like(x).requires_grad)


def test_ranges():
    """Integers count in int64, floats in float32."""
    assert ([0, 1, 2], sg.int64) == (sg.arange(3).tolist(), sg.arange(3).dtype)
    assert [5, 3, 1] == sg.arange(5, 0, -2).tolist()
    assert (sg.float32, [0.0, 0.5]) == (
        sg.arange(0.0, 1.0, 0.5).dtype,
        sg.arange(0.0, 1.0, 0.5).tolist(),
    )
    assert [0.0, 0.5, 1.0] == sg.linspace(0, 1, 3).tolist()
    assert [] == sg.linspace(0, 1, 0).tolist()
    assert [[1.0, 0.0], [0.0, 1.0]] == sg.eye(2).tolist()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (sg.arange, ArgumentError, "from one number to another"),
        (lambda: sg.arange("a"), ArgumentError, "from one number to another"),
        (lambda: sg.arange(1, 2, 3, 4), ArgumentError, "from one number to another"),
        (lambda: sg.arange(0, 1, 0), ArgumentError, "a step of 0"),
        (lambda: sg.linspace(0, 1, -1), ArgumentError, "steps must be 0 or more"),
        (lambda: sg.linspace(0, 1, 2.5), InputTypeError, "whole number, not 2.5"),
        (lambda: sg.eye(-1), ArgumentError, "n must be 0 or more"),
        (lambda: sg.full(2, "a"), DtypeError, "cannot make a tensor of str"),
        (lambda: sg.zeros(2, dtype="flot32"), DtypeError, "is not a dtype"),
        (lambda: sg.rand(2, dtype=sg.float16), DtypeError, "not float16"),
        (lambda: sg.randn(2, seed=-1), ArgumentError, "seed must be 0 or more"),
        (lambda: sg.rand(2, seed="a"), InputTypeError, "seed must be a whole number"),
    ],
)
def test_what_cannot_be_made_is_explained(call, error, words):
    """Each in the three-line form."""
    with pytest.raises(error, match=words) as caught:
        call()
    assert caught.value.hint


@pytest.mark.parametrize("make", [sg.rand, sg.randn])
def test_the_same_seed_gives_the_same_numbers(make):
    """And no seed gives the next of the global stream."""
    assert make(3, seed=7).tolist() == make(3, seed=7).tolist()
    assert make(3, seed=7).tolist() != make(3, seed=8).tolist()
    sg.manual_seed(5)
    first, second = make(3).tolist(), make(3).tolist()
    assert first != second
    sg.manual_seed(5)
    assert first == make(3).tolist()


def test_random_numbers_have_their_distribution():
    """0 <= rand < 1 with mean 1/2; randn with mean 0 and deviation 1."""
    uniform, normal = sg.rand(10000, seed=0).data, sg.randn(10000, seed=0).data
    assert 0.0 <= uniform.min()
    assert uniform.max() < 1.0
    assert abs(uniform.mean() - 0.5) < 0.02
    assert abs(normal.mean()) < 0.05
    assert abs(normal.std() - 1.0) < 0.05
