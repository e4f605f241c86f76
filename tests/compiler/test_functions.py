"""The compiler's functions: near the truth everywhere, and exact where it is simple."""

import math
from pathlib import Path

import numpy as np
import pytest

from seegrad.compiler.machine.host import pretending

STORED = np.load(Path(__file__).parent / "functions.npz")
NAMES = ("exp", "expm1", "log", "log1p", "sin", "cos", "tanh", "erf")
FORMULAS = {name: lambda xp, x, w=name: getattr(xp, w)(x) for name in NAMES}
POWER = {"power": lambda xp, x, y: xp.power(x, y)}
BOUND = {"float32": 4.0, "float64": 2.0}  # in units of the last place
LANES = {"float32": 16, "float64": 8}

EDGES = [0.0, 1.0, 2.0, 0.5, 3.0, 1.5, 1e-30, 1e30, 7.0, 1001.0, math.inf]
EDGES = np.array([*EDGES, *(-x for x in EDGES), math.nan])


def truth(name, x):
    """The function in float64, from NumPy and Python."""
    with np.errstate(all="ignore"):
        if name == "erf":
            return np.array([math.erf(number) for number in x.tolist()])
        return getattr(np, name)(x)


def off_by(expected, rest, actual):
    """How many units of the last place lie between the true and the actual numbers.

    The truth is ``expected`` and ``rest`` units more.
    """
    assert expected.dtype == actual.dtype
    with np.errstate(all="ignore"):
        unit = np.spacing(np.abs(expected))
        steps = (actual.astype("float64") - expected) / unit - rest
        same = (actual == expected) | (np.isnan(actual) & np.isnan(expected))
    steps[~(np.isfinite(actual) & np.isfinite(expected))] = np.inf
    return np.where(same & ~np.isfinite(steps), 0.0, np.abs(steps))


def check_float32(name, expected, actual, *inputs):
    """Within the bound of the truth, which is known in float64."""
    with np.errstate(over="ignore"):
        near = expected.astype("float32")
    with np.errstate(all="ignore"):
        rest = (expected - near) / np.spacing(np.abs(near))
    off = off_by(near, np.where(np.isfinite(rest), rest, 0.0), actual)
    worst = off.argmax()
    assert off[worst] <= BOUND["float32"], (name, [x[worst] for x in inputs])


def numbers(seed, size=4000):
    """float32 numbers of every kind: any bits, and many of ordinary size."""
    generator = np.random.default_rng(seed)
    bits = generator.integers(-(2**31), 2**31, size, dtype="i4").view("float32")
    bits[np.isnan(bits)] = np.nan  # those that signal make NumPy warn
    scaled = [generator.uniform(-s, s, size) for s in (0.1, 1.0, 4.0, 20.0, 110.0)]
    tiny = generator.choice([-1.0, 1.0], size) * 10 ** generator.uniform(-45, 0, size)
    return np.concatenate([EDGES, *scaled, tiny, bits]).astype("float32")


@pytest.fixture(scope="module")
def functions(compiled):
    """Every function of one number, in both dtypes, with full registers."""
    return {d: compiled(FORMULAS, [d], LANES[d]) for d in ("float32", "float64")}


@pytest.fixture(scope="module")
def powers(compiled):
    """The power in both dtypes, with full registers."""
    return {d: compiled(POWER, [d, d], LANES[d])["power"] for d in LANES}


@pytest.mark.parametrize("name", NAMES)
def test_float64_is_near_the_stored_truth(functions, name):
    """At hard and random numbers, within 2 units of the last place."""
    x, expected, rest = (STORED[f"{name}.{part}"] for part in ("x", "out", "rest"))
    off = off_by(expected, rest, functions["float64"][name](x))
    assert off.max() <= BOUND["float64"], x[off.argmax()]


def test_the_power_in_float64_is_near_the_stored_truth(powers):
    """Also where the logarithm times y is in the hundreds."""
    x, y, expected, rest = (
        STORED[f"power.{part}"] for part in ["x", "y", "out", "rest"]
    )
    off = off_by(expected, rest, powers["float64"](x, y))
    assert off.max() <= BOUND["float64"], (x[off.argmax()], y[off.argmax()])


@pytest.mark.parametrize("name", NAMES)
def test_float32_is_near_what_float64_says(functions, name):
    """At numbers of every kind, within 4 units of the last place."""
    x = numbers(seed=NAMES.index(name))
    expected = truth(name, x.astype("float64"))
    check_float32(name, expected, functions["float32"][name](x), x)


