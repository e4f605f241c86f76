"""Compiled equals eager, for programs that nobody would think of writing.

Each is a training step made at random: elementwise formulas, sums, slices backwards,
joins, lookups, products of stacks; then a backward pass through all of it, and an
update. Compiled for narrower vectors or run by more threads it is still the same.
"""

import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import seegrad as sg
from seegrad.compiler.machine.host import pretending
from seegrad.compiler.planning.table import Row
from seegrad.compiler.run import Native
from seegrad.errors import ArgumentError

HERE = Path(__file__).parent
AGREEMENT = SimpleNamespace(**runpy.run_path(str(HERE / "agreement.py")))
PROGRAMS = SimpleNamespace(**runpy.run_path(str(HERE / "programs.py")))
CODES = st.lists(st.integers(0, 2**32 - 1), min_size=2, max_size=12)
LONG = st.lists(st.integers(0, 2**32 - 1), min_size=10, max_size=30)
DTYPES = ["float32", "float64"]


def trained(codes, dtype, compiled):
    """Two steps with different numbers: the second's results, and the parameter."""
    pool = sg.tensor(PROGRAMS.inputs(1, dtype)[1], requires_grad=True)
    step = PROGRAMS.step_of(codes, pool, sharp=dtype == "float64")
    if compiled:
        step = sg.compile(step)
    for seed in (1, 2):
        arguments, _, positions = PROGRAMS.inputs(seed, dtype)
        out = step(
            [sg.tensor(x, requires_grad=True) for x in arguments],
            {length: sg.tensor(x) for length, x in positions.items()},
        )
    return AGREEMENT.numbers([out, pool])


def check(codes, dtype):
    """The compiled program agrees with the eager one; its numbers."""
    expected = trained(codes, dtype, compiled=False)
    with AGREEMENT.native_runs(1):
        found = trained(codes, dtype, compiled=True)
    AGREEMENT.same(expected, found)
    return found


@pytest.mark.parametrize("dtype", DTYPES)
@given(CODES)
@settings(max_examples=12)
def test_a_program_computes_and_learns_the_same(dtype, codes):
    """Everything that it made, all gradients, and the updated parameter."""
    check(codes, dtype)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
@given(LONG)
@settings(max_examples=30)
def test_a_long_program_computes_and_learns_the_same(dtype, codes):
    """The same, for many more programs, with up to thirty lines."""
    check(codes, dtype)


@pytest.mark.parametrize("kind", ["avx2", "sse"])
@given(CODES)
@settings(max_examples=8)
def test_a_program_for_narrower_vectors_computes_the_same(kind, codes):
    """The code for older machines, and its tails, are right as well."""
    try:
        with pretending(kind):
            check(codes, "float64" if len(codes) % 2 else "float32")
    except ArgumentError as error:
        pytest.skip(error.what)


@pytest.fixture
def everything_is_shared(monkeypatch):
    """Even the smallest loop is shared out among all threads."""
    for thing, name in ((Native, "MANY_THREADS"), (Row, "SMALL")):
        monkeypatch.setattr(sys.modules[thing.__module__], name, 0)
    threads = sg.get_num_threads()
    yield
    sg.set_num_threads(threads)


@pytest.mark.usefixtures("everything_is_shared")
@given(CODES)
@settings(max_examples=12)
def test_any_number_of_threads_gives_the_same_bits(codes):
    """Who computes a number does not change it, nor does anyone come too late."""
    found = []
    for threads in (1, 2, 3):
        sg.set_num_threads(threads)
        dtype = "float64" if len(codes) % 2 else "float32"
        found.append(check(codes, dtype))
    for other in found[1:]:
        for x, y in zip(found[0], other, strict=True):
            assert x.tobytes() == y.tobytes()


def test_the_same_program_gives_the_same_bits_every_time():
    """And in another process-wide order of compilations."""
    codes = [k * 7919 for k in range(8)]
    first, second = check(codes, "float32"), check(codes, "float32")
    assert [x.tobytes() for x in first] == [x.tobytes() for x in second]
    assert any(np.abs(x).max(initial=0.0) > 0 for x in first)
