"""Not a test: what it means that a compiled function agrees with the eager one.

Both round, in other places: a fused multiply-and-add rounds once instead of twice, and
a long sum is added in another order. So numbers are compared with the size of what they
were made from: a sum of many that nearly cancel has the rounding of its largest part.
"""

from contextlib import contextmanager

import numpy as np

import seegrad as sg
from seegrad.compiler.machine.caller import RUNS

# A step of some ten operations rounds some ten times, by 6e-8 and 1e-16 of a number.
TOLERANCE = {"float32": 2e-5, "float64": 1e-10}


def numbers(thing):
    """Every array in a result, in order: of tensors, values, lists and dictionaries."""
    if thing is None or isinstance(thing, str):
        return []
    if isinstance(thing, dict):
        return [x for key in sorted(thing, key=str) for x in numbers(thing[key])]
    if isinstance(thing, list | tuple):
        return [x for part in thing for x in numbers(part)]
    return [np.array(getattr(thing, "_data", thing))]


def same(expected, actual, scale=None):
    """Shapes and dtypes, NaN and infinities exactly; numbers up to rounding.

    The error is measured against the largest number of the array, or ``scale``.
    """
    expected, actual = numbers(expected), numbers(actual)
    assert len(expected) == len(actual)
    for number, (x, y) in enumerate(zip(expected, actual, strict=True)):
        assert (x.shape, x.dtype) == (y.shape, y.dtype), number
        if x.dtype.kind != "f":
            np.testing.assert_array_equal(y, x, err_msg=f"result {number}")
            continue
        finite = np.abs(x[np.isfinite(x)])
        largest = scale or max(1.0, finite.max(initial=0.0))
        near = TOLERANCE[x.dtype.name]
        np.testing.assert_allclose(
            y, x, near, near * largest, err_msg=f"result {number}"
        )


@contextmanager
def native_runs(least=1):
    """Fewer than ``least`` runs of native code inside are an error."""
    before = RUNS[0]
    yield
    assert least <= RUNS[0] - before


def agree(function, *calls, natively=True, scale=None):
    """The function gives the same compiled as eagerly, in each of these calls.

    A call is a function without arguments that makes the arguments, afresh for each of
    the two. The first is traced; the others bring other numbers to the same code.
    """
    expected = [numbers(function(*call())) for call in calls]
    step = sg.compile(function)
    with native_runs(len(calls) - 1 if natively else 0):
        found = [step(*call()) for call in calls]
    for x, y in zip(expected, found, strict=True):
        same(x, y, scale)
    assert 1 == step.traces
    return step


def tensors(thing):
    """Every tensor in a result, in order."""
    if isinstance(thing, list | tuple):
        return [x for part in thing for x in tensors(part)]
    return [thing] if isinstance(thing, sg.Tensor) else []
