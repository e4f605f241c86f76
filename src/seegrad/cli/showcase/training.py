"""The lesson of the demo: one update in slow motion, then the whole training.

First a single step of plain gradient descent, so that every change in the pictures is
``learning rate x gradient`` and can be checked by hand. Then the same network learns in
earnest, with AdamW and dropout, and is examined on images that it has never seen.
"""

from __future__ import annotations

import math
import re
from typing import Any

from seegrad import data, losses, nn, optim
from seegrad.draw import NetworkState, Picture, capture
from seegrad.random import derive
from seegrad.tensor import Tensor
from seegrad.train import Callback, Run, Trainer, fit, predict

STEP = 0.5  # the learning rate of the one step that is drawn
STEP_BATCH = 64  # how many images the one step looks at
BATCH = 32
HIDDEN = 128
LABEL = re.compile(r"label (?P<layer>[\w.]+)\.weight\[(?P<i>\d+), (?P<j>\d+)\]")
RATE = 5e-3  # the learning rate of the training, at its beginning


class Update:
    """One step of gradient descent, with the state of the network around it."""

    def __init__(self, model: nn.Module, x: Any, y: Any, loss: str, lr: float) -> None:
        self.lr = lr
        optimizer = optim.SGD(model.parameters(), lr=lr)
        self.before: NetworkState = capture(model, x, y, loss)
        out = losses.get(loss)(model(Tensor(x)), Tensor(y))
        optimizer.zero_grad()
        out.backward()
        optimizer.step()
        self.after: NetworkState = capture(model, x, y, loss)

    def receipt(self, picture: Picture) -> str:
        """The weight that moved most of those labelled, as a sum to check by hand."""
        labels = [LABEL.fullmatch(mark.group) for mark in picture.scene.marks]
        found = {label[0]: self._change(label) for label in labels if label}
        name, (old, g, new) = max(
            found.items(), key=lambda item: abs(item[1][2] - item[1][0])
        )
        return f"{name.removeprefix('label ')}: {subtraction(old, g, new, self.lr)}"

    def _change(self, label: re.Match[str]) -> tuple[float, float, float]:
        """The old weight, its gradient, and the new weight."""
        layer, i, j = label["layer"], int(label["i"]), int(label["j"])
        before = next(each for each in self.before.layers if each.name == layer)
        after = next(each for each in self.after.layers if each.name == layer)
        assert before.weight_grad is not None
        numbers = before.weight, before.weight_grad, after.weight
        old, g, new = (float(array[i, j]) for array in numbers)
        return old, g, new


def subtraction(old: float, g: float, new: float, lr: float) -> str:
    """Old weight - rate x gradient = new weight, in digits that add up on paper.

    >>> subtraction(0.5, -0.25, 0.75, 1.0)
    '0.5000 − 1 × (−0.2500) = 0.7500'
    """
    for digits in range(4, 9):
        on_paper = round(old, digits) - lr * round(g, digits)
        if f"{on_paper:.{digits}f}" == f"{new:.{digits}f}":
            break
    first, slope, last = (f"{n:.{digits}f}" for n in (old, g, new))
    slope = f"({slope})" if g < 0 else slope
    return f"{first} − {lr:g} × {slope} = {last}".replace("-", "−")


class SlowDown(Callback):
    """The learning rate falls along half a cosine to nothing: large steps, then fine.

    (Loshchilov and Hutter 2017, SGDR.)
    """

    def before_epoch(self, trainer: Trainer) -> None:
        done = (trainer.epoch - 1) / trainer.epochs
        trainer.optimizer.lr = RATE * 0.5 * (1.0 + math.cos(math.pi * done))


class Lesson:
    """The digits, the network, and what became of it."""

    def __init__(self, *, seed: int, epochs: int) -> None:
        x, y = data.digits()
        self.x, self.x_test, self.y, self.y_test = data.split(x, y, test=0.2, seed=0)
        self.seed, self.epochs = seed, epochs
        self.model = nn.Sequential(
            nn.Linear(64, HIDDEN, seed=derive("demo", seed, 1)),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(HIDDEN, 10, seed=derive("demo", seed, 2)),
        )
        self.update: Update
        self.run: Run
        self.predicted: Any = None

    def one_step(self) -> None:
        """One update on one batch, without dropout, so that it can be followed."""
        self.model.eval()
        batch = self.x[:STEP_BATCH], self.y[:STEP_BATCH]
        self.update = Update(self.model, *batch, "cross_entropy", STEP)
        self.model.train()

    def learn(self) -> None:
        """The whole training, and the examination."""
        self.run = fit(
            self.model,
            self.x,
            self.y,
            loss="cross_entropy",
            optimizer=optim.AdamW(self.model.parameters(), lr=RATE, weight_decay=0.1),
            epochs=self.epochs,
            batch_size=BATCH,
            callbacks=[SlowDown()],
            metrics=["accuracy"],
            validation_data=(self.x_test, self.y_test),
            seed=self.seed,
        )
        self.predicted = predict(self.model, self.x_test).argmax(axis=1)

    def right(self) -> int:
        """How many of the test images were read correctly."""
        return int((self.predicted == self.y_test).sum())

    def accuracy(self) -> float:
        """The share of the test images that were read correctly."""
        return self.right() / len(self.y_test)

    def data_sentence(self) -> str:
        """How many images there are, and how many are for the test."""
        test, every = len(self.y_test), len(self.y_test) + len(self.y)
        return (
            f"{every:,} handwritten digits of 8 x 8 pixels; {test} of them are kept "
            "aside for the test"
        )

    def network_sentence(self) -> str:
        """The sizes of the layers, and how much there is to learn."""
        count = sum(p.size for p in self.model.parameters())
        return f"64 inputs, {HIDDEN} hidden units, 10 outputs: {count:,} parameters"

    def step_sentence(self) -> str:
        """What one update did to the loss."""
        before, after = self.update.before.loss, self.update.after.loss
        return f"loss {before:.3f} -> {after:.3f} on the same {STEP_BATCH} images"

    def training_sentence(self) -> str:
        """How long it took."""
        run = self.run
        done = f"{run.epochs_done} epoch{'' if run.epochs_done == 1 else 's'}"
        return f"{done} of {len(self.y):,} images in {run.seconds:.1f} s"

    def accuracy_sentence(self) -> str:
        """The result."""
        share = f"{100 * self.accuracy():.1f} %"
        return (
            f"{share} of the test images ({self.right()} of {len(self.y_test)} right)"
        )
