"""Every operation stands in its step and in its band, also what is on the side."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.record import recorder

X, Y = (sg.tensor(data) for data in sg.data.moons(8, seed=0))


def model_and_optimizer():
    """A small network with Adam."""
    model = nn.MLP(2, [3], 1, activation="tanh", seed=0)
    return model, optim.Adam(model.parameters(), lr=0.01)


def learn(model, optimizer, x=X, y=Y):
    """One step; gives the prediction and the loss."""
    out = model(x)
    loss = sg.losses.bce_with_logits(out, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return out, loss


def ops(tape, step, phase):
    """The names of the operations of a phase of a step."""
    found = tape.events(step=step, phase=phase, kind="operation")
    return [event.op for event in found]


def structures(tape):
    """How many different structures the steps have."""
    return len({id(step.structure) for step in tape.steps})


def test_an_accuracy_and_a_running_mean_are_in_every_step():
    """On the side, with their numbers; the mean is assigned there."""
    model, optimizer = model_and_optimizer()
    running, told = sg.tensor(0.0, name="running"), []
    with sg.recording() as tape:
        for _ in range(3):
            out, loss = learn(model, optimizer)
            right = ((out > 0.0) == (Y.reshape(-1, 1) > 0.0)).to(sg.float32)
            accuracy = right.mean()
            with sg.no_grad():
                running.assign(0.9 * running + 0.1 * loss)
            told.append((accuracy.item(), running.item()))
    assert [0, 1, 2] == [step.number for step in tape.steps]
    assert 1 == structures(tape)
    for step in range(3):
        aside = tape.events(step=step, phase="aside")
        assert aside[-1].kind == "assign"
        *_, accuracy = (e for e in aside if e.op == "div")
        assert told[step] == (float(accuracy.value), float(aside[-1].value))
    receipt = tape.why("running", step=2)
    assert told[2][1] == receipt.value


def test_a_metric_between_backward_and_update_is_on_the_side():
    """It updates nothing, and nothing flows back through it."""
    model, optimizer = model_and_optimizer()
    with sg.recording() as tape:
        out = model(X)
        sg.losses.bce_with_logits(out, Y).backward()
        (out > 0.0).to(sg.float32).mean()
        optimizer.step()
    assert ["gt", "cast", "sum", "div"] == ops(tape, 0, "aside")


def test_what_is_assigned_between_backward_and_update_is_on_the_side():
    """A number that is kept up by hand, as it is after the update."""
    model, optimizer = model_and_optimizer()
    kept = sg.tensor(np.zeros(()))
    with sg.recording() as tape:
        sg.losses.bce_with_logits(model(X), Y).backward()
        kept.assign(np.ones(()))
        optimizer.step()
    (event,) = tape.events(step=0, kind="assign", phase="aside")
    assert 1.0 == event.value


def test_what_prepares_the_data_is_in_the_forward_of_its_step():
    """Before the first step as before the others."""
    model, optimizer = model_and_optimizer()
    with sg.recording() as tape:
        for _ in range(3):
            learn(model, optimizer, (X - 0.5) / 2.0)
    assert (3, 1) == (len(tape.steps), structures(tape))
    for step in range(3):
        assert ["sub", "div", "permute"] == ops(tape, step, "forward")[:3]


def test_a_look_at_other_data_is_on_the_side_of_the_step_before():
    """The names of the step's own results stay as they are."""
    model, optimizer = model_and_optimizer()
    with sg.recording() as tape:
        for _ in range(2):
            learn(model, optimizer)
            with sg.no_grad():
                model(X + 1.0)
    assert (2, 1) == (len(tape.steps), structures(tape))
    for step in range(2):
        assert ["add", "permute", "matmul"] == ops(tape, step, "aside")[:3]
    names = [e.output.name for e in tape.events(step=0, op="matmul", kind="operation")]
    assert ["0.matmul", "2.matmul", "0.matmul 2", "2.matmul 2"] == names
    assert tape.why("0.matmul 2[0, 0]").lines


