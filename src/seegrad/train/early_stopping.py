"""Training stops when it no longer helps: the simplest remedy against overfitting.

The validation loss falls, reaches its lowest point and rises again, while the training
loss goes on falling: from there on the network learns its data by heart. This callback
waits a while to be sure, stops, and puts the best parameters back.
"""

from __future__ import annotations

import math
from typing import Any

from seegrad.data.base import amount
from seegrad.errors import ArgumentError, InputTypeError, unknown_name
from seegrad.random import whole_number
from seegrad.train.callback import Callback, Stop
from seegrad.train.trainer import Trainer

MODES = ("auto", "min", "max")
HIGHER_IS_BETTER = ("accuracy",)  # the endings that mode="auto" knows, beside "loss"


class EarlyStopping(Callback):
    """Stop when ``monitor`` has not improved for over ``patience`` epochs in a row.

    An improvement is a change for the better of more than ``min_delta``; NaN never is
    one. ``patience=0`` forgives nothing: the first epoch that does not improve is the
    last. With ``restore_best`` the model ends with the parameters of its best epoch
    (the optimizer's memory is left as it is). Raises ArgumentError for a name that
    nobody records. (Prechelt 1998, Early stopping, but when?)

    >>> EarlyStopping("val_loss", patience=3)
    EarlyStopping('val_loss', patience=3)
    """

    repeatable = True

    def __init__(
        self,
        monitor: str = "val_loss",
        patience: int = 5,
        *,
        min_delta: float = 0.0,
        mode: str = "auto",
        restore_best: bool = True,
    ) -> None:
        if mode not in MODES:
            raise unknown_name("mode", mode, MODES)
        if not isinstance(monitor, str):
            raise InputTypeError(
                f"monitor is the name of a number, not {monitor!r}",
                where="EarlyStopping",
                hint="EarlyStopping('val_loss')",
            )
        self.min_delta = amount("min_delta", min_delta, "EarlyStopping")
        self.monitor, self.restore_best = monitor, restore_best
        self.patience = whole_number("patience", patience, where="EarlyStopping")
        self.mode, self.sign = mode, 1
        self._forget()

    def __repr__(self) -> str:
        return f"EarlyStopping({self.monitor!r}, patience={self.patience})"

    def _forget(self) -> None:
        self.best, self.best_epoch, self.waited = math.inf, 0, 0
        self.state: dict[str, Any] | None = None

    def before_fit(self, trainer: Trainer) -> None:
        """Every fit starts anew; a name that nobody records is noticed here."""
        self._forget()
        recorded = trainer.recorded()
        if self.monitor not in recorded:
            error = unknown_name("number to monitor", self.monitor, recorded)
            if self.monitor.removeprefix("val_") in recorded:
                error.hint = "validation_data=(x_val, y_val) in fit"
            raise error
        self.sign = _sign(self.monitor, self.mode)

    def after_epoch(self, trainer: Trainer) -> None:
        """Better than ever: remember it. Too long ago: stop."""
        number = self.sign * trainer.logs[self.monitor]
        if number < self.best - self.min_delta:
            self.best, self.best_epoch, self.waited = number, trainer.epoch, 0
            if self.restore_best:
                self.state = trainer.model.state_dict()
            return
        self.waited += 1
        if self.waited > self.patience:
            raise Stop(f"stopped after epoch {trainer.epoch}: {self._verdict()}")

    def _verdict(self) -> str:
        if not self.best_epoch:
            return f"{self.monitor} was never a finite number"
        best = f"{self.sign * self.best:.4g}"
        return f"{self.monitor} was best, at {best}, in epoch {self.best_epoch}"

    def after_fit(self, trainer: Trainer) -> None:
        """Put the best parameters back."""
        if self.state is not None and self.best_epoch < trainer.epoch:
            trainer.model.load_state_dict(self.state)
        self.state = None


def _sign(monitor: str, mode: str) -> int:
    """1 where lower is better, -1 where higher is."""
    if mode == "min" or (mode == "auto" and monitor.endswith("loss")):
        return 1
    if mode == "max" or monitor.endswith(HIGHER_IS_BETTER):
        return -1
    raise ArgumentError(
        f"is a high {monitor!r} good or bad? EarlyStopping cannot tell by the name",
        where="EarlyStopping",
        hint="mode='min' or mode='max'",
    )
