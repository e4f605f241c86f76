"""Parameters that several steps, names and optimizers share; gradients that stay."""

import pickle
import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np

import seegrad as sg
from seegrad import nn, optim

NETWORKS = SimpleNamespace(**runpy.run_path(str(Path(__file__).parent / "networks.py")))
X, MAKERS, network = NETWORKS.X, NETWORKS.MAKERS, NETWORKS.network
training, made, close = NETWORKS.training, NETWORKS.made, NETWORKS.close


def test_two_steps_and_eager_ones_share_their_parameters():
    """In any order, with two optimizers of the same parameters."""

    def steps(model):
        optimizers = [MAKERS[kind](model.parameters()) for kind in ("adam", "momentum")]
        return [training(model, o) for o in optimizers]

    model, twin = network(), network()
    eager, expected = steps(model), steps(twin)
    compiled = [sg.compile(f) for f in eager]
    look = sg.compile(model)
    for number in np.random.default_rng(0).integers(0, 6, 30).tolist():
        if number < 4:
            (compiled if number < 2 else eager)[number % 2](X)
            expected[number % 2](X)
        else:
            model.train(number == 4)
            twin.train(number == 4)
            np.testing.assert_allclose(look(X).data, twin(X).data, rtol=1e-9)
            model.train()
            twin.train()
        close(twin, model)
    assert [1, 1] == [f.traces for f in compiled]


def test_resuming_continues_to_the_last_bit():
    """Through the states of model and optimizer, in a step compiled anew."""
    model, optimizer, _, step = made()
    for _ in range(3):
        step(X)
    saved = pickle.dumps((model.state_dict(), optimizer.state_dict()))
    for _ in range(3):
        step(X)
    other, resumed, _, again = made()
    states = pickle.loads(saved)
    other.load_state_dict(states[0])
    resumed.load_state_dict(states[1])
    for _ in range(3):
        again(X)
    for a, b in zip(
        model.state_dict().values(), other.state_dict().values(), strict=True
    ):
        assert a.tobytes() == b.tobytes()
    assert str(optimizer.state_dict()) == str(resumed.state_dict())


class Tied(nn.Module):
    """One matrix on the way in and on the way out."""

    def __init__(self):
        self.inward = nn.Linear(2, 2, seed=0, dtype="float64")
        self.outward = nn.Linear(2, 2, seed=1, dtype="float64")
        self.outward.weight = self.inward.weight

    def forward(self, x):
        return self.outward(sg.tanh(self.inward(x)))


def test_tied_parameters_stay_tied():
    """They are updated once, by the sum of both gradients."""
    results = []
    for compiled in (False, True):
        model = Tied()
        step = training(model, MAKERS["adam"](model.parameters()))
        step = sg.compile(step) if compiled else step
        for _ in range(4):
            step(X)
        assert model.inward.weight is model.outward.weight
        results.append(model)
    close(*results)


def test_gradients_accumulate_over_calls():
    """Without zero_grad, from any start, and back to none."""
    p, q = (nn.Parameter(np.array([1.0, 2.0])) for _ in range(2))

    def into(p):
        return lambda x: ((p * x) ** 2).sum().backward()

    step, eager = sg.compile(into(p)), into(q)
    for k in range(9):
        if k == 4:
            p.grad = q.grad = None
        if k == 6:
            p.grad = q.grad = np.array([5.0, 6.0])
        step(X)
        eager(X)
        np.testing.assert_allclose(q.grad, p.grad, rtol=1e-12)
    assert 2 == step.traces


def test_an_eager_update_after_a_compiled_backward():
    """The gradients are there, and belong to the parameters."""
    results = []
    for compiled in (False, True):
        model = network()
        optimizer = MAKERS["adam"](model.parameters())

        def backward(x, model=model, optimizer=optimizer):
            optimizer.zero_grad()
            (model(x) ** 2).mean().backward()

        step = sg.compile(backward) if compiled else backward
        for _ in range(4):
            step(X)
            assert all(p.grad.flags.owndata for p in model.parameters()) or compiled
            optim.clip_grad_norm(model.parameters(), 0.5)
            optimizer.step()
        results.append(model)
    close(*results)


def test_gradients_that_an_update_used_up_are_not_kept():
    """As documented; those that are not used up are."""
    model, _, _, step = made()
    step(X)
    step(X)
    assert all(p.grad is None for p in model.parameters())
    frozen = nn.Parameter(np.ones(2))
    step = sg.compile(lambda x: (x * frozen).sum().backward())
    step(X)
    step(X)
    assert [9.0, 3.0] == frozen.grad.tolist()


def test_data_and_gradients_may_be_read_and_set_inside():
    """x.data, p.grad, and both replaced, also in another dtype."""

    def into(p, b):
        def function(x):
            p.zero_grad()
            loss = ((p * x) ** 2).sum() + (x.data * 2.0).sum()
            loss.backward()
            p.grad = p.grad * 0.5
            p.grad = p.grad + np.float32(1.0)
            p.data = p.data - 0.1 * p.grad
            b.data = b.data * 0.9 + 0.1 * p.data
            b.assign(b.data + 1)
            return p.data, p.grad, b.data

        return function

    p, q = (nn.Parameter(np.array([1.0, 2.0])) for _ in range(2))
    b, c = (sg.tensor(np.array([1.0, 2.0], np.float32)) for _ in range(2))
    step, eager = sg.compile(into(p, b)), into(q, c)
    for _ in range(4):
        found, expected = step(X), eager(X)
        for mine, yours in zip(found, expected, strict=True):
            np.testing.assert_allclose(np.asarray(yours), mine.data, rtol=1e-6)
        np.testing.assert_allclose(q.data, p.data, rtol=1e-6)
        np.testing.assert_allclose(c.data, b.data, rtol=1e-6)
    assert b.dtype == np.float32