def test_a_prediction_alone_is_forward():
    """There is nothing that it could be beside of."""
    model, _ = model_and_optimizer()
    with sg.recording(model) as tape, sg.no_grad():
        model(X)
    assert {"forward"} == {event.phase for event in tape}
    assert "3 layers" in str(tape.zoom())


@pytest.mark.parametrize("quiet", [True, False])
def test_updates_by_hand_of_two_parameters_are_one_step(quiet):
    """With no_grad and without; each line belongs to its parameter."""
    w, b = nn.Parameter([1.0, 2.0]), nn.Parameter([0.5])
    w.name, b.name = "w", "b"
    with sg.recording() as tape:
        for _ in range(3):
            w.zero_grad()
            b.zero_grad()
            ((X @ w + b - 1.0) ** 2).mean().backward()
            if quiet:
                with sg.no_grad():
                    w.assign(w - 0.1 * sg.tensor(w.grad))
                    b.assign(b - 0.1 * sg.tensor(b.grad))
            else:
                w.assign(w - 0.1 * sg.tensor(w.grad))
                b.assign(b - 0.1 * sg.tensor(b.grad))
    assert (3, 1) == (len(tape.steps), structures(tape))
    assert ["mul", "sub"] * 2 == ops(tape, 1, "update")
    for name in ("w[1]", "b[0]"):
        receipt = tape.why(name, step=2)
        assert receipt.proved, str(receipt)
        assert ["mul", "sub"] == [tape[line.event].op for line in receipt.lines]
        assert 3 == len(receipt.checks)


def test_a_loop_that_never_goes_backward_has_steps_too():
    """Gradients by hand: a step ends where a leaf is assigned again."""
    w, b = sg.tensor([1.0, 2.0], name="w"), sg.tensor([1.0], name="b")
    with sg.recording() as tape:
        for _ in range(4):
            error = X @ w + b - 1.0
            w.assign(w - 0.1 * (error @ X))
            b.assign(b - 0.1 * sg.sum(error))
    assert (4, 1) == (len(tape.steps), structures(tape))
    assert ["sub", "sub"] == ops(tape, 3, "update")
    assert "matmul" == ops(tape, 3, "forward")[0]
    value = tape.value("w", 3, after=True)
    np.testing.assert_array_equal(w.data, value)


def test_moving_averages_of_weights_are_not_the_optimizers():
    """They are assigned after its step, in the same step of the tape."""
    model, optimizer = model_and_optimizer()
    averages = [sg.tensor(p.data, name=f"mean {i}") for i, p in
                enumerate(model.parameters())]  # fmt: skip
    with sg.recording() as tape:
        for _ in range(2):
            learn(model, optimizer)
            with sg.no_grad():
                for mean, p in zip(averages, model.parameters(), strict=True):
                    mean.assign(0.9 * mean + 0.1 * p)
    assert (2, 1) == (len(tape.steps), structures(tape))
    assigned = tape.events(step=1, kind="assign")
    assert ["Adam"] * 4 + ["assign"] * 4 == [event.op for event in assigned]
    assert ["update"] * 4 + ["aside"] * 4 == [event.phase for event in assigned]


def test_the_loss_of_a_second_batch_is_a_loss():
    """Gradients of two batches are added up before the update."""
    model, optimizer = model_and_optimizer()
    with sg.recording() as tape:
        for _ in range(2):
            optimizer.zero_grad()
            for half in (slice(0, 4), slice(4, 8)):
                sg.losses.bce_with_logits(model(X[half]), Y[half]).backward()
            optimizer.step()
    assert (2, 1) == (len(tape.steps), structures(tape))
    assert 2 == ops(tape, 1, "loss").count("softplus")
    assert not any(event.phase == "aside" for event in tape)
    assert {p.name for p in tape.steps[0].structure.quantities if p.role == "parameter"}
    updates = tape.events(step=0, phase="update", kind="operation")
    assert all(event.deed.parameter for event in updates)


