"""The doctor looks, and changes nothing; it reports on runs, on tapes, on wrecks."""

from contextlib import suppress

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim, random
from seegrad.diagnosis import Report
from seegrad.diagnosis.doctor import LAST
from seegrad.errors import ArgumentError, InputTypeError, ShapeError


def dropping():
    """A network with dropout, so that random numbers count."""
    return nn.Sequential(
        nn.Linear(2, 8, seed=0), nn.Tanh(), nn.Dropout(0.2), nn.Linear(8, 1, seed=1)
    )


def trained(**settings):
    """Four epochs on moons; the model, the optimizer and the run."""
    x, y = sg.data.moons(48, noise=0.1, seed=0)
    model = dropping()
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    arguments = {"epochs": 4, "batch_size": 16, "progress": False, "compile": False}
    return sg.fit(
        model, x, y, loss="bce_with_logits", optimizer=optimizer, **arguments | settings
    )


def arrays(state):
    """All arrays in the state of a model or an optimizer, in order."""
    if isinstance(state, dict):
        return [a for value in state.values() for a in arrays(value)]
    if isinstance(state, list | tuple):
        return [a for value in state for a in arrays(value)]
    return [np.asarray(state)]


def assert_same(one, other):
    """Bit for bit."""
    for a, b in zip(arrays(one), arrays(other), strict=True):
        assert a.tobytes() == b.tobytes()


def test_examining_a_run_changes_nothing():
    """Neither model, gradients, optimizer, history nor the stream of random numbers."""
    run = trained()

    def state():
        gradients = [np.array(p.grad) for p in run.model.parameters()]
        history = {k: list(v) for k, v in run.history.records.items()}
        return [
            run.model.state_dict(), run.optimizer.state_dict(), gradients, history,
            repr(random.state()),
        ]  # fmt: skip

    before = state()
    sg.doctor(run)
    assert_same(before[:-1], state()[:-1])
    assert before[-1] == state()[-1]
    assert run.model.training is trained().model.training


@pytest.mark.parametrize("compiled", [False, True])
def test_a_doctor_that_watches_changes_no_weight(compiled):
    """Against the same training without one, compiled or not."""
    plain = trained(compile=compiled)
    watched = trained(compile=compiled, callbacks=sg.Doctor())
    if compiled:  # the steps that are watched are not, and agree to rounding
        for a, b in zip(
            arrays(plain.model.state_dict()),
            arrays(watched.model.state_dict()),
            strict=True,
        ):
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
    else:
        assert_same(plain.model.state_dict(), watched.model.state_dict())
        assert_same(plain.optimizer.state_dict(), watched.optimizer.state_dict())
        assert plain.history.records == watched.history.records


def test_a_run_and_a_doctor_that_watched_it_agree():
    """The repeated run is the run."""
    doctor = sg.Doctor()
    run = trained(callbacks=doctor, shuffle=False, batch_size=2)
    assert str(doctor.report) == str(sg.doctor(run))


def test_a_tape_from_a_file_gives_the_same_report(planted, tmp_path):
    """Word for word, with the same numbers in the pictures."""
    for name in ("forgotten_zero_grad", "evaluated_in_train_mode", "never_updated"):
        tape = planted(name)
        tape.save(tmp_path / "tape.json")
        loaded = sg.doctor(sg.Tape.load(tmp_path / "tape.json"))
        assert str(sg.doctor(tape)) == str(loaded)
        assert sg.doctor(tape)[0].draw().scene == loaded[0].draw().scene


def test_a_tape_of_summaries_raises_no_false_alarm():
    """What was not kept is not taken for missing."""
    x, y = sg.data.moons(64, noise=0.1, seed=0)
    model = nn.MLP(2, [32, 32], 1, activation="tanh", seed=0)
    with sg.recording(model, most_bytes=50_000) as tape:
        trained_model = sg.fit(
            model, x, y, loss="bce_with_logits", optimizer="adam", epochs=10,
            progress=False,
        )  # fmt: skip
    assert trained_model.epochs_done == 10
    assert not all(step.is_whole for step in tape.steps)
    assert [] == sg.doctor(tape).names


def test_a_broken_training_is_reported_with_its_first_operation(planted):
    """fit raised NonFiniteError, and the callback knows why."""
    (finding,) = planted("nonfinite_numbers").report
    assert "exp in layer 1 made it out of finite numbers" in finding.evidence
    assert 3 == finding.severity
    assert finding.began == planted("nonfinite_numbers").report.steps - 1


def test_a_derivative_that_is_not_finite_is_named():
    """The square root has slope 1/0 at 0, though the loss is finite."""
    with np.errstate(all="ignore"), sg.recording() as tape:
        w = sg.tensor([0.0, 4.0], requires_grad=True)
        (w.sqrt() * sg.tensor([1.0, 2.0])).sum().backward()
    (finding,) = sg.doctor(tape)
    assert "A NaN or an infinity, from the derivative of sqrt" == finding.title


def test_an_infinity_on_purpose_is_no_finding():
    """A mask of -inf that softmax takes away again."""
    with sg.recording() as tape:
        w = sg.tensor([[1.0, 2.0, 3.0]], requires_grad=True)
        masked = w + sg.log(sg.tensor([[1.0, 1.0, 0.0]]) + 0.0)
        with np.errstate(all="ignore"):
            (sg.softmax(masked, dim=1) * sg.tensor([[1.0, 2.0, 0.0]])).sum().backward()
    assert [] == sg.doctor(tape).names


def test_steps_limit_what_is_watched():
    """And the rest of the training goes on."""
    doctor = sg.Doctor(steps=5)
    run = trained(callbacks=doctor)
    assert (5, 4) == (doctor.report.steps, run.epochs_done)
    assert 5 + LAST == sg.doctor(run, steps=5).steps
    assert 1 + LAST == sg.doctor(run, steps=1).steps
    assert 12 == sg.doctor(run).steps


