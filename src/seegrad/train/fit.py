"""Train a model: the one function that most people need from this folder.

It reads the data, tries everything once without changing anything (`rehearsal`), and
then lets the `Trainer` run its loop with the callbacks that make up the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from seegrad import data, random
from seegrad.errors import InputTypeError
from seegrad.mode import listening
from seegrad.nn import Module
from seegrad.train.callback import Callback
from seegrad.train.finite import Finite
from seegrad.train.history import History
from seegrad.train.inputs import as_pair, as_validation
from seegrad.train.interruption import Interruption
from seegrad.train.named import Function, loss_named, metrics_named, optimizer_named
from seegrad.train.progress import Progress
from seegrad.train.recipe import Recipe
from seegrad.train.rehearsal import rehearse
from seegrad.train.run import Run
from seegrad.train.trainer import Trainer


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

    >>> from seegrad import nn
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
    recipe = Recipe(
        *pair, held_out, loss_function, tuple(scoring.values()), size, key,
        bool(shuffle), epochs, model.state_dict(), optimizer.state_dict(),
    )  # fmt: skip
    history = History()
    standard = [Progress(progress), Interruption()]
    trainer = Trainer(
        model,
        optimizer,
        loss_function,
        scoring,
        data.batches(*pair, size=size, seed=key, shuffle=shuffle),
        held_out,
        epochs=epochs,
        callbacks=[Finite(), history, *_checked(callbacks), *standard],
        compile=compile,
    )
    sets = [pair] if held_out is None else [pair, held_out]
    with stream(random.derive("fit", key)):
        with listening(None):  # a rehearsal is not a part of what happened
            rehearse(model, optimizer, loss_function, scoring, sets)
        start = perf_counter()
        trainer.fit()
    return Run(
        model=model,
        optimizer=optimizer,
        history=history,
        epochs=epochs,
        epochs_done=trainer.epochs_done,
        stopped=trainer.stopped,
        seconds=perf_counter() - start,
        eager=trainer.eager,
        recipe=recipe,
    )


@contextmanager
def stream(seed: int) -> Iterator[None]:
    """Random numbers of the run's own; the global stream goes on as if nothing was."""
    before = random.state()
    random.manual_seed(seed)
    try:
        yield
    finally:
        random.set_state(before)


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
