"""Ask what is wrong with a run, or with what a tape has recorded.

A run is repeated from its recipe, on copies, with the doctor watching; since the same
seed gives the same numbers, to rounding, what is found is what happened. A tape is read
as it is.
"""

from __future__ import annotations

from typing import Any

from seegrad.diagnosis.case import Case
from seegrad.diagnosis.measure import measure
from seegrad.diagnosis.report import Report, report
from seegrad.diagnosis.watch import STEPS, Doctor
from seegrad.errors import InputTypeError, NonFiniteError
from seegrad.mode import listening
from seegrad.nn._call import guiding_calls
from seegrad.record import Tape
from seegrad.train import Callback, Run, Stop, Trainer, fit

FIRST = 3  # epochs that are compared; later ones may differ by rounding alone
SAME = 0.02  # relative difference of losses that rounding may make


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


def _of_run(run: Run, recipe: Any, steps: int) -> Report:
    watching, notes = Doctor(steps), []
    model, optimizer = recipe.begin(run.model, run.optimizer)
    try:
        with listening(None), guiding_calls(None):  # nobody else's recording
            again = fit(
                model, recipe.x, recipe.y, loss=recipe.loss, optimizer=optimizer,
                epochs=recipe.epochs, batch_size=recipe.batch_size, seed=recipe.seed,
                shuffle=recipe.shuffle, progress=False,
                callbacks=[watching, _Enough(watching)],
            )  # fmt: skip
        if not _is_alike(run.history.records, again.history.records):
            notes.append(
                "repeated without its callbacks, the run has another loss; sg.Doctor() "
                "among the callbacks sees the run itself"
            )
    except NonFiniteError as error:
        notes.append(f"repeated, the run broke: {error.what}")
    watching.case.history = {k: list(v) for k, v in run.history.records.items()}
    return report(watching.case, tuple(notes))


def _is_alike(records: Any, again: Any) -> bool:
    """Whether the repeated epochs have the losses of the run."""
    pairs = list(zip(records.get("loss", ()), again.get("loss", ()), strict=False))
    return all(abs(a - b) <= SAME * max(abs(a), abs(b)) for a, b in pairs[:FIRST])


class _Enough(Callback):
    """Ends a repeated run when its doctor has seen enough."""

    def __init__(self, doctor: Doctor) -> None:
        self.doctor = doctor

    def after_batch(self, trainer: Trainer) -> None:
        """Stop, unless there is more to see."""
        if self.doctor.has_seen_enough:
            raise Stop
