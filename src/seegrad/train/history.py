"""What a training run has been through: one number per epoch for everything measured.

The columns of `records` are the learning curves. Drawing them is the business of a
neighbouring folder, which lends its function when the whole library is imported.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from seegrad.errors import SeegradError, unknown_name
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

    painter: ClassVar[Callable[..., Any] | None] = None  # lent by the library's root

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
        if History.painter is None:
            raise SeegradError(
                "nobody has lent History a way to draw", hint="import seegrad"
            )
        return History.painter(self, **settings)

    def __len__(self) -> int:
        return max(map(len, self.records.values()), default=0)

    def __repr__(self) -> str:
        latest = ", ".join(f"{k}={v:.4g}" for k, v in self.last().items())
        epochs = f"{len(self)} epoch{'' if len(self) == 1 else 's'}"
        return f"History({epochs}{': ' if latest else ''}{latest})"
