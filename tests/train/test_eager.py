"""Where a step is not compiled, it runs as it is written, and the run says why."""

import warnings

import numpy as np
import pytest

import seegrad as sg
from seegrad import data, nn, optim
from seegrad.borrow import LENDERS
from seegrad.op import opaque
from seegrad.train import Callback, fit
from seegrad.train.step import MOST_TRACES

X, Y = data.moons(60, noise=0.1, seed=0)
BCE = {"loss": "bce_with_logits", "optimizer": "adam", "batch_size": 30}


def same(one, other):
    """Whether two models have the same parameters, but for rounding."""
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(np.allclose(a, b, rtol=1e-5, atol=1e-6) for a, b in pairs)


def eager_twin():
    """The model of the fixture after two epochs without the compiler."""
    model = nn.MLP(2, [4], 1, activation="tanh", seed=0)
    run = fit(model, X, Y, **BCE, epochs=2, compile=False)
    assert "compile=False" == run.eager
    return model


def test_a_compiled_run_has_nothing_to_say(model):
    """None, as with a run that was not stopped."""
    assert fit(model, X, Y, **BCE, epochs=2).eager is None
    assert same(eager_twin(), model)


@pytest.mark.parametrize("moment", ["after_loss", "after_backward"])
@pytest.mark.parametrize("on_the_object", [True, False])
def test_a_look_into_the_step_is_granted(model, moment, on_the_object):
    """The graph is there; the method may be of the class or of the object."""

    def look(trainer):
        graphs.append(trainer.loss.requires_grad)

    graphs = []
    mine = type("Look", (Callback,), {})
    if on_the_object:
        callback = mine()
        setattr(callback, moment, look)
    else:
        setattr(mine, moment, lambda self, trainer: look(trainer))
        callback = mine()
    run = fit(model, X, Y, **BCE, epochs=2, callbacks=callback)
    assert f"the callback Look looks into the step, with {moment}" == run.eager
    assert [True] * 4 == graphs
    assert same(eager_twin(), model)


@pytest.mark.parametrize("moment", ["before_batch", "after_step", "after_batch"])
def test_a_look_beside_the_step_costs_nothing(model, moment):
    """The moments around a step leave it compiled."""
    steps = []
    method = {moment: lambda self, trainer: steps.append(trainer.step)}
    callback = type("Look", (Callback,), method)()
    assert fit(model, X, Y, **BCE, epochs=2, callbacks=callback).eager is None
    assert [1, 2, 1, 2] == steps


class Clip(Callback):
    """Gradients that are cut back, with ops."""

    traceable = True

    calls = 0

    def after_backward(self, trainer):
        optim.clip_grad_norm(trainer.model.parameters(), 0.01)
        Clip.calls += 1


def test_a_traceable_callback_is_compiled_with_the_step(model):
    """It is called while the step is traced, and is in the native code from then on."""
    twin = nn.MLP(2, [4], 1, activation="tanh", seed=0)
    settings = {**BCE, "optimizer": "sgd", "callbacks": Clip(), "epochs": 3}
    assert fit(model, X, Y, **settings).eager is None
    assert 1 == Clip.calls
    fit(twin, X, Y, **settings, compile=False)
    assert 1 + 6 == Clip.calls
    assert same(twin, model)


def test_without_a_compiler_training_is_eager(model, monkeypatch):
    """As when this folder is used alone."""
    monkeypatch.delitem(LENDERS, "Trainer.compile")
    run = fit(model, X, Y, **BCE, epochs=2)
    assert "nobody has lent the Trainer a compiler" == run.eager
    assert same(eager_twin(), model)


class Curious(nn.Module):
    """A model that looks at its own numbers."""

    def __init__(self):
        self.layer = nn.Linear(2, 1, seed=0)

    def forward(self, x):
        out = self.layer(x)
        return out if float(out.sum()) < 1e9 else -out


def test_a_step_that_reads_its_numbers_runs_eagerly():
    """The warning and the run name the place; the result is as it was."""
    model, twin = Curious(), Curious()
    with pytest.warns(UserWarning, match="runs eagerly: a compiled step read") as found:
        run = fit(model, X, Y, **BCE)
    assert [__file__] == [warning.filename for warning in found]
    assert "test_eager.py" in run.eager
    fit(twin, X, Y, **BCE, compile=False)
    assert same(twin, model)


class Hoarder(nn.Module):
    """A model that keeps the last thing it computed."""

    def __init__(self):
        self.layer = nn.Linear(2, 1, seed=0)

    def forward(self, x):
        self.last = self.layer(x)
        return self.last


def test_a_step_that_is_never_the_same_is_given_up():
    """Tracing anew each time would take longer than not compiling at all."""
    model, twin = Hoarder(), Hoarder()
    with pytest.warns(UserWarning, match="was traced 8 times"):
        run = fit(model, X, Y, **BCE)
    assert f"traced {MOST_TRACES} times" in run.eager
    assert "last" in run.eager
    fit(twin, X, Y, **BCE, compile=False)
    assert same(twin, model)


@pytest.mark.usefixtures("own_ops")
def test_an_op_that_the_compiler_does_not_know_is_named():
    """sg.compile says it in a warning, and the run keeps the sentence."""

    @opaque
    def mirrored(xp, x, /):
        """-x"""
        return -x

    mirrored.derivatives(x=lambda g, out, x: -g)

    class Mirror(Curious):
        def forward(self, x):
            return mirrored(self.layer(x))

    model = Mirror()
    with pytest.warns(UserWarning, match="the step of fit runs eagerly"):
        run = fit(model, X, Y, **BCE)
    assert "mirrored" in run.eager
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        twin = Mirror()
        fit(twin, X, Y, **BCE, compile=False)
    assert same(twin, model)


def test_a_batch_with_a_history_learns_backwards_through_it(model):
    """What a callback put before the model gets its gradient, as ever."""

    class Scale(Callback):
        def before_batch(self, trainer):
            trainer.x = trainer.x * scale

    grads = []
    for compile in (True, False):
        scale = sg.tensor(1.0, requires_grad=True)
        fit(model, X, Y, **BCE, epochs=1, callbacks=Scale(), compile=compile)
        assert scale.grad is not None
        grads.append(scale.grad)
    assert np.isfinite(grads).all()


def test_nothing_native_is_kept_by_the_trainer(model):
    """When fit returns, the trainer has only the step that it is written as."""

    class Keep(Callback):
        def before_fit(self, trainer):
            self.trainer = trainer

    keep = Keep()
    fit(model, X, Y, **BCE, epochs=1, callbacks=keep)
    assert keep.trainer.one_batch == keep.trainer.learn
