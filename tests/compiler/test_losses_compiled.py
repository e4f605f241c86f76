"""Compiled equals eager, for every loss: values, slopes, extremes, and refusals.

A target that is wrong in the hundredth batch gets the same error from the compiled step
as from the eager one, and the step that is refused has changed nothing.
"""

import re
import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.losses.base import REDUCTIONS, SAMPLES

HERE = Path(__file__).parent
AGREEMENT = SimpleNamespace(**runpy.run_path(str(HERE / "agreement.py")))
GOOD = [s for s in SAMPLES if s.error is None]
WHOLE = "int64"  # a prediction of whole numbers: scaled, it is one of floats
BAD = [s for s in SAMPLES if s.error is not None and s.text != WHOLE]


def told(sample):
    """The name of a sample in the report of the tests."""
    return f"{sample.loss.__name__}-{sample.text or sample.target}"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sample", GOOD, ids=told)
def test_every_loss_has_the_same_value_and_slope(sample, dtype):
    """Under each reduction, at ordinary numbers, at 10,000, and with a NaN."""
    prediction = np.array(sample.prediction, dtype)
    target = np.asarray(sample.target)

    def function(*xs):
        results = []
        for x, reduction in zip(xs[:-1], REDUCTIONS, strict=True):
            out = sample.loss(x, xs[-1], reduction=reduction)
            out.sum().backward()
            results += [out, x.grad]
        return results

    def arguments(prediction):
        xs = [sg.tensor(prediction, requires_grad=True) for _ in REDUCTIONS]
        return [*xs, sg.tensor(target)]

    broken = prediction.copy()
    broken.flat[0] = np.nan
    AGREEMENT.agree(
        function,
        lambda: arguments(prediction),
        lambda: arguments(prediction * 0.5 + 0.25),
        lambda: arguments(np.sign(prediction) * dtype_of(dtype)(1e4)),
        lambda: arguments(np.sign(prediction) * dtype_of(dtype)(-1e4)),
        lambda: arguments(broken),
    )


def dtype_of(name):
    """The class of NumPy's numbers of this name."""
    return np.dtype(name).type


def good_target(sample):
    """A target of the same shape and dtype that the loss accepts, or None."""
    target = np.asarray(sample.target)
    for number in (0, 1, 0.5) if target.dtype.kind in "iufb" else ():
        good = np.full(target.shape, number, target.dtype)
        try:
            sample.loss(sg.tensor(sample.prediction), good)
        except sg.errors.SeegradError:
            continue
        return good
    return None


def training_step(loss):
    """A step that fits one number, and what it may change."""
    scale = nn.Parameter(np.float64(1.0))
    optimizer = optim.Adam([scale], lr=0.1)

    def step(x, target):
        out = loss(x * scale, target)
        optimizer.zero_grad()
        out.backward()
        optimizer.step()
        return out

    return step, lambda: [scale, scale.grad, optimizer.state_dict()]


@pytest.mark.parametrize("sample", BAD, ids=told)
def test_a_bad_target_is_refused_in_the_same_words(sample):
    """In the first call, and in a later one; parameters, memory and slopes stand."""
    step, state = training_step(sample.loss)
    compiled, good = sg.compile(step), good_target(sample)
    x, bad = sg.tensor(sample.prediction), sg.tensor(sample.target)
    for _ in range(2 if good is not None else 0):
        compiled(x, sg.tensor(good))
    with pytest.raises(sample.error) as eager:
        step(x, bad)
    before = AGREEMENT.numbers(state())
    with pytest.raises(sample.error, match=re.escape(sample.text)) as caught:
        compiled(x, bad)
    assert str(eager.value) == str(caught.value)
    AGREEMENT.same(before, state())
    if good is not None:  # and the next batch trains on, natively
        with AGREEMENT.native_runs():
            compiled(x, sg.tensor(good))
        assert compiled.traces == 1
