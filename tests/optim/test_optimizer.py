"""What all optimizers have in common: what they accept, skip, save and refuse."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.errors import (
    ArgumentError,
    GradientError,
    InputTypeError,
    SeegradError,
    StateError,
)


def parameters():
    """Two parameters, each with a gradient."""
    made = [nn.Parameter([1.0, 2.0]), nn.Parameter([[3.0]])]
    for p in made:
        p.grad = np.ones(p.shape)
    return made


LEAF = sg.tensor([1.0], requires_grad=True)


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ([], ArgumentError, "no parameters"),
        (LEAF, InputTypeError, "not one Tensor"),
        (np.zeros(3), InputTypeError, "not one ndarray"),
        (3, InputTypeError, "not int"),
        (nn.Linear(2, 1), InputTypeError, "not Linear"),
        ([np.zeros(3)], InputTypeError, "parameter 0 is ndarray"),
        ({"weight": LEAF}, InputTypeError, "the text 'weight'"),
        ([{"params": [LEAF]}], InputTypeError, "is a dictionary"),
        ([("weight", LEAF)], InputTypeError, "parameter 0 is tuple"),
        ([LEAF, LEAF], ArgumentError, "parameter 1 is parameter 0 once more"),
        ([sg.tensor([1.0])], GradientError, "does not require a gradient"),
        ([LEAF * 2.0], GradientError, "the result of mul"),
    ],
)
def test_what_cannot_be_optimized_is_refused(given, error, text):
    """A typed error names the place, the thing and the way out."""
    with pytest.raises(error, match=text) as caught:
        optim.SGD(given, lr=0.1)
    assert "SGD" == caught.value.where
    assert caught.value.hint
    if "parameter 0 is ndarray" in str(caught.value):
        assert caught.value.hint.startswith("SGD(model.parameters()")


@pytest.mark.parametrize(
    ("name", "settings", "text"),
    [
        ("sgd", {"lr": -0.1}, "lr must be 0 or more, not -0.1"),
        ("sgd", {"lr": float("nan")}, "lr must be 0 or more, not nan"),
        ("sgd", {"lr": "fast"}, "lr must be a number, not 'fast'"),
        ("sgd", {"lr": True}, "lr must be a number"),
        ("sgd", {"momentum": -1}, "momentum must be 0 or more"),
        ("sgd", {"nesterov": True}, "needs momentum"),
        ("sgd", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}, "dampening 0"),
        ("rmsprop", {"alpha": 1.0}, "alpha must be 0 or more and below 1, not 1"),
        ("rmsprop", {"eps": -1.0}, "eps must be"),
        ("adam", {"betas": (0.9, 1.0)}, r"betas\[1\] must be 0 or more and below 1"),
        ("adam", {"betas": 0.9}, "betas must be two numbers"),
        ("adam", {"eps": -1.0}, "eps must be"),
        ("adamw", {"weight_decay": -0.1}, "weight_decay must be"),
    ],
)
def test_a_setting_outside_its_range_is_refused(name, settings, text):
    """At construction, with the number that was given."""
    with pytest.raises(SeegradError, match=text) as caught:
        optim.get(name)(parameters(), **settings)
    assert type(optim.get(name)(parameters())).__name__ == caught.value.where


def test_the_learning_rate_can_be_scheduled():
    """It may be set between steps, and is checked then too."""
    p = nn.Parameter([1.0])
    optimizer = optim.SGD([p], lr=0.5)
    optimizer.lr = 0.25
    p.grad = [1.0]
    optimizer.step()
    assert 0.75 == p.item()
    with pytest.raises(ArgumentError, match="not -1"):
        optimizer.lr = -1.0
    assert 0.25 == optimizer.lr


def test_what_has_no_gradient_or_is_frozen_stands_still():
    """Their memory stands still too."""
    reached, missed, frozen = (nn.Parameter([1.0]) for _ in range(3))
    optimizer = optim.Adam([reached, missed, frozen], lr=0.1)
    reached.grad = frozen.grad = [1.0]
    frozen.requires_grad = False
    optimizer.step()
    assert [True, False, False] == [p.item() != 1.0 for p in optimizer.params]
    assert [1, 0, 0] == [state["step"] for state in optimizer.states]


def test_a_frozen_parameter_may_be_thawed():
    """An optimizer made while a layer was frozen trains it later."""
    layer = nn.Linear(2, 1, seed=0)
    layer.weight.requires_grad = False
    optimizer = optim.SGD(layer.parameters(), lr=0.1)
    layer.weight.requires_grad = True
    before = layer.weight.data
    layer([1.0, 2.0]).backward()
    optimizer.step()
    assert not np.array_equal(before, layer.weight.data)


def test_zero_grad_forgets():
    """Gradients are None again."""
    optimizer = optim.SGD(parameters())
    optimizer.zero_grad()
    assert [None, None] == [p.grad for p in optimizer.params]


def test_a_step_that_fails_changes_nothing():
    """Neither a parameter nor what is remembered, not even of those before it."""

    class Fragile(optim.SGD):
        def update(self, p, g, state, lr):
            if p.ndim == 2:
                raise ArithmeticError("an accident")
            return super().update(p, g, state, lr)

    optimizer = Fragile(parameters(), momentum=0.9)
    before = optimizer.state_dict()
    with pytest.raises(ArithmeticError, match="an accident"):
        optimizer.step()
    assert [[1.0, 2.0], [[3.0]]] == [p.tolist() for p in optimizer.params]
    assert str(before) == str(optimizer.state_dict())


def test_values_can_be_optimized_too():
    """The same formulas work on single numbers."""
    x = sg.Value(3.0)
    optimizer = optim.Adam([x], lr=0.1)
    for _ in range(100):
        optimizer.zero_grad()
        ((x - 1.0) ** 2).backward()
        optimizer.step()
    assert 1.0 == pytest.approx(x.data, abs=0.1)
    assert float is type(x.data)


def test_an_update_is_written_in_ops():
    """Called with tensors it records, so that a compiler can see the formula."""
    for make in optim.OPTIMIZERS.values():
        p = sg.tensor([1.0, 2.0], requires_grad=True)
        optimizer = make([p])
        new, _ = optimizer.update(p, p * 2.0, optimizer.states[0], 0.1)
        assert new.op is not None
        plain, _ = optimizer.update(p.data, p.data * 2.0, optimizer.states[0], 0.1)
        assert new.tolist() == plain.tolist()


def test_a_state_is_a_copy_of_plain_data():
    """What was saved does not change when training goes on."""
    optimizer = optim.SGD(parameters(), lr=0.5, momentum=0.5)
    optimizer.step()
    saved = optimizer.state_dict()
    kept = str(saved)
    optimizer.step()
    assert kept == str(saved)
    assert ["SGD", 0.5, 1] == [
        saved["optimizer"],
        saved["lr"],
        saved["states"][0]["step"],
    ]


def test_loading_takes_over_the_settings():
    """The learning rate and the settings are part of the state."""
    first = optim.SGD(parameters(), lr=0.5, momentum=0.75, nesterov=True)
    second = optim.SGD(parameters(), lr=0.1)
    second.load_state_dict(first.state_dict())
    assert repr(first) == repr(second)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda s: s.pop("lr"), "lr: missing"),
        (lambda s: s.update(optimizer="SGD"), "it belongs to SGD, not to Adam"),
        (lambda s: s.update(lr=-1.0), "lr must be 0 or more"),
        (lambda s: s.update(settings={"speed": 1}), "speed"),
        (lambda s: s.update(states=s["states"][:1]), "1 where 2 parameters"),
        (lambda s: s["states"].reverse(), "shape"),
        (lambda s: s["states"][0].pop("mean"), "'mean', 'square', 'step'"),
        (lambda s: s["states"][0].update(mean="text"), "not a number"),
        (lambda s: s["states"][0].update(step=1.5), "whole number"),
        (lambda s: s["states"][0].update(mean=np.zeros(2)), "float64 where float32"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change, text):
    """The error says what does not fit, and the optimizer stays as it was."""
    optimizer = optim.Adam(parameters())
    optimizer.step()
    before = str(optimizer.state_dict())
    saved = optimizer.state_dict()
    change(saved)
    with pytest.raises(StateError, match=text):
        optimizer.load_state_dict(saved)
    assert before == str(optimizer.state_dict())
    with pytest.raises(InputTypeError, match="not list"):
        optimizer.load_state_dict([saved])


def test_all_that_does_not_fit_is_said_at_once():
    """One error lists every problem."""
    optimizer = optim.SGD(parameters(), momentum=0.9)
    saved = optimizer.state_dict()
    for state in saved["states"]:
        state["momentum"] = np.zeros(7)
    with pytest.raises(StateError) as caught:
        optimizer.load_state_dict(saved)
    assert 2 == str(caught.value).count("shape (7,)")


def test_an_optimizer_must_say_how_it_starts_and_updates():
    """The base class alone is not one."""
    with pytest.raises(NotImplementedError, match=r"start\(\)"):
        optim.Optimizer(parameters(), lr=0.1)


def test_a_saved_state_is_a_copy_in_both_directions():
    """Whoever writes into it changes no optimizer, neither its first nor its next."""

    def step_after(spoil):
        p = nn.Parameter([1.0, -2.0])
        optimizer = optim.Adam([p], lr=0.1)
        for _ in range(2):
            p.grad = np.array([0.5, 2.0], dtype=np.float32)
            optimizer.step()
            saved = optimizer.state_dict()
            optimizer.load_state_dict(saved)
            if spoil:
                saved["states"][0]["mean"][:] = 100.0
        return p.numpy()

    np.testing.assert_array_equal(step_after(spoil=False), step_after(spoil=True))


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        (optim.SGD, {"momentum": 0.9}),
        (optim.RMSprop, {"momentum": 0.9, "centered": True}),
        (optim.Adam, {"amsgrad": True}),
    ],
)
def test_a_setting_may_be_switched_on_later(kind, changed):
    """What it remembers starts then, as in an optimizer made with the setting."""
    late, early = (sg.tensor([1.0, -2.0], requires_grad=True) for _ in range(2))
    optimizer, reference = kind([late], lr=0.1), kind([early], lr=0.1, **changed)
    for name, value in changed.items():
        setattr(optimizer, name, value)
    for gradient in ([1.0, 2.0], [0.5, -1.0], [0.1, 0.2]):
        late.grad = early.grad = gradient
        optimizer.step()
        reference.step()
    assert early.tolist() == late.tolist()
