"""The table of places for words: what is looked up, what learns, what is refused."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn
from seegrad.errors import ArgumentError, DtypeError, IndexRangeError, InputTypeError


def test_each_number_becomes_its_row():
    """Of a list, an array or a tensor of any integers, with any axes."""
    layer = nn.Embedding(5, 3, seed=0)
    rows = layer.weight.data
    for x in (2, [2], [[0, 4], [1, 1]], np.array([3], np.uint8), sg.tensor([[1]])):
        out = layer(x)
        np.testing.assert_array_equal(rows[np.asarray(x)], out.data)
    assert (0, 3) == layer([]).shape


def test_it_begins_normal():
    """Mean 0 and standard deviation 1; the same seed repeats it."""
    weight = nn.Embedding(200, 100, seed=0).weight.data
    assert 0.0 == pytest.approx(weight.mean(), abs=0.02)
    assert 1.0 == pytest.approx(weight.std(), abs=0.02)
    np.testing.assert_array_equal(weight, nn.Embedding(200, 100, seed=0).weight.data)
    assert np.float64 == nn.Embedding(2, 2, dtype="float64").weight.dtype


def test_the_padding_begins_at_zero_and_never_learns():
    """Counted from the front or from the back; the other rows learn."""
    for padding_idx in (4, -1):
        layer = nn.Embedding(5, 2, padding_idx, seed=0)
        assert "Embedding(5, 2, padding_idx=4)" == repr(layer)
        out = layer([[1, 4, 1]])
        assert [0.0, 0.0] == out[0, 1].tolist()
        out.sum().backward()
        expected = np.zeros((5, 2))
        expected[1] = 2.0
        np.testing.assert_array_equal(expected, layer.weight.grad)


@pytest.mark.parametrize(
    ("x", "error", "text"),
    [
        ([0, 5], IndexRangeError, "5 is outside dim 0 of length 5"),
        ([[-6]], IndexRangeError, "-6 is outside dim 0 of length 5"),
        ([1.0], DtypeError, "looks up whole numbers, and x is float32"),
        ([True], DtypeError, "and x is bool"),
        (sg.Value(1.0), InputTypeError, "was given a Value"),
    ],
)
def test_what_is_no_row_is_refused(x, error, text):
    """The error names the number and the layer."""
    with pytest.raises(error, match=text) as caught:
        nn.Embedding(5, 3, seed=0)(x)
    assert "Embedding(5, 3)" in caught.value.where


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ((0, 3), ArgumentError, "num_embeddings must be 1 or more"),
        ((3, 0), ArgumentError, "embedding_dim must be 1 or more"),
        ((3, 2, 3), IndexRangeError, "padding_idx 3 is outside a table of 3 rows"),
        ((3, 2, -4), ArgumentError, "padding_idx must be 0 or more"),
        ((3, 2, 0.5), InputTypeError, "padding_idx must be a whole number"),
    ],
)
def test_an_impossible_table_is_refused(arguments, error, text):
    """At construction, by name."""
    with pytest.raises(error, match=text) as caught:
        nn.Embedding(*arguments)
    assert "Embedding" == caught.value.where
