"""The convolution: its definition, what it states about itself, and its portions."""

import numpy as np
import pytest

import seegrad as sg
from seegrad.facts import Where
from seegrad.op import REGISTRY
from seegrad.ops import convolution
from seegrad.samples import calls

THREE = ["conv2d", "conv2d_input", "conv2d_weight"]


def read(x, index):
    """The number at an index; 0 outside and where it does not divide."""
    if isinstance(index, Where):
        if any(expression % modulus for expression, modulus in index.divisible):
            return 0.0
        index = index.index
    inside = all(0 <= i < n for i, n in zip(index, x.shape, strict=True))
    return x[index] if inside else 0.0


@pytest.mark.parametrize("name", THREE)
def test_a_convolution_is_the_product_that_it_states(name):
    """Number by number, by the formulas that the compiler is given."""
    op = REGISTRY[name]
    for inputs, settings in calls(op):
        normal = op.normal(*inputs, **{**op.defaults, **settings})
        stated = op.facts.product(*(x.shape for x in inputs), **normal)
        out = op(*inputs, **settings)
        found = np.full(out.shape, np.nan)
        for b in np.ndindex(stated.batch):
            for r in np.ndindex(stated.rows):
                for c in np.ndindex(stated.columns):
                    left, right = stated.left, stated.right
                    found[stated.out(b, r, c)] = sum(
                        read(inputs[left.position], left.index(b, r, i))
                        * read(inputs[right.position], right.index(b, c, i))
                        for i in np.ndindex(stated.inner)
                    )
        np.testing.assert_allclose(out, found, 1e-12, 1e-12)


def test_large_batches_are_worked_off_in_portions(monkeypatch):
    """The same numbers, however few windows are written side by side."""
    x = sg.randn((5, 2, 4, 4), dtype="float64", seed=0).data
    weight = sg.randn((3, 2, 3, 3), dtype="float64", seed=1).data
    g = sg.randn((5, 3, 4, 4), dtype="float64", seed=2).data

    def three():
        conv2d, for_images, for_weights = (REGISTRY[name] for name in THREE)
        yield conv2d(x, weight, padding=1)
        yield for_images(g, weight, x.shape, padding=1)
        yield for_weights(x, g, weight.shape, padding=1)

    at_once = list(three())
    monkeypatch.setattr(convolution, "PORTION", 600)
    for whole, portions in zip(at_once, three(), strict=True):
        np.testing.assert_allclose(portions, whole, 1e-12, 1e-12)


def test_a_convolution_with_one_weight_shifts_the_image():
    """A weight of 1 at one place moves everything there."""
    x = sg.tensor(np.arange(12.0).reshape(1, 1, 3, 4))
    weight = np.zeros((1, 1, 3, 3))
    weight[0, 0, 0, 2] = 1.0
    out = sg.conv2d(x, weight, padding="same").data[0, 0]
    np.testing.assert_array_equal(x.data[0, 0, :-1, 1:], out[1:, :-1])
    assert not out[0].any()
    assert not out[:, -1].any()


def test_the_padding_of_both_sides_may_differ():
    """(before, after) along each axis, as "same" needs for even windows."""
    x, weight = sg.ones((1, 1, 3, 3)), sg.ones((1, 1, 2, 2))
    same = sg.conv2d(x, weight, padding="same")
    told = sg.conv2d(x, weight, padding=((0, 1), (0, 1)))
    np.testing.assert_array_equal(told.data, same.data)
    assert 4.0 == same.data[0, 0, 0, 0]
    assert 1.0 == same.data[0, 0, 2, 2]