def test_what_a_normalisation_remembers_is_on_the_tape():
    """Its running mean moves on the side, and its layer is named."""
    model = nn.Sequential(nn.Linear(2, 3, seed=0), nn.BatchNorm1d(3), nn.Linear(3, 1))
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    with sg.recording() as tape:
        for _ in range(2):
            learn(model, optimizer)
    assert (2, 1) == (len(tape.steps), structures(tape))
    found = tape.events(step=1, kind="assign", name="1.running_mean")
    assert [("aside", "1")] == [(event.phase, event.layer) for event in found]
    np.testing.assert_array_equal(model.layers[1].running_mean.data, found[0].value)


def test_a_number_of_the_graph_is_looked_at_again():
    """What is made from a loss after its update belongs to the step of the loss."""
    w = sg.Value(2.0, name="w", requires_grad=True)
    with sg.recording() as tape:
        for _ in range(3):
            loss = (w * 3.0 - 1.0) ** 2
            w.zero_grad()
            loss.backward()
            with sg.no_grad():
                w.data = (w - 0.01 * w.grad).data
            loss - 1.0
    assert (3, 1) == (len(tape.steps), structures(tape))
    assert "sub" == tape.steps[2].event(len(tape.steps[2]) - 1).op


def test_there_is_an_end_to_what_is_kept_on_the_side(monkeypatch):
    """Beyond it, operations under no_grad are only counted."""
    monkeypatch.setattr(recorder, "MOST_QUIET", 100)
    model, optimizer = model_and_optimizer()
    with sg.recording() as tape:
        learn(model, optimizer)
        with sg.no_grad():
            model(X)
    kept = len(ops(tape, 0, "aside"))
    assert 7 == kept + tape.steps[0].left_out
    assert tape.steps[0].left_out > 0


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_story_tells_what_is_on_the_side(language):
    """Under a heading of its own."""
    model, optimizer = model_and_optimizer()
    with sg.recording() as tape:
        learn(model, optimizer)
        with sg.no_grad():
            model(X)
    heading = {"en": "On the side", "de": "Nebenbei"}[language]
    assert heading in tape.story(language)


def test_two_models_are_told_apart():
    """Both have a 0.weight: that of the second is another one, with its own lines."""
    first, first_optimizer = model_and_optimizer()
    second, second_optimizer = model_and_optimizer()
    with sg.recording(first, second) as tape:
        learn(first, first_optimizer)
        learn(second, second_optimizer)
        learn(second, second_optimizer)
    assert "0.weight" in tape.parameters
    assert "0.weight (2)" in tape.parameters
    for step, name, model in ((0, "0.weight", first), (2, "0.weight (2)", second)):
        receipt = tape.why(f"{name}[1, 0]", step=step)
        assert receipt.proved, str(receipt)
        assert float(model.layers[0].weight.data[1, 0]) == receipt.new
    assert {"0 (2)", "1 (2)", "2 (2)"} == {row[0] for row in tape.zoom(step=1).rows}


def test_a_result_that_is_carried_over_an_update_is_no_parameter():
    """As in adversarial training: its maker still gets the gradient, and a note."""
    maker, optimizer = model_and_optimizer()
    judge = nn.Linear(1, 1, seed=1)
    judges = optim.SGD(judge.parameters(), lr=0.1)
    with sg.recording(maker, judge) as tape:
        made = maker(X)
        (judge(made.detach()) ** 2).mean().backward()
        judges.step()
        (judge(made) ** 2).mean().backward()
        optimizer.step()
    assert 2 == len(tape.steps)
    expected = [name for name, _ in maker.named_parameters()] + ["bias", "weight"]
    found = tape.steps[1].structure.quantities
    assert sorted(expected) == sorted(q.name for q in found if q.role == "parameter")
    receipt = tape.why("0.weight[1, 0]", step=1)
    assert float(maker.layers[0].weight.grad[1, 0]) == receipt.gradient
    assert ["its gradient comes from operations of an earlier step"] == receipt.notes
    assert receipt.proved
