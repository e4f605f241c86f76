"""Ctrl-C ends training between two steps, never in the middle of one.

A step that is cut off half-way would leave some parameters moved and others not. So the
first Ctrl-C is noted and obeyed when the step is done; a second one is obeyed at once.
"""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType
from typing import Self

from seegrad.train.callback import Callback
from seegrad.train.trainer import Trainer


class Interruption(Callback):
    """Holds back the first Ctrl-C until the step is finished; says where it stopped.

    Only where Ctrl-C has its ordinary meaning: in the main thread, and when nobody else
    has taken over the signal. With ``with`` it does so for a block, and `obey` says
    where it may end.
    """

    def __init__(self) -> None:
        self.asked = self.installed = False

    def __enter__(self) -> Self:
        """Take over Ctrl-C."""
        self.asked = self.installed = False
        if (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        ):
            signal.signal(signal.SIGINT, self._note)
            self.installed = True
        return self

    def __exit__(self, *_: object) -> None:
        """Give Ctrl-C back."""
        if self.installed:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self.installed = False

    def obey(self) -> None:
        """Now it can be: the parameters are whole."""
        if self.asked:
            raise KeyboardInterrupt

    def before_fit(self, trainer: Trainer) -> None:
        """Take over Ctrl-C."""
        self.__enter__()

    def after_batch(self, trainer: Trainer) -> None:
        """Asked during the step."""
        self.obey()

    def after_epoch(self, trainer: Trainer) -> None:
        """Asked during validation."""
        self.obey()

    def after_fit(self, trainer: Trainer) -> None:
        """Give Ctrl-C back, and say what it did."""
        if trainer.interrupted:
            print(trainer.stopped, file=sys.stderr)
        self.__exit__()

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            signal.default_int_handler(number, frame)
        self.asked = True
