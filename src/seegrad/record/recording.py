"""Start and stop the recorder: around any code, or for one step of a model.

`recording` listens to whatever its block computes and changes nothing about it.
`record` takes one training step of a model, writes it down, and puts the model back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from seegrad import losses
from seegrad.errors import ArgumentError, InputTypeError
from seegrad.mode import listening
from seegrad.nn import Module
from seegrad.nn._call import guiding_calls
from seegrad.nn._modes import switched
from seegrad.nn._precision import precision
from seegrad.nn.base import as_tensor
from seegrad.random import whole_number
from seegrad.record.recorder import Recorder
from seegrad.record.step import Step
from seegrad.record.store import BYTES, keep
from seegrad.record.tape import Tape
from seegrad.record.untouched import untouched
from seegrad.tensor import Tensor


@contextmanager
def recording(*models: Module, most_bytes: int = BYTES) -> Iterator[Tape]:
    """Record everything that this thread computes in the block, on the tape it gives.

    One event per operation of forward, loss, backward and update; layers, hand-written
    loops, `fit` and `Value` alike. Of a long run every step keeps its summaries, some
    keep all numbers, so that about ``most_bytes`` are held. ``models`` lend their
    parameters' names from the start. Nothing that is computed changes.

    >>> from seegrad import Value
    >>> with recording() as tape:
    ...     a = Value(2.0, name="a")
    ...     out = a * 3.0
    >>> tape[0].op, tape[0].input_values, tape[0].value
    ('mul', (2.0, 3.0), 6.0)
    """
    with _recorder(most_bytes) as (tape, recorder):
        for model in models:
            recorder.layers.know(model)
        yield tape


@contextmanager
def _recorder(most_bytes: int = BYTES) -> Iterator[tuple[Tape, Recorder]]:
    tape = Tape()

    def done(step: Step) -> None:
        keep(tape.steps, step, most_bytes)

    recorder = Recorder(done)
    try:
        with listening(recorder), guiding_calls(recorder.layers):
            yield tape, recorder
    except BaseException as error:
        words = str(error).splitlines()[:1]
        tape.problem = ": ".join([type(error).__name__, *words])
        raise
    finally:
        recorder.finish(tape.problem)


def record(
    model: Module,
    x: Any,
    y: Any = None,
    *,
    loss: str | Callable[..., Any] | None = None,
    optimizer: Any = None,
    steps: int = 1,
) -> Tape:
    """Take training steps of the model on x and y, record them, and put all back.

    Forward, then with ``y`` and ``loss`` (a name or a function) the backward pass, then
    with ``optimizer`` the update. Afterwards parameters, buffers, gradients, the memory
    of the optimizer and the random stream are as they were; to record steps that count,
    use `recording`. An error on the way ends the tape there and is raised with it as
    ``error.tape``. Raises ArgumentError for a loss without a target.

    >>> from seegrad import nn, optim
    >>> model = nn.Linear(2, 1, seed=0)
    >>> tape = record(
    ...     model,
    ...     [[1.0, 2.0]],
    ...     [[3.0]],
    ...     loss="mse",
    ...     optimizer=optim.SGD(model.parameters(), lr=0.1),
    ... )
    >>> tape.at(0, "update").op
    'mul'
    """
    function = _checked(model, y, loss, optimizer)
    steps = whole_number("steps", steps, least=1, where="record")
    given = as_tensor(x, precision(model))
    target = None if y is None else y if isinstance(y, Tensor) else Tensor(y)
    with ExitStack() as stack:
        stack.enter_context(untouched(model, optimizer))
        stack.enter_context(switched(model, training=function is not None))
        tape, recorder = stack.enter_context(_recorder())
        recorder.layers.know(model)
        recorder.names[given] = ("input", "x")
        if target is not None:
            recorder.names[target] = ("target", "y")
        try:
            for _ in range(steps):
                out = model(given)
                if function is None:
                    continue
                result = function(out, target)
                model.zero_grad()
                result.backward()
                if optimizer is not None:
                    optimizer.step()
        except Exception as error:
            error.__dict__["tape"] = tape
            raise
    return tape


def _checked(model: Any, y: Any, loss: Any, optimizer: Any) -> Any:
    """The loss as a function, where there is one; everything that can be wrong."""
    if not isinstance(model, Module):
        raise InputTypeError(
            f"record() takes a step of a Module, not of {type(model).__name__}",
            where="record",
            hint="with sg.recording() as tape: records any code",
        )
    if (y is None) != (loss is None):
        missing = "loss" if loss is None else "y"
        raise ArgumentError(
            f"a target needs a loss and a loss a target: {missing} is missing",
            where="record",
            hint='record(model, x, y, loss="mse")',
        )
    if optimizer is not None and loss is None:
        raise ArgumentError(
            "an update needs gradients, and there is no loss to get them from",
            where="record",
            hint='record(model, x, y, loss="mse", optimizer=optimizer)',
        )
    return None if loss is None else losses.get(loss)
