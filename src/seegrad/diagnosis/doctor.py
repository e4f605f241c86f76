"""Ask what is wrong with a run, or with what a tape has recorded.

A run is repeated from its recipe, on copies, with the doctor watching; since the same
seed gives the same numbers, to rounding, what is found is what happened. A tape is read
as it is.
"""

from __future__ import annotations

from dataclasses import replace

from seegrad.diagnosis.case import Case
from seegrad.diagnosis.measure import measure
from seegrad.diagnosis.report import Report, report
from seegrad.diagnosis.watch import STEPS, Doctor
from seegrad.errors import InputTypeError, NonFiniteError
from seegrad.mode import listening
from seegrad.nn._call import guiding_calls
from seegrad.record import Tape
from seegrad.train import Callback, Run, Stop, Trainer
from seegrad.train.recipe import Recipe, unlike
from seegrad.train.training import Training


def doctor(patient: Run | Tape, *, steps: int = STEPS) -> Report:
    """What is wrong with a training run, or with the steps of a tape: a `Report`.

    A run is repeated on copies from its start, for at most ``steps`` steps, and left
    alone. Each finding has evidence with numbers, an explanation, one thing to try, and
    ``draw()`` for the moment at which it began. Raises InputTypeError for anything
    else, ArgumentError for a number of steps below 1.

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
    watching = Doctor(steps)
    model, optimizer, callbacks = recipe.begin(run.model, run.optimizer)
    own = replace(recipe, callbacks=tuple(callbacks))
    beside = [*callbacks, watching, _Enough(watching)]
    try:
        with listening(None), guiding_calls(None):  # nobody else's recording
            again = Training(model, optimizer, own, beside).whole()
        notes = [
            f"{other}; sg.Doctor() among the callbacks sees the run itself"
            for other in unlike(recipe, run.history.records, again.history.records)
        ]
    except NonFiniteError as error:
        notes = [f"repeated, the run broke: {error.what}"]
    watching.case.history = {k: list(v) for k, v in run.history.records.items()}
    return report(watching.case, tuple(notes))


class _Enough(Callback):
    """Ends a repeated run when its doctor has seen enough."""

    def __init__(self, doctor: Doctor) -> None:
        self.doctor = doctor

    def after_batch(self, trainer: Trainer) -> None:
        """Stop, unless there is more to see."""
        if self.doctor.has_seen_enough:
            raise Stop
