"""The training loop: predict, get the loss, zero the gradients, backward, step.

`one_batch` is the whole algorithm, and it is compiled as a whole (`step`). Everything
else that happens while a network trains (history, progress, early stopping, the watch
for NaN) is a callback, called at the moments that `callback` names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import NDArray

from seegrad.data import Batches
from seegrad.errors import SeegradError
from seegrad.mode import listening
from seegrad.nn import Module
from seegrad.nn._modes import switched
from seegrad.tensor import Tensor
from seegrad.train.averages import Averages
from seegrad.train.callback import MOMENTS, Callback, Stop
from seegrad.train.evaluate import ROWS, scores
from seegrad.train.step import Step

Function = Callable[[Any, Any], Any]
Pair = tuple[NDArray[Any], NDArray[Any]]


class Trainer:
    """One model being trained. Made by `fit`; callbacks get it at every moment.

    ``epoch`` and ``step`` count from 1, ``steps`` is the number of steps in an epoch,
    ``logs`` holds plain numbers: the means so far, and after an epoch the validation.
    ``eager`` says why the steps are not compiled; it is None where they are.
    """

    def __init__(
        self,
        model: Module,
        optimizer: Any,
        loss: Function,
        metrics: dict[str, Function],
        batches: Batches[Pair],
        held_out: Pair | None = None,
        *,
        epochs: int,
        callbacks: Sequence[Callback],
        compile: bool = True,
    ) -> None:
        self.model, self.optimizer = model, optimizer
        self.loss_function, self.metrics = loss, metrics
        self.batches, self.held_out, self.callbacks = batches, held_out, callbacks
        self.epochs, self.steps = epochs, len(batches)
        self.epoch = self.step = self.epochs_done = 0
        self.compile, self.eager = compile, None if compile else "compile=False"
        self.learn: Any = self.one_batch
        self.present: dict[str, list[Callback]] = {}  # at each moment, while it trains
        self.stopped: str | None = None
        self.interrupted = False
        self.logs: dict[str, float] = {}
        self.x: Any = None
        self.y: Any = None
        self.prediction: Any = None
        self.loss: Any = None

    def one_batch(self, x: Tensor, y: Tensor) -> None:
        """Learn from one batch, in five verbs."""
        self.prediction = self.predict(x)
        self.loss = self.get_loss(self.prediction, y)
        self.at("after_loss")
        self.zero_grad()
        self.backward()
        self.at("after_backward")
        self.update()

    def predict(self, x: Tensor) -> Any:
        """Forward propagation: from the input to the prediction."""
        return self.model(x)

    def get_loss(self, prediction: Any, y: Tensor) -> Any:
        """One number that says how wrong the prediction is."""
        return self.loss_function(prediction, y)

    def zero_grad(self) -> None:
        """Forget the gradients of the batch before, which would be added to."""
        self.optimizer.zero_grad()

    def backward(self) -> None:
        """Backward propagation: from the loss to the gradient of every parameter."""
        self.loss.backward()

    def update(self) -> None:
        """Every parameter moves a little against its gradient."""
        self.optimizer.step()

    def one_epoch(self) -> None:
        """Learn from every batch once, then look at the validation data."""
        self.step, self.logs, averages = 0, {}, Averages()
        self.at("before_epoch")
        for step, (x, y) in enumerate(self.batches, start=1):
            self.step = step
            self.x, self.y = Tensor(x), Tensor(y)
            self.at("before_batch")
            self.learn(self.x, self.y)  # one_batch, as one native function if possible
            self.at("after_step")
            averages.add(self.measured(), weight=len(x))
            self.logs = averages.means()
            self.at("after_batch")
        self.logs |= self.validate()
        self.epochs_done = self.epoch
        self.at("after_epoch")

    def measured(self) -> dict[str, float]:
        """The loss of the batch and its metrics, as plain numbers."""
        numbers = {"loss": float(self.loss.item())}
        if self.metrics:
            plain = self.prediction.detach()
            with listening(None):  # a recorder writes down the step, no more
                for name, metric in self.metrics.items():
                    numbers[name] = float(metric(plain, self.y))
        return numbers

    def validate(self) -> dict[str, float]:
        """The same numbers on the validation data, under names with a val_."""
        if self.held_out is None:
            return {}
        functions = {"loss": self.loss_function} | self.metrics
        size = max(self.batches.size, ROWS)
        with listening(None):
            found = scores(self.model, *self.held_out, functions, size)
        return {f"val_{name}": number for name, number in found.items()}

    def recorded(self) -> list[str]:
        """The names of all that is in ``logs`` after an epoch."""
        names = ["loss", *self.metrics]
        return names + [f"val_{n}" for n in names if self.held_out is not None]

    def fit(self) -> None:
        """Every epoch; `Stop` ends it, and `after_fit` comes whatever happens."""
        try:
            self.at("before_fit")
            self.learn = Step(self)
            for moment in MOMENTS:
                self.present[moment] = [c for c in self.callbacks if c.has(moment)]
            with switched(self.model, training=True):
                for epoch in range(1, self.epochs + 1):
                    self.epoch = epoch
                    self.one_epoch()
        except Stop as stop:
            self.stopped = str(stop) or f"stopped after epoch {self.epochs_done}"
        except KeyboardInterrupt:
            self.interrupted = True
            self.stopped = (
                f"interrupted at {self.where()}; the model keeps what it has learned"
            )
        finally:
            self.prediction = self.loss = None  # lets go of the last graph
            self.learn = self.one_batch
            self.finish()

    def where(self) -> str:
        """The place in the training, in words: epoch 3 of 10, step 17 of 45."""
        if not self.epoch:
            return "the start"
        place = f"epoch {self.epoch} of {self.epochs}"
        return f"{place}, step {self.step} of {self.steps}" if self.step else place

    def at(self, moment: str) -> None:
        """Call every callback at this moment; a `Stop` waits until all have seen it."""
        order: Stop | None = None
        for callback in self.present.get(moment, self.callbacks):
            try:
                self.call(callback, moment)
            except Stop as stop:
                order = order or stop
        if order is not None:
            raise order

    def finish(self) -> None:
        """Call `after_fit` of every callback, also when another one fails in it."""
        failures: list[BaseException] = []  # Ctrl-C too: the others still tidy up
        for callback in self.callbacks:
            try:
                self.call(callback, "after_fit")
            except Stop:
                continue  # it is over anyway
            except BaseException as error:
                failures.append(error)
        if failures:
            raise failures[0]

    def call(self, callback: Callback, moment: str) -> None:
        """One callback at one moment; an error says whose it is."""
        try:
            getattr(callback, moment)(self)
        except Stop:
            raise
        except SeegradError as error:
            error.where = error.where or f"{type(callback).__name__}.{moment}"
            raise
        except Exception as error:
            raise _failed(callback, moment, self, error) from error


def _failed(
    callback: Callback, moment: str, trainer: Trainer, error: Exception
) -> SeegradError:
    name = type(callback).__name__
    return SeegradError(
        f"the callback {name} raised {type(error).__name__}: {error}",
        where=f"{name}.{moment}, at {trainer.where()}",
        hint="the error above is the callback's own; the model is kept as it was",
    )
