"""Train a model: the one function that most people need from this folder.

It reads the data, tries everything once without changing anything (`rehearsal`), and
then lets a `Training` run its loop with the callbacks that make up the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from seegrad import random
from seegrad.errors import InputTypeError
from seegrad.nn import Module
from seegrad.train.callback import Callback
from seegrad.train.inputs import as_pair, as_validation
from seegrad.train.interruption import Interruption
from seegrad.train.named import Function, loss_named, metrics_named, optimizer_named
from seegrad.train.progress import Progress
from seegrad.train.recipe import Recipe
from seegrad.train.run import Run
from seegrad.train.training import Training


def fit(
    model: Module,
    x: Any,
    y: Any,
    *,
    loss: str | Function,
    optimizer: Any,
    epochs: int = 10,
    batch_size: int = 32,
    metrics: str | Function | Iterable[str | Function] | None = (),
    validation_data: tuple[Any, Any] | None = None,
    callbacks: Callback | Sequence[Callback] | None = (),
    seed: int | None = 0,
    shuffle: bool = True,
    progress: bool | None = None,
    compile: bool = True,
) -> Run:
    """Train the model on the rows of x and y, and return what happened.

    Loss, metrics and optimizer go by name or are given; ``seed`` decides the order of
    the rows and dropout; ``progress`` is a bar: None shows it to a terminal. The steps
    are compiled where they can be; ``run.eager`` says why not. Ctrl-C ends it and keeps
    the model. Raises, before anything has changed, DataError, ShapeError, GradientError
    or ArgumentError; and NonFiniteError for a NaN on the way.

    >>> from seegrad import data, nn
    >>> x, y = data.moons(100, seed=0)
    >>> model = nn.MLP(2, [8], 1, seed=0)
    >>> run = fit(model, x, y, loss="bce_with_logits", optimizer="adam", epochs=3)
    >>> len(run.history), run.history.records["loss"][-1] < 0.8
    (3, True)
    """
    if not isinstance(model, Module):
        raise InputTypeError(
            f"fit trains a Module, not {type(model).__name__}",
            where="fit",
            hint="class Model(nn.Module), or a loop of your own",
        )
    epochs = random.whole_number("epochs", epochs, where="fit")
    size = random.whole_number("batch_size", batch_size, least=1, where="fit")
    key = random.key_from(seed, where="fit")
    loss_function, scoring = loss_named(loss), metrics_named(metrics)
    optimizer = optimizer_named(optimizer, model)
    pair = as_pair(x, y, model, "fit")
    held_out = as_validation(validation_data, pair[0], model)
    own = _checked(callbacks)
    recipe = Recipe(
        *pair, held_out, loss_function, scoring, size, key, bool(shuffle), epochs,
        bool(compile), tuple(own),
    )  # fmt: skip
    standard = [Progress(progress), Interruption()]
    return Training(model, optimizer, recipe, [*own, *standard]).whole()


def _checked(callbacks: Any) -> list[Callback]:
    """The callbacks as a list; a class instead of an object is a common slip."""
    found = [callbacks] if isinstance(callbacks, Callback) else list(callbacks or ())
    for callback in found:
        if not isinstance(callback, Callback):
            slip = isinstance(callback, type) and issubclass(callback, Callback)
            name = callback.__name__ if slip else repr(callback)
            raise InputTypeError(
                f"{name} is {'a class, not a' if slip else 'not a'} callback",
                where="fit",
                hint=f"{name}()" if slip else "a subclass of sg.train.Callback",
            )
    return found
