"""The progress bar: one for the whole training, drawn by tqdm.

It knows its place: a bar in a terminal, a notebook's own bar where the notebook can
show one, and silence where nobody is looking (a file, a pipe, a test).
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Any

from seegrad.train.callback import Callback
from seegrad.train.trainer import Trainer

LAYOUT = "{desc} |{bar}| {percentage:3.0f}% {remaining}{postfix}"


class Progress(Callback):
    """A bar over all steps, with the epoch in front and its numbers behind.

    ``show=None`` shows it in a terminal and in a notebook that has ipywidgets; True
    shows it always, False never. It writes to standard error.
    """

    def __init__(self, show: bool | None = None) -> None:
        self.show = show
        self.bar: Any = None

    def before_fit(self, trainer: Trainer) -> None:
        """Open the bar."""
        self.bar = None
        kind = bar_class(self.show)
        if kind is not None:
            from shutil import get_terminal_size  # here, for the sake of the import

            # tqdm draws nothing where a terminal says that it is 0 by 0; this asks the
            # same question and answers 80 by 24.
            columns, rows = get_terminal_size()
            self.bar = kind(
                total=trainer.epochs * trainer.steps,
                desc=_epoch(1, trainer.epochs),
                bar_format=LAYOUT,
                file=sys.stderr,
                ncols=None if in_notebook() else columns,
                nrows=rows,
                leave=True,
            )

    def before_epoch(self, trainer: Trainer) -> None:
        """Say which epoch it is."""
        if self.bar is not None:
            self.bar.set_description_str(
                _epoch(trainer.epoch, trainer.epochs), refresh=False
            )

    def after_batch(self, trainer: Trainer) -> None:
        """One step further."""
        if self.bar is not None:
            self.bar.update()

    def after_epoch(self, trainer: Trainer) -> None:
        """Show the numbers of the epoch."""
        if self.bar is not None:
            self.bar.set_postfix_str(in_short(trainer.logs), refresh=False)

    def after_fit(self, trainer: Trainer) -> None:
        """Close the bar, and say why training ended early if it did."""
        if self.bar is not None:
            bar, self.bar = self.bar, None
            bar.close()
            if trainer.stopped and not trainer.interrupted:
                bar.write(trainer.stopped, file=sys.stderr)


def _epoch(number: int, of: int) -> str:
    return f"epoch {number:>{len(str(of))}}/{of}"


def in_short(logs: dict[str, float]) -> str:
    """The numbers of an epoch in few letters, validation beside training.

    >>> in_short({"loss": 0.5, "accuracy": 0.75, "val_loss": 0.625})
    'loss 0.500 (val 0.625), accuracy 0.750'
    """
    words = []
    for name, number in logs.items():
        if name.startswith("val_"):
            continue
        word, twin = f"{name} {number:.3f}", logs.get(f"val_{name}")
        words.append(word if twin is None else f"{word} (val {twin:.3f})")
    return ", ".join(words)


def bar_class(show: bool | None) -> Any:
    """The kind of bar that fits the place, or None for no bar at all."""
    if show is False:
        return None
    if in_notebook() and find_spec("ipywidgets") is not None:
        from tqdm.notebook import tqdm as notebook_bar

        return notebook_bar
    if show or (sys.stderr is not None and sys.stderr.isatty()):
        from tqdm import tqdm

        return tqdm
    return None


def in_notebook() -> bool:
    """Whether this runs in a Jupyter kernel."""
    shell = sys.modules.get("IPython")
    here = shell.get_ipython() if shell is not None else None
    return type(here).__name__ == "ZMQInteractiveShell"