def test_a_doctor_may_watch_one_training_after_another():
    """The report is that of the latest."""
    doctor = sg.Doctor()
    trained(callbacks=doctor, epochs=2)
    trained(callbacks=doctor, epochs=1)
    assert 3 == doctor.report.steps
    assert 1 == len(doctor.case.history["loss"])


def test_what_a_repetition_cannot_repeat_is_said():
    """Callbacks may have changed the learning rate."""

    class Wild(sg.train.Callback):
        def after_epoch(self, trainer):
            trainer.optimizer.lr *= 30.0

    (note,) = sg.doctor(trained(callbacks=Wild())).notes
    assert note.startswith("repeated without Wild, the run has another loss; sg.Doc")
    assert () == sg.doctor(trained()).notes


def test_a_recording_that_ended_early_is_noted():
    """With the error that ended it."""
    model = dropping()
    with suppress(ShapeError), sg.recording(model) as tape:
        sg.losses.mse(model([[1.0, 2.0]]), [[1.0]]).backward()
        model([[1.0, 2.0, 3.0]])
    note = "note: the recording ended early: ShapeError: cannot multiply (1, 3)"
    assert note in str(sg.doctor(tape))


def test_the_gravest_finding_comes_first():
    """Whatever found it first."""
    x, y = sg.data.moons(64, seed=0)
    x = np.column_stack([x, np.full(64, 7.0)]).astype(np.float32)
    model = nn.Linear(3, 1, seed=0)
    run = sg.fit(
        model, x, y[:, None], loss="mse", epochs=4, batch_size=8, progress=False,
        optimizer=optim.SGD(model.parameters(), lr=0.025),
    )  # fmt: skip
    report = sg.doctor(run)
    assert ["learning_rate_too_high", "constant_feature"] == report.names
    assert [3, 1] == [finding.severity for finding in report]


def test_a_report_is_readable(planted):
    """Four lines for a finding, one where there is none."""
    lines = str(sg.doctor(planted("no_gradient"))).splitlines()
    assert "spare.weight never receives a gradient (since step 0)" == lines[0]
    assert "  seen  2 of 6 parameters got none" in lines[1]
    assert "  why   the loss does not depend on it" in lines[2]
    assert "  try   a look at forward()" in lines[3]
    assert 4 == len(lines)
    assert "nothing is wrong that 12 steps would show" == str(sg.doctor(trained()))
    assert "there is no training step to look at: nothing went backward" == repr(
        sg.doctor(sg.Tape())
    )
    assert isinstance(sg.doctor(sg.Tape()), Report)


@pytest.mark.parametrize("thing", [None, 3, nn.Linear(2, 1), [1.0]])
def test_what_has_not_been_trained_cannot_be_examined(thing):
    """The error says what can."""
    with pytest.raises(InputTypeError, match=f"not {type(thing).__name__}") as caught:
        sg.doctor(thing)
    assert "sg.recording() as tape" in caught.value.hint


def test_a_run_without_a_recipe_cannot_be_repeated():
    """As one made by hand."""
    run = trained()
    bare = sg.train.Run(
        run.model, run.optimizer, run.history, run.epochs, run.epochs_done, None, 0.0
    )
    with pytest.raises(InputTypeError, match="a Run that fit returned"):
        sg.doctor(bare)


@pytest.mark.parametrize("steps", [0, -1, 2.5])
def test_steps_are_a_number_of_steps(steps):
    """At least one."""
    with pytest.raises(Exception, match="steps"):
        sg.Doctor(steps=steps)


def test_a_doctor_watches_one_training_at_a_time():
    """Not the one inside."""
    doctor = sg.Doctor()

    class Nested(sg.train.Callback):
        def after_epoch(self, trainer):
            trained(callbacks=doctor)

    with pytest.raises(ArgumentError, match="watching another training"):
        trained(callbacks=[doctor, Nested()])


def test_a_training_that_is_recorded_is_not_watched_as_well():
    """The tape would miss what the doctor hears."""
    with sg.recording(), pytest.raises(ArgumentError, match="is recorded") as caught:
        trained(callbacks=sg.Doctor())
    assert "sg.doctor(tape)" in caught.value.hint


def test_examining_a_run_is_not_on_anybodys_tape():
    """What a doctor repeats did not happen in the block."""
    run = trained()
    with sg.recording() as tape:
        sg.doctor(run)
    assert 0 == len(tape)


def test_a_run_of_no_epochs_has_nothing_to_show():
    """And that is what the report says."""
    assert "there is no training step" in str(sg.doctor(trained(epochs=0)))


def test_one_recorded_step_can_be_examined():
    """With what one step can tell."""
    x, y = sg.data.moons(32, seed=0)
    model = nn.Sequential(*nn.MLP(2, [4], 1, seed=0), nn.Sigmoid())
    tape = sg.record(model, x, y, loss="bce_with_logits")
    assert ["wrong_output_for_loss"] == sg.doctor(tape).names


def test_two_models_with_equal_names_are_told_apart():
    """Both have a weight; one of them is never updated."""
    one, other = nn.Linear(2, 3, seed=0), nn.Linear(3, 1, seed=1)
    optimizer = optim.SGD(one.parameters(), lr=0.1)
    x, y = sg.data.moons(32, seed=0)
    with sg.recording(one, other) as tape:
        for _ in range(3):
            for p in (*one.parameters(), *other.parameters()):
                p.zero_grad()
            sg.losses.bce_with_logits(other(one(x).tanh()), y).backward()
            optimizer.step()
    (finding,) = sg.doctor(tape)
    assert "weight (2) is never updated" == finding.title
