"""A callback that watches a training, and knows afterwards what went wrong with it.

At first it looks at every step, later at one in many, and again at those that follow a
leap of the loss. In between it feels the pulse, and the steps are compiled.
"""

from __future__ import annotations

import copy
import math
import sys
from contextlib import ExitStack, suppress

import numpy as np

from seegrad.diagnosis.case import Case
from seegrad.diagnosis.measure import measure
from seegrad.diagnosis.report import Report, report
from seegrad.errors import ArgumentError, NonFiniteError
from seegrad.mode import listening, mode
from seegrad.nn import ACTIVATIONS
from seegrad.nn._call import guiding_calls
from seegrad.nn._modes import switched
from seegrad.random import whole_number
from seegrad.record.recorder import Recorder
from seegrad.record.step import Step
from seegrad.train import Callback, LearningRate, Trainer

STEPS = 400  # that are watched closely
EVERY = 50  # later on, one step in so many; fewer and fewer in a long run
GLANCES = 100  # until there are half as many
LEAP = 4.0  # times the usual loss
AFTER = 20  # steps that are watched after a leap
LEAPS = 10  # that are followed
SLOWLY = 0.05  # the usual loss follows the present one


class Doctor(Callback):
    """Watches a training, its first ``steps`` steps closely: ``callbacks=sg.Doctor()``.

    Later it looks at a few steps, and at those after a leap of the loss.
    ``doctor.report`` is the `Report` so far; it is there even if the training broke.
    Steps that it looks at are not compiled; it changes nothing that they compute.
    Raises ArgumentError in a training that is being recorded.

    >>> from seegrad import data, nn, train
    >>> x, y = data.moons(64, seed=0)
    >>> model, watch = nn.MLP(2, [8], 1, seed=0), Doctor()
    >>> run = train.fit(
    ...     model, x, y[:, None], loss="mse", optimizer="sgd", epochs=1, callbacks=watch
    ... )
    >>> watch.report.steps
    2
    """

    def __init__(self, steps: int = STEPS) -> None:
        self.most = whole_number("steps", steps, least=1, where="Doctor")
        self._begin()
        self._watching: ExitStack | None = None

    def _begin(self) -> None:
        self.case = Case()
        self.usual = math.nan  # the loss of late
        self.alert = 0  # steps that are still to be watched after a leap
        self.leaps = self.glances = self._now = 0

    @property
    def report(self) -> Report:
        """What is wrong, as far as it was seen."""
        return report(self.case)

    @property
    def has_seen_enough(self) -> bool:
        """Whether the steps that it watches closely are over."""
        return len(self.case.pulse) >= self.most

    def before_fit(self, trainer: Trainer) -> None:
        """Begin to listen; what another training showed is forgotten."""
        if self._watching is not None:
            raise ArgumentError(
                "this doctor is watching another training", hint="a Doctor() for each"
            )
        if mode.listener is not None:
            raise ArgumentError(
                "this training is recorded, and only one can listen to it",
                hint="sg.doctor(tape), when the recording is over",
            )
        named = trainer.model.named_parameters()
        self._begin()
        self._outer = sys.exc_info()[1]  # that this very training is the answer to
        self.case.lr = _rate(trainer)
        self.case.changes = _changes(trainer)
        self.case.parameters = tuple(name for name, p in named if p.requires_grad)
        self._recorder = Recorder(self._add)
        self._recorder.layers.know(trainer.model)
        self._look()

    def before_batch(self, trainer: Trainer) -> None:
        """Later on, look at this step only if it is time, or after a leap."""
        self._now = len(self.case.pulse)
        if not self.has_seen_enough:
            return
        every = EVERY * 2 ** (self.glances // GLANCES)
        if self.alert or not self._now % every:
            self.glances += not self.alert
            self._look()

    def after_step(self, trainer: Trainer) -> None:
        """Feel the pulse, and look away when enough has been seen."""
        loss = float(trainer.loss.item())
        self.case.pulse.add(loss, trainer.optimizer)
        self.alert = max(0, self.alert - 1)
        rise = loss - self.usual
        if (
            rise > (LEAP - 1.0) * abs(self.usual)
            and self.leaps < LEAPS
            and not self.alert
        ):
            self.alert, self.leaps = AFTER, self.leaps + 1
        old = loss if math.isnan(self.usual) else self.usual
        self.usual = old + SLOWLY * (loss - old)
        if self.has_seen_enough:
            self._look_away()

    def after_epoch(self, trainer: Trainer) -> None:
        """Write down the numbers of the epoch."""
        for name, number in trainer.logs.items():
            self.case.history.setdefault(name, []).append(number)

    def after_fit(self, trainer: Trainer) -> None:
        """Stop listening, whatever has happened."""
        self._look_away()
        error = sys.exc_info()[1]
        broke = isinstance(error, NonFiniteError) and error is not self._outer
        if broke and not self.case.is_broken:
            self._look_again(trainer)

    def _look(self) -> None:
        self._watching = ExitStack()
        self._watching.enter_context(listening(self._recorder))
        self._watching.enter_context(guiding_calls(self._recorder.layers))

    def _look_away(self) -> None:
        if self._watching is not None:
            watching, self._watching = self._watching, None
            watching.close()
            self._recorder.finish()

    def _look_again(self, trainer: Trainer) -> None:
        """At the step that broke unseen, on a copy of the model."""
        model = copy.deepcopy(trainer.model)
        self._recorder.layers.forget()
        self._recorder.layers.know(model)
        self._look()
        with suppress(Exception), np.errstate(all="ignore"), switched(model, True):
            trainer.loss_function(model(trainer.x), trainer.y).backward()
        self._look_away()

    def _add(self, step: Step) -> None:
        """One step that was recorded; after the first ones it is the latest."""
        vitals = measure(step)
        if self.has_seen_enough:
            vitals.number = max(vitals.number, self._now)
        self.case.add(vitals)


def _rate(trainer: Trainer) -> float:
    """The learning rate, or the one from which its schedule goes out."""
    schedules = [c.schedule for c in trainer.callbacks if isinstance(c, LearningRate)]
    return schedules[0].base_lr if schedules else float(trainer.optimizer.lr)


def _changes(trainer: Trainer) -> tuple[str, ...]:
    """What a fork of this training could change."""
    bends = tuple(ACTIVATIONS.values())
    has_bends = any(isinstance(m, bends) for _, m in trainer.model.named_modules())
    activation = ("activation",) if has_bends else ()
    return ("batch_size", "shuffle", *activation, *trainer.optimizer.setting_names)
