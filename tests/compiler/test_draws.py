"""Native draws: the bits of `seegrad.random`, whatever the machine and the threads."""

import runpy
import threading
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import seegrad as sg
from seegrad import nn, random
from seegrad.compiler.machine.draw_code import module
from seegrad.compiler.machine.draws import Drawer
from seegrad.compiler.machine.host import SMALLER, pretending
from seegrad.compiler.tracing.sources import Draw
from seegrad.errors import ArgumentError

HERE = Path(__file__).parent
AGREEMENT = SimpleNamespace(**runpy.run_path(str(HERE / "agreement.py")))

DISTRIBUTIONS = [random.uniform, random.normal]
DTYPES = [np.dtype("float32"), np.dtype("float64")]
SHAPES = [
    (),
    (0,),
    (1,),
    (3,),
    (2, 0, 5),
    (127,),
    (128,),
    (129,),
    (5, 7, 11),
    (10_007,),
]


@pytest.fixture(autouse=True)
def _stream_left_as_found():
    """Put the global stream back after each test."""
    saved = random.state()
    yield
    random.set_state(saved)


def assert_same_bits(expected, actual):
    """The same shape, dtype and bits; a difference is shown by its place."""
    assert (expected.shape, expected.dtype) == (actual.shape, actual.dtype)
    kind = f"u{expected.dtype.itemsize}"
    np.testing.assert_array_equal(expected.view(kind), actual.view(kind))


@pytest.mark.parametrize("machine", [None, *SMALLER])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_native_draws_have_the_bits_of_numpys(machine, distribution, dtype):
    """Empty, odd and long arrays, on this machine and as if it were a smaller one."""
    try:
        with pretending(machine) if machine else nullcontext():
            draws = [Drawer(distribution, shape, dtype) for shape in SHAPES]
    except ArgumentError:
        pytest.skip("this machine cannot run such code")
    for draw in draws:
        for key in (0, 1, 2**63 - 1, 2**70):
            assert_same_bits(distribution(key, draw.shape, dtype), draw(key))


@given(st.integers(0, 2**80), st.lists(st.integers(0, 9), max_size=3).map(tuple))
def test_any_key_and_shape_agree(key, shape):
    """Both distributions, both dtypes."""
    for distribution in DISTRIBUTIONS:
        for dtype in DTYPES:
            expected = distribution(key, shape, dtype)
            assert_same_bits(expected, Drawer(distribution, shape, dtype)(key))


def test_the_array_is_used_again_unless_somebody_holds_it():
    """What a caller keeps never changes; what nobody keeps costs no memory."""
    draw = Drawer(random.uniform, (4, 5), DTYPES[0])
    first = draw(1)
    row = first[1]
    place = first.ctypes.data
    assert place != draw(2).ctypes.data
    del first
    draw(3)
    assert_same_bits(random.uniform(1, (4, 5))[1], row)
    again = draw(4).ctypes.data
    assert again == draw(5).ctypes.data


def test_no_number_is_rounded_once_where_numpy_rounds_twice():
    """A multiply-and-add would change bits on machines that have one."""
    for distribution in DISTRIBUTIONS:
        assert "contract" not in str(module(distribution.__name__, "float32", 8))


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_a_draw_takes_one_key(distribution):
    """The next one of the stream, as NumPy does when it draws eagerly."""
    random.manual_seed(5)
    draw = Draw(distribution, (3, 50), DTYPES[0])
    actual = [draw.read().copy(), draw.read().copy()]
    assert 2 == random.state()["counter"]
    random.manual_seed(5)
    for numbers in actual:
        expected = distribution(random.next_key(), (3, 50), DTYPES[0])
        assert_same_bits(expected, numbers)


def test_dropout_leaves_out_the_same_numbers_compiled_on_any_number_of_threads():
    """Two masks a step, large enough for several threads, three steps."""
    model = nn.Sequential(nn.Linear(256, 300, seed=0), nn.Dropout(0.4), nn.Dropout(0.1))
    x = sg.tensor(np.eye(128, 256, dtype=np.float32))

    def kept(step, threads):
        sg.set_num_threads(threads)
        random.manual_seed(3)
        return [step(x)._data == 0 for _ in range(3)]

    before = sg.get_num_threads()
    try:
        expected = kept(model, 1)
        step = sg.compile(model)
        with AGREEMENT.native_runs(6):
            for threads in (1, 2):
                for mask, other in zip(expected, kept(step, threads), strict=True):
                    np.testing.assert_array_equal(mask, other)
    finally:
        sg.set_num_threads(before)


def test_another_thread_may_draw_while_a_step_is_traced():
    """Its keys are not those of the step, which is compiled all the same."""
    others = []

    def noisy(x):
        other = threading.Thread(target=lambda: others.append(sg.randn(3)))
        other.start()
        other.join()
        return x + sg.randn(3)

    step = sg.compile(noisy)
    draws = {step(sg.ones(3)).numpy().tobytes() for _ in range(3)}
    assert ("", 3) == (step.reason, len(draws))
    assert draws.isdisjoint((1.0 + other).numpy().tobytes() for other in others)
