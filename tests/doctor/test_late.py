"""What begins when nobody looks closely any more is found all the same."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.errors import NonFiniteError
from seegrad.train import Callback, LearningRate

TRAININGS = SimpleNamespace(
    **runpy.run_path(str(Path(__file__).parent / "trainings.py"))
)
fitted, moons, scaled = TRAININGS.fitted, TRAININGS.moons, TRAININGS.scaled
CLOSELY = 20  # steps that the doctors here watch closely


class At(Callback):
    """Does something to the trainer when an epoch begins."""

    def __init__(self, epoch, deed, repeatable=True):
        self.epoch, self.deed = epoch, deed
        vars(self)["repeatable"] = repeatable

    def before_epoch(self, trainer):
        if trainer.epoch == self.epoch:
            self.deed(trainer.model)


def network(lr=0.1):
    """A network on two moons, and plain descent."""
    model = nn.MLP(2, [8], 1, activation="tanh", seed=0)
    return model, optim.SGD(model.parameters(), lr=lr)


def trained(callbacks, lr=0.1, epochs=50, model=None, **settings):
    """Two hundred steps, compiled unless a doctor looks at them."""
    made, optimizer = network(lr)
    if model is not None:
        made, optimizer = model, optim.SGD(model.parameters(), lr=lr)
    settings = {"compile": True, "callbacks": callbacks, "epochs": epochs} | settings
    return fitted(made, *moons(), "bce_with_logits", optimizer, **settings)


def broken(deed):
    """The doctor that watched a training which a deed breaks in its tenth epoch."""
    doctor = sg.Doctor(steps=CLOSELY)
    with pytest.raises(NonFiniteError), np.errstate(all="ignore"):
        trained([At(10, deed), doctor])
    return doctor


def huge(model):
    """A weight so large that exp overflows, which is far from the first steps."""
    model[2].bias.assign(np.full(1, 3e38, np.float32))
    model[2].weight.assign(np.full((1, 8), 3e38, np.float32))


def test_a_late_nan_is_traced_to_its_operation():
    """The step that broke unseen is looked at again, on a copy."""
    doctor = broken(huge)
    (finding,) = [f for f in doctor.report if f.name == "nonfinite_numbers"]
    assert "made it out of finite numbers of up to 3e+38" in finding.evidence
    assert 9 * 4 == finding.began


def test_a_parameter_that_was_spoiled_is_named():
    """No operation made the NaN; it was there when the step began."""
    doctor = broken(lambda m: m[0].bias.assign(np.full(8, np.nan, np.float32)))
    (finding,) = doctor.report
    assert "nonfinite_numbers" == finding.name
    assert "0.bias holds a NaN or an infinity" == finding.title
    assert "1 of 4 parameters do when step 36 begins" in finding.evidence


def test_looking_again_changes_nothing():
    """Neither the weights of the broken model nor the random numbers."""
    states = []
    for callbacks in ([], [sg.Doctor(steps=1)]):
        model, _ = network()
        before = sg.random.state()
        with pytest.raises(NonFiniteError), np.errstate(all="ignore"):
            trained([At(3, huge), *callbacks], model=model, compile=False)
        assert before == sg.random.state()
        states.append(model.state_dict())
    for name, array in states[0].items():
        np.testing.assert_array_equal(array, states[1][name])


def test_a_second_attempt_is_not_taken_for_a_broken_one():
    """It may be made where the error of the first one is handled."""
    try:
        with np.errstate(all="ignore"):
            trained([At(3, huge)])
    except NonFiniteError:
        doctor = sg.Doctor(steps=CLOSELY)
        trained(doctor, epochs=10)
    assert (CLOSELY, []) == (doctor.report.steps, doctor.report.names)


def exploding(callbacks, **settings):
    """A linear memory whose weights are made too large in the middle."""
    random = np.random.default_rng(0)
    x = random.normal(size=(64, 20, 2)).astype(np.float32)

    class Memory(nn.Module):
        def __init__(self):
            self.into, self.on = nn.Linear(2, 6, seed=0), nn.Linear(6, 6, seed=1)
            self.out = nn.Linear(6, 1, seed=2)

        def forward(self, x):
            state = self.into(x[:, 0])
            for t in range(1, x.shape[1]):
                state = self.on(state) + self.into(x[:, t])
            return self.out(state)

    model = Memory()
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    callbacks = [At(10, lambda m: scaled(m.on, 3.0)), *callbacks]
    return fitted(
        model, x, x[:, -1, :1], "mse", optimizer, epochs=15, callbacks=callbacks,
        **settings,
    )  # fmt: skip


@pytest.mark.parametrize("by", ["callback", "run"])
def test_an_explosion_in_the_middle_is_found(by):
    """By a doctor that watched, and by one that sees the history of the run."""
    doctor = sg.Doctor(steps=CLOSELY)
    run = exploding([doctor] if by == "callback" else [])
    report = doctor.report if by == "callback" else sg.doctor(run, steps=CLOSELY)
    (finding,) = report
    assert ("exploding_gradients", 36) == (finding.name, finding.began)
    assert "most in" in finding.evidence
    assert "it began at step 36" in finding.draw().scene.texts("beginning")


def test_a_turn_that_cannot_be_repeated_is_found_in_the_history():
    """By epoch, where the steps are not known."""
    turned = At(20, lambda m: scaled(m[2], -1.0), repeatable=False)
    run = trained(turned, lr=0.05, epochs=22, model=scaled(network()[0], 2.0))
    (finding,) = sg.doctor(run, steps=CLOSELY)
    assert ("loss_rises_again", "epoch", 20) == (
        finding.name, finding.unit, finding.began
    )  # fmt: skip


def test_a_rate_that_rises_too_far_is_found():
    """By a schedule, which the doctor repeats."""
    model, optimizer = network(0.05)
    schedule = optim.LinearLR(optimizer, 1.0, 4000.0, 30)
    run = fitted(
        model, *moons(), "bce_with_logits", optimizer, epochs=30, compile=False,
        callbacks=LearningRate(schedule),
    )  # fmt: skip
    report = sg.doctor(run)
    assert () == report.notes
    assert "learning_rate_too_high" in report.names
    assert {"lr": pytest.approx(0.005)} == report[0].change


def test_units_that_die_late_are_found_at_the_end_of_the_run():
    """It goes on from there for some steps."""
    model = nn.MLP(2, [8], 1, seed=0)
    dying = At(40, lambda m: m[0].bias.assign(np.full(8, -60.0, np.float32)), False)
    run = trained(dying, model=model)
    before = run.model.state_dict()
    report = sg.doctor(run, steps=CLOSELY)
    assert "dead_units" in report.names
    for name, array in run.model.state_dict().items():
        np.testing.assert_array_equal(before[name], array)


@pytest.mark.parametrize("size", [1, 16, 64])
@pytest.mark.parametrize("each", ["plain", "up and down"])
def test_a_healthy_training_stays_so(size, each):
    """Also with single rows, whose losses jump about."""
    model, optimizer = network(0.02 if size == 1 else 0.5)
    schedule = optim.CosineAnnealingLR(optimizer, 10)
    callbacks = [LearningRate(schedule)] if each == "up and down" else []
    doctor = sg.Doctor(steps=CLOSELY)
    fitted(
        model, *sg.data.moons(64, noise=0.3, seed=0), "bce_with_logits", optimizer,
        epochs=30, batch_size=size, callbacks=[*callbacks, doctor],
    )  # fmt: skip
    assert [] == doctor.report.names
    assert len(doctor.case.pulse) == 30 * -(-64 // size)
    assert doctor.report.steps < CLOSELY + 30 * 64 // size // 50 + 1 + 10 * 20


def test_later_steps_are_compiled_between_the_looks():
    """And the training is the same, to rounding."""
    plain, watched = trained([]), trained(sg.Doctor(steps=CLOSELY))
    assert watched.eager is None
    for name, array in plain.model.state_dict().items():
        np.testing.assert_allclose(
            array, watched.model.state_dict()[name], rtol=1e-3, atol=1e-5
        )


def test_a_turn_in_a_short_history_is_looked_at_where_it_happens():
    """The repeated steps go on until then, though a few epochs prove nothing."""
    deed = At(4, lambda model: model[2].weight.assign(np.full((1, 8), 40.0, "f4")))
    run = trained([deed], epochs=6, batch_size=1)
    report = sg.doctor(run, steps=CLOSELY)
    assert report.names
    assert {4 * 64, 3 * 64} & {f.began // 64 * 64 for f in report}


def test_an_interrupted_doctor_is_interrupted():
    """Ctrl-C is not taken for the end of the repeated run."""

    class Interrupts(Callback):
        repeatable = True

        def before_batch(self, trainer):
            if len(seen) > 90:
                raise KeyboardInterrupt
            seen.append(trainer.epoch)

    seen = []
    run = trained([Interrupts()], epochs=20)
    with pytest.raises(KeyboardInterrupt):
        sg.doctor(run)
