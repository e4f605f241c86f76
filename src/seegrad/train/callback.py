"""A callback does something at a named moment of training; here are the moments.

The loop itself (`trainer`) is five verbs. Whatever else happens during training, from
the progress bar to early stopping, is a callback: an object with a method for each
moment that it cares about. To end training from any moment, raise `Stop`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from seegrad.errors import ArgumentError, unknown_name

if TYPE_CHECKING:
    from seegrad.train.trainer import Trainer


class Stop(Exception):
    """An order, not an error: a callback raises it to end training, and says why.

    The moments `after_epoch` and `after_fit` of other callbacks still come; the run
    keeps the sentence as ``run.stopped``.
    """


class Callback:
    """The moments of training, in the order in which they come; none does anything.

    Write a subclass with the moments you need. Each gets the `Trainer`, which shows
    everything: ``model``, ``optimizer``, ``epoch`` and ``step`` (from 1), ``x`` and
    ``y`` (the batch), ``prediction``, ``loss`` (nodes), and ``logs`` (plain numbers).
    `after_loss` and `after_backward` look into a step, so it is not compiled; with
    ``traceable = True`` they promise to be made of ops, and are compiled with it.
    With ``repeatable = True`` a callback promises that copies of it may train the run
    again, in a fork or for the doctor; it writes no files, say.

    >>> class Shout(Callback):
    ...     def after_epoch(self, trainer):
    ...         print(f"epoch {trainer.epoch}: {trainer.logs['loss']:.3f}")
    """

    traceable: ClassVar[bool] = False
    repeatable: ClassVar[bool] = False

    def has(self, moment: str) -> bool:
        """Whether it does anything at this moment."""
        method = getattr(getattr(self, moment), "__func__", None)
        return method is not getattr(Callback, moment)

    def __init_subclass__(cls) -> None:
        """A moment that does not exist would never come: its name is refused."""
        super().__init_subclass__()
        for name in vars(cls):
            if _LIKE_A_MOMENT.match(name) and name not in MOMENTS:
                raise _unknown_moment(cls.__name__, name)

    def before_fit(self, trainer: Trainer) -> None:
        """Everything is ready, and nothing has been learned yet."""

    def before_epoch(self, trainer: Trainer) -> None:
        """A pass over the data begins; ``trainer.epoch`` is its number."""

    def before_batch(self, trainer: Trainer) -> None:
        """``trainer.x`` and ``trainer.y`` hold the batch; both may be replaced."""

    def after_loss(self, trainer: Trainer) -> None:
        """The forward pass is done: ``trainer.prediction`` and ``trainer.loss``."""

    def after_backward(self, trainer: Trainer) -> None:
        """Every parameter has its gradient, and none has moved yet."""

    def after_step(self, trainer: Trainer) -> None:
        """The parameters have moved; their gradients can still be read."""

    def after_batch(self, trainer: Trainer) -> None:
        """``trainer.logs`` holds the means of this epoch so far."""

    def after_epoch(self, trainer: Trainer) -> None:
        """``trainer.logs`` holds the means of the epoch, and those of validation."""

    def after_fit(self, trainer: Trainer) -> None:
        """Training is over; it comes also after `Stop`, Ctrl-C and an error."""


_ELSEWHERE = re.compile("on_(?:train_)?(.*)_(begin|start|end)$")
_LIKE_A_MOMENT = re.compile("(before|after)_|on_.*_(begin|start|end)$")
MOMENTS = tuple(name for name in vars(Callback) if name.startswith(("before", "after")))


def _unknown_moment(where: str, name: str) -> ArgumentError:
    """The error for a moment that never comes; "on_epoch_end" is "after_epoch" here."""
    error = unknown_name("moment", name, MOMENTS)
    error.where = where
    if match := _ELSEWHERE.match(name):
        when = "after" if match[2] == "end" else "before"
        meant = f"{when}_{'fit' if match[1] == 'train' else match[1]}"
        error.hint = repr(meant) if meant in MOMENTS else error.hint
    return error
