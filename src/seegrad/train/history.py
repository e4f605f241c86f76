"""What a training run has been through: one number per epoch for everything measured.

The columns of `records` are the learning curves. Drawing them is the business of a
neighbouring folder, from which the function is borrowed.
"""

from __future__ import annotations

from typing import Any

from seegrad.borrow import borrow
from seegrad.errors import unknown_name
from seegrad.train.callback import Callback
from seegrad.train.trainer import Trainer


class History(Callback):
    """The loss, the metrics and their ``val_`` twins after every epoch.

    ``records`` is a dictionary of lists, one number per finished epoch. Training
    numbers are means over the batches while the model was still learning; validation
    numbers are taken after the epoch. ``history["loss"]`` is the same list.

    >>> history = History()
    >>> history.add({"loss": 0.5})
    >>> history.records, len(history)
    ({'loss': [0.5]}, 1)
    """

    def __init__(self) -> None:
        self.records: dict[str, list[float]] = {}

    def add(self, numbers: dict[str, float]) -> None:
        """One more epoch."""
        for name, number in numbers.items():
            self.records.setdefault(name, []).append(number)

    def after_epoch(self, trainer: Trainer) -> None:
        """Write down the epoch."""
        self.add(trainer.logs)

    def last(self) -> dict[str, float]:
        """The numbers of the latest epoch; empty before the first is finished."""
        return {name: numbers[-1] for name, numbers in self.records.items()}

    def __getitem__(self, name: str) -> list[float]:
        if name not in self.records:
            raise unknown_name("number in the history", name, self.records)
        return self.records[name]

    def draw(self, **settings: Any) -> Any:
        """Draw the learning curves; the settings are those of `draw.learning_curve`."""
        return borrow("History", "draw")(self, **settings)

    def __len__(self) -> int:
        return max(map(len, self.records.values()), default=0)

    def __repr__(self) -> str:
        latest = ", ".join(f"{k}={v:.4g}" for k, v in self.last().items())
        epochs = f"{len(self)} epoch{'' if len(self) == 1 else 's'}"
        return f"History({epochs}{': ' if latest else ''}{latest})"
