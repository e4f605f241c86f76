"""Compiled equals eager, for every op of the registry and all its samples.

An op that is added is compiled here the moment it exists, or says that it cannot be:
forward and gradients, other numbers than those that were traced, NaN and infinities,
whole numbers and booleans, and gradients of gradients.
"""

import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import seegrad as sg
from seegrad.errors import SeegradError
from seegrad.op import REGISTRY
from seegrad.samples import calls

HERE = Path(__file__).parent
AGREEMENT = SimpleNamespace(**runpy.run_path(str(HERE / "agreement.py")))
agree, same, native_runs = AGREEMENT.agree, AGREEMENT.same, AGREEMENT.native_runs
OPS = sorted(REGISTRY.values(), key=lambda op: op.name)
COMPILED = [op for op in OPS if op.kind != "opaque"]
OPAQUE = [op for op in OPS if op.kind == "opaque"]
SLOPED = [op for op in COMPILED if op.differentiable]
NUMBERWISE = [op for op in COMPILED if op.kind == "elementwise"]
SPECIAL = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 7.0, -9.25]


def leaves(arrays):
    """Tensors; those of floats ask for gradients."""
    return [sg.tensor(x, requires_grad=x.dtype.kind == "f") for x in arrays]


def all_samples(op, backward):
    """One function that computes all samples of an op, each with its gradients."""
    settings = [how for _, how in calls(op)]
    counts = [len(arrays) for arrays, _ in calls(op)]

    def function(*tensors):
        left, results = list(tensors), []
        for how, count in zip(settings, counts, strict=True):
            inputs, left = left[:count], left[count:]
            out = op(*inputs, **how)
            results.append(out)
            if backward and out.requires_grad:
                weights, left = left[0], left[1:]
                (out * weights).sum().backward()
                results += [x.grad for x in inputs]
        return results

    return function


def unchanged(x, name, generator):
    """A sample as it is."""
    return x


def arguments(op, dtype, seed, backward, change=unchanged):
    """The inputs of all samples of an op, and weights for each result."""
    generator = np.random.default_rng(seed)
    found = []
    for arrays, how in calls(op, dtype, seed):
        inputs = leaves(
            change(x, op.input_name(i), generator) for i, x in enumerate(arrays)
        )
        found += inputs
        out = op(*inputs, **how)
        if backward and out.requires_grad:
            weights = generator.uniform(-1.0, 1.0, out.shape)
            found.append(sg.tensor(weights.astype(out.dtype)))
    return found


def sprinkled(x, name, generator):
    """The same numbers with NaN, infinities and zeros of both signs among them.

    Not the weights of a convolution: where no pixel is, the eager op multiplies nothing
    and the compiled one a zero, and 0 * inf is NaN.
    """
    if x.dtype.kind != "f" or name == "weight":
        return x
    special = generator.choice(SPECIAL, x.shape).astype(x.dtype)
    return np.where(generator.random(x.shape) < 0.4, special, x)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("op", COMPILED, ids=str)
def test_every_sample_of_every_op_and_its_gradients(op, dtype):
    """All samples in one step, under uneven weights; then NaN and infinities there."""

    def numbers(seed, change=unchanged):
        return lambda: arguments(op, dtype, seed, backward=True, change=change)

    agree(
        all_samples(op, backward=True),
        numbers(0),
        numbers(1),
        numbers(2, change=sprinkled),
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("op", NUMBERWISE, ids=str)
def test_special_numbers_in_every_combination(op, dtype):
    """Also the sign of zero, and along vectors, where all lanes differ."""
    count = len(op.input_names)
    grid = np.stack(np.meshgrid(*[np.array(SPECIAL, dtype)] * count), 0)
    how = next(how for _, how in calls(op))
    arrays = [np.tile(x.reshape(-1), 3) for x in grid]
    arrays = [
        x > 0 if op.input_name(i) in op.keeps else x for i, x in enumerate(arrays)
    ]
    expected = op(*map(sg.tensor, arrays), **how).numpy()
    step = sg.compile(lambda *x: op(*x, **how))
    with native_runs():
        step(*[sg.tensor(np.ones_like(x)) for x in arrays])
        found = step(*map(sg.tensor, arrays)).numpy()
    same(expected, found)
    zeros = (expected == 0) & (found == 0)
    np.testing.assert_array_equal(np.signbit(found[zeros]), np.signbit(expected[zeros]))


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "int8", "bool"])
@pytest.mark.parametrize("op", COMPILED, ids=str)
def test_whole_numbers_and_booleans(op, dtype):
    """Where the eager op takes them, the compiled one does, and says the same."""

    def whole(x, name, generator):
        if x.dtype.kind != "f":
            return x
        low = 0 if dtype in ("uint8", "bool") else -6
        found = generator.integers(low, 2 if dtype == "bool" else 7, x.shape)
        return np.asarray(found).astype(dtype)

    try:
        for seed in (0, 1):
            inputs = arguments(op, "float64", seed, backward=False, change=whole)
            all_samples(op, backward=False)(*inputs)
    except (SeegradError, TypeError):
        return
    agree(
        all_samples(op, backward=False),
        lambda: arguments(op, "float64", 0, backward=False, change=whole),
        lambda: arguments(op, "float64", 1, backward=False, change=whole),
    )


@pytest.mark.parametrize("op", SLOPED, ids=str)
def test_gradients_of_gradients(op):
    """The hessian times a vector, for the first sample that has one."""
    arrays, how = next(calls(op))
    weights = np.linspace(-1.0, 1.0, op(*map(sg.tensor, arrays), **how).size)
    others = [sg.tensor(x) for x in arrays[1:]]

    def number(x):
        out = op(x, *others, **how) if op.name != "where" else op(others[0] > 0, x, x)
        return (out * out * weights.reshape(out.shape)).sum()

    def function(x, v):
        return sg.hessian_vector(number)(x, v)

    def numbers(seed):
        array = next(calls(op, seed=seed))[0][0].astype(np.float64)
        vector = np.random.default_rng(seed).uniform(-1.0, 1.0, array.shape)
        return [sg.tensor(array), sg.tensor(vector)]

    agree(function, lambda: numbers(0), lambda: numbers(1))


@pytest.mark.parametrize("op", OPAQUE, ids=str)
def test_an_opaque_op_says_so_and_is_right(op):
    """A warning with its name, and the eager result, each time."""
    for arrays, how in calls(op):
        step = sg.compile(lambda *x, how=how: op(*x, **how))
        with pytest.warns(UserWarning, match=rf"{op}.* is opaque to the compiler"):
            step(*map(sg.tensor, arrays))
        other = [sg.tensor(x[::-1]) for x in arrays]
        same(op(*other, **how), step(*other))


def test_float16_is_computed_eagerly_and_says_so():
    """It is for storing: the compiler names it and leaves it to NumPy."""
    x = sg.tensor(np.array([1.5, 2.5], np.float16))
    step = sg.compile(lambda x: x * x)
    with pytest.warns(UserWarning, match="does not compute with float16"):
        step(x)
    assert [2.25, 6.25] == step(x).tolist()
