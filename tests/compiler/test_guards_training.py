"""Settings of layers and optimizers, and steps that change what they depend on."""

import functools
import itertools
import warnings
from types import SimpleNamespace

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim

X = sg.tensor(np.array([1.0, 2.0]))


def first(out):
    """The first number of a result."""
    return float(out.numpy().ravel()[0])


def mutate(thing, new, name="scale"):
    """Set an attribute."""
    setattr(thing, name, new)


def test_train_and_eval_and_the_share_of_dropout():
    """Each is one trace; going back is none."""
    model = nn.Sequential(nn.Linear(2, 4, seed=0, dtype="float64"), nn.Dropout(0.5))

    def run(f):
        sg.manual_seed(0)
        return f(X).numpy()

    step = sg.compile(model)
    for mode, p, traces in [
        (True, 0.5, 1),
        (False, 0.5, 2),
        (True, 0.5, 2),
        (True, 0.2, 3),
        (False, 0.5, 3),
    ]:
        model.train(mode)
        model[1].p = p
        np.testing.assert_allclose(run(model), run(step), rtol=1e-12)
        assert traces == step.traces


def test_layers_are_appended_replaced_and_taken_away():
    """In a network, and in a list inside of a dictionary."""
    model = nn.Sequential(nn.Linear(2, 2, seed=0, dtype="float64"))
    step = sg.compile(model)
    changes = [
        lambda: model.append(nn.Tanh()),
        lambda: model.layers.__setitem__(0, nn.Linear(2, 2, seed=1, dtype="float64")),
        model.layers.pop,
        lambda: mutate(model[0], nn.Parameter(np.ones((2, 2))), "weight"),
        lambda: mutate(model[0], None, "bias"),
    ]
    for change in [lambda: None, *changes]:
        change()
        for _ in range(2):
            np.testing.assert_allclose(model(X).numpy(), step(X).numpy(), rtol=1e-12)
    assert 6 == step.traces


def training(optimizer=optim.SGD, **settings):
    """A parameter, its optimizer, and one step."""
    p = nn.Parameter(np.array([1.0, 2.0]))
    opt = optimizer([p], lr=0.1, **settings)

    def step(x):
        loss = (p * p * x).sum()
        opt.zero_grad()
        loss.backward()
        opt.step()
        return loss

    return p, opt, step


def side_by_side(changes, traces, optimizer=optim.SGD, **settings):
    """The same changes between steps that run eagerly, and compiled."""
    (p, one, eager), (q, two, step) = [
        training(optimizer, **settings) for _ in range(2)
    ]
    step = sg.compile(step)
    for change in changes:
        change(p, one)
        change(q, two)
        for _ in range(2):
            np.testing.assert_allclose(eager(X).data, step(X).data, 1e-12, 1e-12)
            np.testing.assert_allclose(p.data, q.data, rtol=1e-12, atol=1e-12)
    assert traces == step.traces


def nothing(p, opt):
    """No change."""


def test_a_new_learning_rate_is_no_new_trace():
    """It is read at every step."""
    changes = [lambda p, opt, k=k: mutate(opt, 0.1 / (k + 1), "lr") for k in range(4)]
    side_by_side(changes, 1)
    side_by_side(changes, 1, optim.Adam)


def test_settings_of_an_optimizer():
    """Betas, and a momentum that is switched on later."""
    side_by_side(
        [nothing, lambda p, opt: mutate(opt, (0.5, 0.6), "betas")], 2, optim.Adam
    )
    side_by_side([nothing, lambda p, opt: mutate(opt, 0.9, "momentum")], 2)
    change = functools.partial(lambda p, opt: mutate(opt, 0.1, "weight_decay"))
    side_by_side([nothing, change], 2, optim.AdamW)


def test_freezing_and_thawing():
    """A frozen parameter stands still; thawed, it is the old trace again."""

    def freeze(p, opt):
        p.requires_grad = False

    def thaw(p, opt):
        p.requires_grad = True

    p, q = nn.Parameter(np.ones(2)), nn.Parameter(np.ones(2))
    opt = optim.SGD([p, q], lr=0.1)

    def function(x):
        opt.zero_grad()
        (p * q * x).sum().backward()
        opt.step()

    step = sg.compile(function)
    for flag, traces in [(True, 1), (False, 2), (True, 2), (False, 2)]:
        before = p.data
        p.requires_grad = flag
        step(X)
        assert flag == bool((before != p.data).any())
        assert traces == step.traces


def test_loading_a_state_is_seen():
    """Of the parameter, and of the optimizer, whose memory is exchanged."""
    saved = {}

    def save(p, opt):
        saved[id(p)] = opt.state_dict(), p.data.copy()

    def load(p, opt):
        state, data = saved[id(p)]
        opt.load_state_dict(state)
        p.assign(data)

    side_by_side([nothing, save, nothing, load, load], 3, optim.Adam)


@pytest.mark.parametrize("kind", ["list", "cell", "attribute", "rate", "iterator"])
def test_a_step_that_changes_what_it_depends_on_stays_right(kind):
    """It is traced some times, then runs eagerly; every call counts once."""
    box, seen = SimpleNamespace(scale=3.0), []
    p, opt, _ = training()
    count, numbers = 0.0, itertools.count(1)

    def function(x):
        nonlocal count
        if kind == "list":
            seen.append(1.0)
            return x * len(seen)
        if kind == "cell":
            count += 1.0
            return x * count
        if kind == "attribute":
            box.scale += 1.0
            return x * (box.scale - 3.0)
        if kind == "iterator":
            return x * float(next(numbers))
        opt.lr = opt.lr + 0.5
        opt.zero_grad()
        (p * x).sum().backward()
        opt.step()
        return x * ((opt.lr - 0.1) * 2.0)

    step = sg.compile(function)
    with pytest.warns(UserWarning, match="eagerly"):
        found = [first(step(X)) for _ in range(12)]
    np.testing.assert_allclose(np.arange(1.0, 13.0), found)


def test_random_numbers_of_numpy_and_python_are_noticed():
    """They would be the same in every run, so the step runs eagerly and says why."""
    rng, other = np.random.default_rng(0), np.random.default_rng(0)
    step = sg.compile(lambda x: x * rng.normal())
    with pytest.warns(UserWarning, match="NumPy"):
        found = [first(step(X)) for _ in range(4)]
    assert [float(other.normal()) for _ in range(4)] == found


def test_python_numbers_as_arguments_are_traced_once_each():
    """Old ones are known; the ninth new one runs eagerly, with a warning that helps."""
    step = sg.compile(lambda x, scale: x * scale)
    for _ in range(2):
        for k in range(8):
            assert 1.0 + k == first(step(X, 1.0 + k))
    assert 8 == step.traces
    with pytest.warns(UserWarning, match=r"traced 8 times .* sg\.tensor"):
        assert 50.0 == first(step(X, 50.0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # it is said once
        assert 60.0 == first(step(X, 60.0))
        assert 3.0 == first(step(X, 3.0))
        for k in range(20):
            assert k == first(step(X, sg.tensor(float(k))))
    assert 9 == step.traces
