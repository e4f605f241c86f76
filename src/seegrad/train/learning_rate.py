"""The learning rate follows its schedule while `fit` trains.

A schedule only knows how many steps it has taken; whether a step is an epoch or a batch
is decided here.
"""

from __future__ import annotations

from seegrad.errors import ArgumentError, InputTypeError, unknown_name
from seegrad.optim import Schedule
from seegrad.train.callback import Callback
from seegrad.train.trainer import Trainer

EACH = ("epoch", "batch")


class LearningRate(Callback):
    """Step the schedule after ``each`` "epoch", or after each "batch".

    The schedule is one of the optimizer that `fit` is given. Raises ArgumentError for
    one of another optimizer. A fit that goes on goes on with the schedule too.

    >>> from seegrad import data, nn, optim, train
    >>> (x, y), model = data.moons(64, seed=0), nn.MLP(2, [4], 1, seed=0)
    >>> adam = optim.Adam(model.parameters(), lr=0.1)
    >>> schedule = LearningRate(optim.ExponentialLR(adam, gamma=0.5))
    >>> settings = {"loss": "bce_with_logits", "optimizer": adam, "epochs": 2}
    >>> run = train.fit(model, x, y, callbacks=schedule, **settings)
    >>> adam.lr
    0.025
    """

    repeatable = True

    def __init__(self, schedule: Schedule, each: str = "epoch") -> None:
        if not isinstance(schedule, Schedule):
            raise InputTypeError(
                f"LearningRate follows a schedule, not {type(schedule).__name__}",
                where="LearningRate",
                hint="LearningRate(optim.CosineAnnealingLR(optimizer, T_max=100))",
            )
        if each not in EACH:
            raise unknown_name("moment to step a schedule", each, EACH)
        self.schedule, self.each = schedule, each

    def __repr__(self) -> str:
        return f"LearningRate({self.schedule!r}, each={self.each!r})"

    def before_fit(self, trainer: Trainer) -> None:
        """A schedule of another optimizer would change nothing here."""
        if self.schedule.optimizer is not trainer.optimizer:
            raise ArgumentError(
                "the schedule belongs to another optimizer than the one that trains",
                where="LearningRate",
                hint="make the optimizer, then its schedule, and give both to fit",
            )

    def after_batch(self, trainer: Trainer) -> None:
        """The batch is done: the next one has the next learning rate."""
        if self.each == "batch":
            self.schedule.step()

    def after_epoch(self, trainer: Trainer) -> None:
        """The epoch is done: the next one has the next learning rate."""
        if self.each == "epoch":
            self.schedule.step()
