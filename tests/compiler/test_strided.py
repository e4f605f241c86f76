"""Numbers that stand apart, or come from rows by turns, are still the same ones.

A pooling reads every second number, its gradient puts numbers between others. Rows of
every length are tried, because the last vector of a row is where it could go wrong.
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
LENGTHS = [1, 2, 7, 15, 16, 17, 28, 33, 64, 70]


def images(length, dtype, seed, rows=4):
    """A few rows of a length, asking for gradients if they are floats."""
    numbers = np.random.default_rng(seed).normal(size=(2, 3, rows, length)) * 9
    return sg.tensor(numbers.astype(dtype), requires_grad=dtype.startswith("float"))


@pytest.mark.parametrize("dtype", ["float32", "float64", "int16", "bool"])
@pytest.mark.parametrize("step", [2, 3, 4, 5])
def test_every_so_manieth_number(step, dtype):
    """Also of numbers that are one byte long, and where the last is at the very end."""

    def function(*rows):
        return [x[..., step - 1 :: step] for x in rows]

    agree(
        function,
        lambda: [images(n, dtype, 0) for n in LENGTHS],
        lambda: [images(n, dtype, 1) for n in LENGTHS],
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("kind", ["", "sse"])
def test_a_pooling_and_its_gradient(size, dtype, kind):
    """The numbers come apart, and go back between the others."""

    def function(*rows):
        for x in rows:
            (sg.max_pool2d(x.relu(), size) ** 2).sum().backward()
        return [x.grad for x in rows]

    def check():
        lengths = [n for n in LENGTHS if n >= size]
        agree(
            function,
            lambda: [images(n, dtype, 0) for n in lengths],
            lambda: [images(n, dtype, 1) for n in lengths],
        )

    if kind:
        with pretending(kind):
            check()
    else:
        check()
