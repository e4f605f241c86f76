"""A callback that watches a training, and knows afterwards what went wrong with it."""

from __future__ import annotations

from contextlib import ExitStack

from seegrad.diagnosis.case import Case
from seegrad.diagnosis.measure import measure
from seegrad.diagnosis.report import Report, report
from seegrad.errors import ArgumentError
from seegrad.mode import listening, mode
from seegrad.nn import ACTIVATIONS
from seegrad.nn._call import guiding_calls
from seegrad.random import whole_number
from seegrad.record.recorder import Recorder
from seegrad.train import Callback, Trainer

STEPS = 400  # that are watched


class Doctor(Callback):
    """Watches the first ``steps`` steps of a training: ``callbacks=sg.Doctor()``.

    ``doctor.report`` is the `Report` so far; it is there even if the training broke.
    While it watches, steps are not compiled; it changes nothing that they compute.
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
        self.case = Case()
        self._watching: ExitStack | None = None

    @property
    def report(self) -> Report:
        """What is wrong, as far as it was seen."""
        return report(self.case)

    @property
    def has_seen_enough(self) -> bool:
        """Whether it has looked away."""
        return self._watching is None

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
        optimizer, named = trainer.optimizer, trainer.model.named_parameters()
        self.case = Case(
            lr=optimizer.lr,
            changes=_changes(trainer),
            parameters=tuple(name for name, p in named if p.requires_grad),
        )
        self._recorder = Recorder(lambda step: self.case.add(measure(step)))
        self._recorder.layers.know(trainer.model)
        self._watching = ExitStack()
        self._watching.enter_context(listening(self._recorder))
        self._watching.enter_context(guiding_calls(self._recorder.layers))

    def after_step(self, trainer: Trainer) -> None:
        """Look away when enough has been seen; this step is the last one."""
        if len(self.case.steps) + 1 >= self.most:
            self._look_away()

    def after_epoch(self, trainer: Trainer) -> None:
        """Write down the numbers of the epoch."""
        for name, number in trainer.logs.items():
            self.case.history.setdefault(name, []).append(number)

    def after_fit(self, trainer: Trainer) -> None:
        """Stop listening, whatever has happened."""
        self._look_away()

    def _look_away(self) -> None:
        if self._watching is not None:
            watching, self._watching = self._watching, None
            watching.close()
            self._recorder.finish()


def _changes(trainer: Trainer) -> tuple[str, ...]:
    """What a fork of this training could change."""
    bends = tuple(ACTIVATIONS.values())
    has_bends = any(isinstance(m, bends) for _, m in trainer.model.named_modules())
    activation = ("activation",) if has_bends else ()
    return ("batch_size", "shuffle", *activation, *trainer.optimizer.setting_names)
