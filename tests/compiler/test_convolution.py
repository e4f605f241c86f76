"""Convolutions over windows: every way to slide, on every width of vectors.

Forward and both gradients are compared with the eager ones, for sizes that fill no
vector and for settings that take each of the ways through the compiler.
"""

import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import seegrad as sg
from seegrad.compiler.machine.host import pretending

AGREEMENT = SimpleNamespace(
    **runpy.run_path(str(Path(__file__).parent / "agreement.py"))
)
agree = AGREEMENT.agree

# shape of the images, shape of the weights, settings
PLAIN = [
    ((3, 2, 9, 11), (4, 2, 3, 3), {}),
    ((2, 3, 28, 28), (5, 3, 5, 5), {"padding": 2}),
    ((2, 1, 7, 40), (17, 1, 3, 5), {"padding": (0, 1)}),
    ((1, 4, 33, 3), (3, 4, 2, 3), {"padding": (3, 1)}),
    ((4, 3, 6, 6), (7, 3, 1, 1), {}),
    ((2, 2, 5, 5), (3, 2, 5, 5), {}),
    ((2, 2, 4, 1), (3, 2, 3, 1), {"padding": (1, 0)}),
    ((9, 1, 1, 19), (2, 1, 1, 4), {}),
]
SLIDING = [
    ((2, 3, 11, 13), (4, 3, 3, 3), {"stride": 2, "padding": 1}),
    ((2, 2, 17, 40), (3, 2, 4, 5), {"stride": (3, 2), "padding": (2, 4)}),
    ((2, 2, 12, 12), (3, 2, 2, 2), {"stride": 3}),
    ((1, 2, 15, 14), (3, 2, 3, 3), {"dilation": 2, "padding": 2}),
    ((2, 2, 16, 17), (3, 2, 3, 2), {"dilation": (2, 3), "stride": 2, "padding": 1}),
    ((2, 2, 16, 16), (3, 2, 3, 3), {"dilation": 2, "stride": 2, "padding": 2}),
    ((2, 4, 8, 9), (6, 2, 3, 3), {"groups": 2, "padding": "same"}),
    ((2, 6, 10, 10), (6, 1, 3, 3), {"groups": 6, "padding": 1}),
    ((1, 1, 9, 8), (2, 1, 2, 3), {"padding": ((0, 3), (2, 1))}),
    ((9, 4, 11, 12), (4, 1, 3, 3), {"groups": 4, "stride": 2, "padding": 1}),
]
# strides that step over pixels, and more phases than are written out
STEPPING = [
    ((2, 3, 9, 9), (4, 3, 1, 1), {"stride": 2}),
    ((2, 3, 9, 8), (5, 3, 4, 4), {"stride": 4}),
    ((1, 2, 13, 13), (3, 2, 3, 3), {"stride": 5}),
]


def with_gradients(**how):
    """A convolution with what usually follows it, and its gradients."""

    def function(x, weight, bias, uneven):
        out = (sg.conv2d(x, weight, **how) + bias).relu()
        (out * uneven).sum().backward()
        return out, x.grad, weight.grad, bias.grad

    return function


def inputs(images, weights, how, dtype, seed, change=lambda x: x):
    """The arguments of the function above."""
    generator = np.random.default_rng(seed)
    x, weight = (generator.normal(size=shape) for shape in (images, weights))
    bias = generator.normal(size=(weights[0], 1, 1))
    uneven = generator.normal(size=sg.conv2d(x, weight, **how).shape)
    arrays = [change(a).astype(dtype) for a in (x, weight, bias, uneven)]
    return [sg.tensor(a, requires_grad=n < 3) for n, a in enumerate(arrays)]


def check(images, weights, how, dtype, **more):
    """Compiled as eager, also with other numbers than those that were traced."""
    agree(
        with_gradients(**how),
        lambda: inputs(images, weights, how, dtype, 0, **more),
        lambda: inputs(images, weights, how, dtype, 1, **more),
        scale=50.0,
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("images", "weights", "how"), [*PLAIN, *SLIDING, *STEPPING])
def test_it_is_what_the_eager_one_is(images, weights, how, dtype):
    """The result, and the gradients for the images, the weights and a bias."""
    check(images, weights, how, dtype)


@pytest.mark.parametrize("kind", ["avx2", "sse"])
@pytest.mark.parametrize(("images", "weights", "how"), [PLAIN[1], *SLIDING[:2]])
def test_it_is_right_with_narrow_vectors(images, weights, how, kind):
    """Other vectors, other tiles."""
    with pretending(kind):
        check(images, weights, how, "float32")


def test_infinite_numbers_are_multiplied_with_the_frame_but_not_beyond_it():
    """Zero times infinity is NaN in the frame; where no window was, nothing is."""

    def sprinkled(x):
        generator = np.random.default_rng(int(x.size))
        return np.where(generator.random(x.shape) < 0.05, np.inf, x)

    for images, weights, how in (PLAIN[1], SLIDING[0], *STEPPING):
        check(images, weights, how, "float64", change=sprinkled)


def test_an_image_of_many_rows_is_cut_into_bands():
    """A block of rows fits the cache; the last one has fewer rows."""
    check((1, 8, 151, 70), (5, 8, 3, 3), {"padding": 1}, "float32")


def test_the_number_of_threads_changes_no_bit():
    """Each number is summed in one order, by whichever thread."""
    images, weights, how = (5, 3, 21, 19), (18, 3, 5, 5), {"padding": 2}
    step, found = sg.compile(with_gradients(**how)), []
    before = sg.get_num_threads()
    try:
        for threads in (1, 2, 3):
            sg.set_num_threads(threads)
            for _ in range(2):
                out = step(*inputs(images, weights, how, "float32", 0))
            found.append([x.numpy().tobytes() for x in out])
    finally:
        sg.set_num_threads(before)
    assert found[0] == found[1] == found[2]
