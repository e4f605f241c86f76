"""The recorder sees everything, in order, and changes nothing."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim, random
from seegrad.losses.base import SAMPLES as LOSSES
from seegrad.record.structure import PHASES

LAYERS = nn.Module.samples
GOOD_LOSSES = [s for s in LOSSES if s.error is None]
EXTRAS = {
    "sgd": [
        {},
        {"momentum": 0.9, "nesterov": True},
        {"momentum": 0.5, "dampening": 0.1},
    ],
    "adam": [{}, {"amsgrad": True, "weight_decay": 0.1}],
}
OPTIMIZERS = [
    (name, settings)
    for name in optim.OPTIMIZERS
    for settings in EXTRAS.get(name, [{}, {"weight_decay": 0.1}])
]


def moons_step(seed=0, activation="tanh"):
    """A small network, its optimizer, and data."""
    x, y = sg.data.moons(8, seed=seed)
    model = nn.MLP(2, [4], 1, activation=activation, seed=seed)
    return model, optim.Adam(model.parameters(), lr=0.01), x, y


def state(model, optimizer):
    """Everything that a step may change, as bytes."""
    arrays = list(model.state_dict().values())
    arrays += [np.asarray(v) for s in optimizer.states for v in s.values()]
    return [a.tobytes() for a in arrays]


def trained(name, settings, record):
    """The state after four steps of an optimizer, recorded or not."""
    x, y = sg.data.moons(8, seed=0)
    model = nn.MLP(2, [4], 1, activation="tanh", seed=0)
    optimizer = optim.get(name)(model.parameters(), lr=0.05, **settings)

    def steps():
        for _ in range(4):
            loss = sg.losses.bce_with_logits(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optim.clip_grad_norm(model.parameters(), 0.1)
            optimizer.step()

    if record:
        with sg.recording():
            steps()
    else:
        steps()
    return state(model, optimizer)


@pytest.mark.parametrize(("name", "settings"), OPTIMIZERS)
def test_looking_changes_no_bit_of_training(name, settings):
    """Parameters and memories after recorded steps are those without a recorder."""
    assert trained(name, settings, record=False) == trained(name, settings, record=True)


@pytest.mark.parametrize("compiled", [True, False])
def test_a_recorded_fit_learns_what_fit_without_compiling_learns(compiled):
    """A recorder makes the steps of fit eager, and changes no bit of them."""
    found = []
    for record in (False, True):
        model, optimizer, x, y = moons_step()
        settings = {"epochs": 2, "batch_size": 4, "progress": False}
        settings |= {"loss": "bce_with_logits", "optimizer": optimizer}
        if record:
            with sg.recording() as tape:
                sg.fit(model, x, y, **settings, compile=compiled, metrics=["accuracy"])
        else:
            sg.fit(model, x, y, **settings, compile=False, validation_data=(x, y))
        found.append(state(model, optimizer))
    assert found[0] == found[1]
    assert 4 == len(tape.steps)
    assert 1 == len({id(step.structure) for step in tape.steps})


@pytest.mark.parametrize("sample", LAYERS, ids=str)
def test_every_layer_is_recorded_forward_and_backward(sample, recorded):
    """Each parameter of a layer gets its gradient on the tape, equal to its own."""
    layer, tape = recorded(sample)
    for name, p in layer.named_parameters():
        if p.grad is not None:
            stored = tape.events(kind="gradient", name=name)[-1]
            np.testing.assert_array_equal(p.grad, stored.value)


@pytest.mark.parametrize("sample", GOOD_LOSSES, ids=lambda s: s.loss.__name__)
def test_every_loss_is_a_phase_of_its_own(sample):
    """Whatever a loss computes from the output of a model is recorded as the loss."""
    model = nn.Sequential()
    x = sg.tensor(np.asarray(sample.prediction, np.float32), requires_grad=True)
    with sg.recording() as tape:
        out = sample.loss(model(x * 1.0), sample.target)
    events = tape.events(phase="loss")
    assert float(out.item()) == float(np.asarray(events[-1].value))
    assert {"loss", "forward"} >= {event.phase for event in tape}


def test_a_step_goes_through_its_phases_in_order():
    """Forward, loss, backward, update: each is there, none comes twice."""
    model, optimizer, x, y = moons_step()
    tape = sg.record(model, x, y, loss="bce_with_logits", optimizer=optimizer)
    assert list(PHASES[:4]) == list(dict.fromkeys(event.phase for event in tape))
    assert [PHASES.index(e.phase) for e in tape] == sorted(
        PHASES.index(e.phase) for e in tape
    )


def test_record_puts_everything_back():
    """Parameters, gradients, moments, buffers and random numbers are as they were."""
    x, y = sg.data.moons(16, seed=0)
    model = nn.Sequential(
        nn.Linear(2, 4, seed=0), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 1)
    )
    optimizer = optim.Adam(model.parameters())
    sg.fit(
        model, x, y, loss="bce_with_logits", optimizer=optimizer, epochs=1,
        progress=False,
    )  # fmt: skip
    before, grads = state(model, optimizer), [p.grad for p in model.parameters()]
    born = [p.born for p in model.parameters()]
    drawn = random.state()
    tape = sg.record(model, x, y, loss="bce_with_logits", optimizer=optimizer, steps=2)
    assert before == state(model, optimizer)
    assert all(p.grad is g for p, g in zip(model.parameters(), grads, strict=True))
    assert born == [p.born for p in model.parameters()]
    assert drawn == random.state()
    assert 2 == len(tape.steps)
    assert tape.value("0.weight", 1).tolist() == (
        tape.value("0.weight", 0, after=True).tolist()
    )


def test_an_update_is_recorded_as_it_happens():
    """The last operation of an optimizer's formula is the parameter's new value."""
    model, optimizer, x, y = moons_step()
    with sg.recording() as tape:
        loss = sg.losses.bce_with_logits(model(x), y)
        loss.backward()
        optimizer.step()
    assigned = tape.events(kind="assign", name="0.weight")[0]
    np.testing.assert_array_equal(model.layers[0].weight.data, assigned.value)
    formula = [e for e in tape.events(phase="update") if e.parameter == "0.weight"]
    np.testing.assert_array_equal(assigned.value, formula[-2].value)
    assert "sub" == formula[-2].op
    assert "_moments.py" in str(formula[-2].source)


def test_hand_written_updates_of_values_make_steps():
    """Each round of a loop on single numbers is a step, and ends with its updates."""
    w = sg.Value(2.0, name="w", requires_grad=True)
    with sg.recording() as tape:
        for _ in range(3):
            loss = (w * 3.0 - 1.0) ** 2
            w.zero_grad()
            loss.backward()
            w.data = w.data - 0.01 * w.grad
    assert [0, 1, 2] == [step.number for step in tape.steps]
    assert ["mul", "sub", "pow"] == [e.op for e in tape.events(step=1, phase="forward")]
    assert w.data == tape.value("w", 2, after=True)
    assert 25.0 == tape.losses[0]


def test_updates_under_no_grad_belong_to_the_step():
    """p.assign(p - lr * p.grad) is the update, formula included."""
    p = nn.Parameter([1.0, 2.0])
    with sg.recording() as tape:
        (p * p).sum().backward()
        with sg.no_grad():
            p.assign(p - 0.1 * p.grad)
    assert ["sub", "assign"] == [e.op for e in tape.events(phase="update")]
    assert 1 == len(tape.steps)


def test_gradients_that_are_added_up_show_both_parts():
    """A second backward without zero_grad says what was there before."""
    p = nn.Parameter([1.0, 2.0])
    with sg.recording() as tape:
        (p * p).sum().backward()
        (p * p).sum().backward()
    first, second = tape.events(kind="gradient")
    assert first.before is None
    np.testing.assert_array_equal([2.0, 4.0], second.before)
    np.testing.assert_array_equal([4.0, 8.0], second.value)


def test_a_node_that_is_used_twice_gets_both_shares():
    """x * x sends its gradient to x once for each place."""
    x = sg.Value(3.0, name="x", requires_grad=True)
    with sg.recording() as tape:
        (x * x).backward()
    backward = tape.at(0, "backward")
    assert (3.0, 3.0) == backward.shares
    assert (3.0, 3.0) == backward.local
    assert 6.0 == tape.events(kind="gradient")[0].value


def test_what_learns_outside_of_layers_is_in_every_step():
    """A scale that is applied before the model: each step has the same structure."""
    model, _, x, y = moons_step()
    scale = nn.Parameter([2.0, 1.0])
    optimizer = optim.SGD([scale, *model.parameters()], lr=0.1)
    given = sg.tensor(x)
    with sg.recording() as tape:
        for _ in range(3):
            loss = sg.losses.bce_with_logits(model(given * scale), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    assert 3 == len(tape.steps)
    assert 1 == len({id(step.structure) for step in tape.steps})
    assert "mul" == tape.at(2, "forward").op
