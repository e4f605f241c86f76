"""A `fit` that is ready to begin, and may be taken one step at a time.

`fit` lets it run to its end. Lanes of a fork take turns, so each has its own random
numbers, which wait while another one is at work.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from seegrad import data, random
from seegrad.mode import listening
from seegrad.nn import Module
from seegrad.train.callback import Callback
from seegrad.train.finite import Finite
from seegrad.train.history import History
from seegrad.train.recipe import Recipe
from seegrad.train.rehearsal import rehearse
from seegrad.train.run import Run
from seegrad.train.trainer import Trainer


class Training:
    """A trainer with all that belongs to it, tried once and not yet begun."""

    def __init__(
        self,
        model: Module,
        optimizer: Any,
        recipe: Recipe,
        callbacks: Sequence[Callback],
    ) -> None:
        self.recipe, self.history = recipe.begun(model, optimizer), History()
        pair, held_out = (recipe.x, recipe.y), recipe.validation_data
        self.trainer = Trainer(
            model,
            optimizer,
            recipe.loss,
            recipe.metrics,
            data.batches(
                *pair, size=recipe.batch_size, seed=recipe.seed, shuffle=recipe.shuffle
            ),
            held_out,
            epochs=recipe.epochs,
            callbacks=[Finite(), self.history, *callbacks],
            compile=recipe.compile,
        )
        self.seconds = 0.0
        self._random = {"seed": random.derive("fit", recipe.seed), "counter": 0}
        self._steps = self.trainer.in_steps()
        sets = [pair] if held_out is None else [pair, held_out]
        with self._turn(), listening(None):  # it is not a part of what happened
            rehearse(model, optimizer, recipe.loss, recipe.metrics, sets)
        self.seconds = 0.0

    def whole(self) -> Run:
        """From the start to the end."""
        with self._turn():
            self.trainer.fit()
        return self.run()

    def step(self) -> bool:
        """One step; the first time everything up to it. False when it is over."""
        with self._turn():
            return next(self._steps, "over") is None

    def interrupt(self) -> None:
        """End it where it stands, as Ctrl-C does."""
        with self._turn():
            self.trainer.interrupt(self._steps)

    def close(self) -> None:
        """Give it up: only what its callbacks hold is given back."""
        with self._turn():
            self._steps.close()

    def run(self) -> Run:
        """What became of it."""
        trainer = self.trainer
        return Run(
            model=trainer.model,
            optimizer=trainer.optimizer,
            history=self.history,
            epochs=trainer.epochs,
            epochs_done=trainer.epochs_done,
            stopped=trainer.stopped,
            seconds=self.seconds,
            eager=trainer.eager,
            recipe=self.recipe,
        )

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Its own random numbers; the global stream goes on as if nothing was."""
        start, outside = perf_counter(), random.state()
        random.set_state(self._random)
        try:
            yield
        finally:
            self._random = random.state()
            random.set_state(outside)
            self.seconds += perf_counter() - start