def test_the_power_in_float32_is_near_what_float64_says(powers):
    """At bases and exponents of every kind."""
    generator = np.random.default_rng(9)
    x = np.abs(numbers(seed=10))
    y = numbers(seed=11)
    y = np.where(generator.random(y.size) < 0.5, np.rint(y), y)
    with np.errstate(all="ignore"):
        expected = np.power(x.astype("float64"), y.astype("float64"))
    check_float32("power", expected, powers["float32"](x, y), x, y)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_edges_are_exact(functions, dtype):
    """Of 0, -0, infinity, NaN and 1 each function says what NumPy says, to the bit."""
    x = np.array([0.0, -0.0, math.inf, -math.inf, math.nan], dtype)
    for name, function in functions[dtype].items():
        np.testing.assert_array_equal(truth(name, x).astype(dtype), function(x), name)
        signs = np.signbit(truth(name, x))[:4], np.signbit(function(x))[:4]
        known = ~np.isnan(function(x))[:4]
        np.testing.assert_array_equal(signs[0][known], signs[1][known], name)
    ones = np.ones(1, dtype)
    assert 0.0 == functions[dtype]["log"](ones)[0]
    assert -math.inf == functions[dtype]["log1p"](-ones)[0]
    assert math.isnan(functions[dtype]["log"](-ones)[0])
    assert (1.0, 1.0) == tuple(
        functions[dtype][f](ones * 30)[0] for f in ("tanh", "erf")
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_smallest_numbers_keep_their_digits(functions, dtype):
    """x is its own sin, tanh, expm1 and log1p where x^2 is nothing, denormals too."""
    tiny = np.finfo(dtype).smallest_subnormal * np.array([1, 2, 3, 1000, 2**20], dtype)
    for name in ("sin", "tanh", "expm1", "log1p"):
        np.testing.assert_array_equal(tiny, functions[dtype][name](tiny), name)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_results_overflow_and_fade_where_they_should(functions, dtype):
    """exp is finite up to log(largest), and denormal down to log(smallest)."""
    info = np.finfo(dtype)
    top = np.log(info.max)
    low = np.log(np.float64(info.smallest_subnormal)).astype(dtype)
    exp, expm1 = functions[dtype]["exp"], functions[dtype]["expm1"]
    x = np.array([np.nextafter(top, 0), np.nextafter(top, np.inf)], dtype)
    assert [True, False] == np.isfinite(exp(x)).tolist()
    assert [True, False] == np.isfinite(expm1(x)).tolist()
    x = np.array([low + 0.5, low - 1.0], dtype)
    assert [True, False] == (exp(x) > 0).tolist()
    assert exp(x)[0] < info.tiny


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_special_powers_are_those_of_numpy(powers, dtype):
    """Every pair of edges: the sign of zero, what is infinite, what is not real."""
    x, y = (axis.ravel() for axis in np.meshgrid(EDGES.astype(dtype), EDGES))
    y = y.astype(dtype)
    actual = powers[dtype](x, y)
    with np.errstate(all="ignore"):
        expected = np.power(x.astype("float64"), y.astype("float64")).astype(dtype)
    least = float(np.finfo(dtype).smallest_subnormal)
    np.testing.assert_allclose(actual, expected, rtol=4e-7, atol=least)
    wrong = (np.signbit(actual) != np.signbit(expected)) & ~np.isnan(expected)
    assert [] == [*zip(x[wrong], y[wrong], strict=True)]


@pytest.mark.parametrize("exponent", [-2, -1, 0, 0.5, 1, 2, 3, 4, 5])
def test_a_known_exponent_gives_the_same_power(compiled, exponent):
    """The short cuts for squares, roots and inverses."""
    formula = {"power": lambda xp, x: xp.power(x, exponent)}
    power = compiled(formula, ["float32"], 4)["power"]
    x = np.abs(numbers(seed=12))
    with np.errstate(all="ignore"):
        expected = np.power(x.astype("float64"), exponent)
    check_float32("power", expected, power(x), x)


@pytest.mark.parametrize("lanes", [1, 8])
def test_far_from_zero_sin_and_cos_are_the_systems(compiled, lanes):
    """Angles of any size, near and far ones side by side in a register."""
    far = np.geomspace(1e4, np.finfo("float64").max / 2, 500)
    x = np.concatenate([far, -far, np.linspace(-3, 3, 500)])
    np.random.default_rng(3).shuffle(x)
    for name in ("sin", "cos"):
        (function,) = compiled({name: FORMULAS[name]}, ["float64"], lanes).values()
        expected = np.array([getattr(math, name)(number) for number in x.tolist()])
        off = off_by(expected, 0.0, function(x))
        assert off.max() <= BOUND["float64"], x[off.argmax()]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("lanes", [1, 4, 8])
def test_the_result_does_not_depend_on_the_lanes(functions, compiled, dtype, lanes):
    """One number at a time or many: the same bits."""
    x = numbers(seed=13, size=200).astype(dtype)
    for name, function in compiled(FORMULAS, [dtype], lanes).items():
        np.testing.assert_array_equal(functions[dtype][name](x), function(x), name)


def test_a_machine_that_cannot_fuse_comes_as_near(compiled):
    """Where x * y + z is rounded twice, the bounds hold all the same."""
    x = numbers(seed=14, size=500)
    with pretending("sse"):
        small = compiled(FORMULAS, ["float32"], 4)
    for name, function in small.items():
        check_float32(name, truth(name, x.astype("float64")), function(x), x)
