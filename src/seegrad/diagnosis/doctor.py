"""Ask what is wrong with a run, or with what a tape has recorded.

A run is repeated from its recipe, on copies, with the doctor watching; since the same
seed gives the same numbers, to rounding, what is found is what happened. Of a long run
only the beginning is repeated, and what its history shows to be a turn for the worse;
then it goes on a little from its end. A tape is read as it is.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import replace
from typing import Any

from seegrad.diagnosis.case import Case
from seegrad.diagnosis.leap import LEAST, leap
from seegrad.diagnosis.measure import measure
from seegrad.diagnosis.report import Report, report
from seegrad.diagnosis.watch import STEPS, Doctor
from seegrad.errors import InputTypeError, NonFiniteError
from seegrad.mode import listening
from seegrad.nn import Module
from seegrad.nn._call import guiding_calls
from seegrad.random import derive
from seegrad.record import Tape
from seegrad.train import Callback, Run, Stop, Trainer
from seegrad.train.recipe import Recipe, twin, unlike
from seegrad.train.training import Training

LAST = 20  # steps that are watched from the end on


def doctor(patient: Run | Tape, *, steps: int = STEPS) -> Report:
    """What is wrong with a training run, or with the steps of a tape: a `Report`.

    A run is left alone: copies of it repeat its first ``steps`` steps, or those up to
    where its loss turns for the worse, and some from its end on. Each finding has
    evidence with numbers, an explanation, one thing to try, and ``draw()`` for the
    moment at which it began. Raises InputTypeError for anything else, ArgumentError for
    a number of steps below 1.

    >>> from seegrad import data, nn, train
    >>> x, y = data.moons(64, seed=0)
    >>> model = nn.MLP(2, [8], 1, seed=0)
    >>> run = train.fit(model, x, y, loss="bce_with_logits", optimizer="adam", epochs=2)
    >>> doctor(run)
    nothing is wrong that 4 steps would show
    """
    if isinstance(patient, Tape):
        return _of_tape(patient)
    recipe = getattr(patient, "recipe", None)
    if recipe is not None:
        return _of_run(patient, recipe, steps)
    raise InputTypeError(
        f"the doctor examines a Run that fit returned, or a Tape, not "
        f"{type(patient).__name__}",
        where="doctor",
        hint="run = sg.fit(...), or with sg.recording() as tape: ...",
    )


def _of_tape(tape: Tape) -> Report:
    case = Case()
    for step in tape.steps:
        case.add(measure(step))
    notes = (f"the recording ended early: {tape.problem}",) if tape.problem else ()
    return report(case, notes)


def _of_run(run: Run, recipe: Recipe, steps: int) -> Report:
    watching, notes = Doctor(steps), []
    model, optimizer, callbacks = recipe.begin(run.model, run.optimizer)
    own = replace(recipe, callbacks=tuple(callbacks))
    enough = _Enough(watching, _turn(run.history.records.get("loss", [])))
    try:
        again = _trained(model, optimizer, own, [*callbacks, watching, enough])
        notes = [
            f"{other}; sg.Doctor() among the callbacks sees the run itself"
            for other in unlike(recipe, run.history.records, again.history.records)
        ]
        if run.epochs_done > again.epochs_done:
            _add_end(watching.case, run, recipe)
    except NonFiniteError as error:
        notes = [f"repeated, the run broke: {error.what}"]
    watching.case.history = {k: list(v) for k, v in run.history.records.items()}
    return report(watching.case, tuple(notes))


def _trained(
    model: Module, optimizer: Any, recipe: Recipe, callbacks: list[Callback]
) -> Run:
    """A training that nobody else records."""
    with listening(None), guiding_calls(None):
        training = Training(model, optimizer, recipe, callbacks)
        run = training.whole()
    if training.trainer.interrupted:  # Ctrl-C ends all of it, not this training alone
        raise KeyboardInterrupt
    return run


def _turn(losses: list[float]) -> int:
    """The epoch in which a history turns for the worse; 0 if it does not."""
    found = leap(losses, least=1)
    if found is not None:
        return found.at + 1
    short = 1 < len(losses) < LEAST  # too few to be sure: it is worth a look
    if short and losses[-1] > (losses[0] + min(losses)) / 2.0:
        return losses.index(min(losses)) + 2
    return 0


def _add_end(case: Case, run: Run, recipe: Recipe) -> None:
    """Some steps from the end of the run on: what it has come to shows in them."""
    model, optimizer, _ = twin(run.model, run.optimizer)
    seed = derive("doctor", recipe.seed) % 2**32  # rows in a fresh order
    own = replace(recipe, epochs=LAST, seed=seed, callbacks=(), validation_data=None)
    watching = Doctor(LAST)
    with suppress(NonFiniteError):
        _trained(model, optimizer, own, [watching, _Enough(watching)])
    done = run.epochs_done * math.ceil(len(recipe.x) / recipe.batch_size)
    for step in watching.case.steps:
        step.number += max(done, len(case.pulse))
        case.add(step)


class _Enough(Callback):
    """Ends a repeated run when its doctor has seen enough, and not in this epoch."""

    def __init__(self, doctor: Doctor, epoch: int = 0) -> None:
        self.doctor, self.epoch = doctor, epoch

    def after_batch(self, trainer: Trainer) -> None:
        """Stop, unless there is more to see."""
        if self.doctor.has_seen_enough and trainer.epoch > self.epoch:
            raise Stop
