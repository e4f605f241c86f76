"""Ask what is wrong: of a run, of a tape, or while a training is going on.

A run is repeated from its recipe, on copies, with the recorder listening; since the
same seed gives the same numbers, what is found is what happened. A tape is read as it
is. As a callback the doctor listens from the start.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import numpy as np

from seegrad.doctor import detectors
from seegrad.doctor.case import Case
from seegrad.doctor.detector import DETECTORS
from seegrad.doctor.finding import Finding, Report
from seegrad.doctor.vitals import Vitals, vitals
from seegrad.errors import ArgumentError, SeegradError
from seegrad.mode import listening
from seegrad.nn._call import guiding_calls
from seegrad.record import Tape
from seegrad.record.recorder import Recorder
from seegrad.train import Callback, Run, Stop, Trainer, fit
from seegrad.train.recipe import twin

STEPS = 400  # of a run that are repeated; later ones are known from its history
FAMILIES = detectors.__all__  # importing them fills the list of detectors


class Doctor(Callback):
    """A callback that watches a training and knows afterwards what went wrong.

    ``doctor.report`` is the `Report`; it is there even if the training broke. Steps are
    not compiled while it watches; after ``steps`` of them it looks away.
    """

    def __init__(self, steps: int = STEPS) -> None:
        self.most, self.case = steps, Case([])
        self._stack: ExitStack | None = None

    def before_fit(self, trainer: Trainer) -> None:
        """Begin to listen."""
        names = [n for n, p in trainer.model.named_parameters() if p.requires_grad]
        self.case = Case(
            [], lr=trainer.optimizer.lr, optimizer=type(trainer.optimizer).__name__,
            parameters=tuple(names), batch_size=trainer.batches.size,
        )  # fmt: skip
        self._recorder = Recorder(lambda step: _measure(self.case, step))
        self._recorder.layers.know(trainer.model)
        self._stack = ExitStack()
        self._stack.enter_context(listening(self._recorder))
        self._stack.enter_context(guiding_calls(self._recorder.layers))

    def after_step(self, trainer: Trainer) -> None:
        """Look away when enough has been seen."""
        if len(self.case.steps) >= self.most:
            self._close()

    def after_epoch(self, trainer: Trainer) -> None:
        """Write down the numbers of the epoch."""
        for name, number in trainer.logs.items():
            self.case.history.setdefault(name, []).append(number)

    def after_fit(self, trainer: Trainer) -> None:
        """Stop listening."""
        self._close()

    @property
    def report(self) -> Report:
        """What is wrong, as far as it was seen."""
        return report(self.case)

    def _close(self) -> None:
        if self._stack is not None:
            self._recorder.finish()
            self._stack.close()
            self._stack = None


class _Enough(Callback):
    """Ends a repeated run when its doctor has seen enough."""

    def __init__(self, doctor: Doctor) -> None:
        self.doctor = doctor

    def after_batch(self, trainer: Trainer) -> None:
        if self.doctor._stack is None:
            raise Stop


def doctor(patient: Run | Tape, *, steps: int = STEPS) -> Report:
    """What is wrong with a training run, or with what a tape has recorded.

    A run is repeated from its start on copies, up to ``steps`` steps, and left alone.
    Each finding has evidence with numbers, an explanation, one thing to try, and
    ``draw()`` for the moment at which it began. Raises ArgumentError for anything else.

    >>> from seegrad import data, nn, train
    >>> x, y = data.moons(64, seed=0)
    >>> model = nn.MLP(2, [8], 1, seed=0)
    >>> run = train.fit(model, x, y, loss="bce_with_logits", optimizer="adam", epochs=2)
    >>> doctor(run)
    nothing is wrong that 4 steps would show
    """
    if isinstance(patient, Tape):
        case = Case([], problem=patient.problem)
        for step in patient.steps:
            _measure(case, step)
        return report(case)
    recipe = getattr(patient, "recipe", None)
    if recipe is None:
        raise ArgumentError(
            f"the doctor examines a Run that fit returned, or a Tape, not "
            f"{type(patient).__name__}",
            where="doctor",
            hint="run = sg.fit(...), or with sg.recording() as tape: ...",
        )
    watching = Doctor(steps)
    model, optimizer = recipe.begin(*_bare(patient))
    try:
        fit(
            model, recipe.x, recipe.y, loss=recipe.loss, optimizer=optimizer,
            epochs=recipe.epochs, batch_size=recipe.batch_size, seed=recipe.seed,
            shuffle=recipe.shuffle, progress=False,
            callbacks=[watching, _Enough(watching)],
        )  # fmt: skip
    except SeegradError as error:
        watching.case.problem = error.what
    watching.case.history = dict(patient.history.records)
    return watching.report


def report(case: Case) -> Report:
    """The findings of every detector."""
    found: list[Finding] = []
    with np.errstate(all="ignore"):
        for detect in DETECTORS.values():
            found += detect(case)
    return Report(found, len(case.steps))


def _measure(case: Case, step: Any) -> None:
    """Add a step that went backward; what others did beside it counts as well."""
    found: Vitals = vitals(step)
    if found.loss is not None or found.broken is not None:
        case.steps.append(found)
    elif found.modes and case.steps:
        case.steps[-1].modes |= found.modes


def _bare(run: Run) -> Any:
    return twin(run.model, run.optimizer)
