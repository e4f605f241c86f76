"""The state of a network before and after the update of a recorded step.

Everything before the update is read from the tape. After it, the tape has the new
weights; the values of the units, the loss and the gradients that belong to them come
from running the recorded operations once more (see `replay`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from seegrad.draw.change import change
from seegrad.draw.recorded_chain import Stretch, chain_of
from seegrad.draw.replay import replayed
from seegrad.draw.state import Array, LayerState, NetworkState
from seegrad.draw.taped import is_summary, is_update, steps_of
from seegrad.errors import DataError, unknown_name

WHERE = "draw.recorded_state"
MOMENTS = ("before", "after", "difference")
Read = Callable[[int], Any]  # a number of a quantity, by its id


def recorded_state(tape: Any, moment: str = "before", step: int = 0) -> NetworkState:
    """The network "before" or "after" the update of a step, or their "difference".

    Reads ``tape.steps``, their events, quantities and numbers. Raises InputTypeError
    for a model that is no chain of Linear layers, DataError where the step has no
    update or its weights were not kept.

    >>> import seegrad as sg
    >>> line = sg.nn.Linear(1, 1, seed=0)
    >>> sgd = sg.optim.SGD(line.parameters(), lr=0.1)
    >>> tape = sg.record(line, [[1.0]], [[3.0]], loss="mse", optimizer=sgd)
    >>> before, after = (recorded_state(tape, m) for m in ("before", "after"))
    >>> before.loss > after.loss, before.layers[0].weight < after.layers[0].weight
    (True, array([[ True]]))
    """
    steps_of(tape, WHERE)
    if moment not in MOMENTS:
        raise unknown_name("moment", moment, MOMENTS)
    record = tape.step(step)
    chain = chain_of(record, WHERE)
    before = _before(record, chain)
    if moment == "before":
        return before
    after = replace(_after(record, chain), earlier=before)
    return after if moment == "after" else change(before, after)


def _before(record: Any, chain: list[Stretch]) -> NetworkState:
    arriving: dict[int, Any] = {}
    grads: dict[int, Any] = {}
    loss: int | None = None
    for event in record.events():
        if event.kind == "backward":
            loss = event.deed.output if loss is None else loss
            arriving[event.deed.output] = event.gradient
        elif event.kind == "gradient":
            grads[event.deed.output] = event.value
    layers = tuple(
        _layers(chain, record.leaves.get, record.value, grads.get, arriving.get)
    )
    number = None if loss is None else record.value(loss)
    return _state(chain, layers, record.value, number)


def _after(record: Any, chain: list[Stretch]) -> NetworkState:
    if not any(map(is_update, record.events())):
        raise DataError(
            f"step {record.number} has no update, and nothing after it to draw",
            where=WHERE,
            hint="sg.record(model, x, y, loss=..., optimizer=optimizer)",
        )
    again = replayed(record)
    if again is None:
        layers = tuple(_layers(chain, record.value, _unknown, _unknown, _unknown))
        return _state(chain, layers, record.value, None)
    nodes, grads = again

    def value(quantity: int) -> Any:
        return nodes[quantity].data if quantity in nodes else None

    def gradient(quantity: int) -> Any:
        return grads.get(nodes[quantity]) if quantity in nodes else None

    roots = [e.deed.output for e in record.events() if e.kind == "backward"]
    layers = tuple(_layers(chain, record.value, value, gradient, gradient))
    return _state(chain, layers, value, value(roots[0]) if roots else None)


def _unknown(_: int) -> None:
    return None


def _layers(
    chain: list[Stretch], parameter: Read, value: Read, grad: Read, arriving: Read
) -> Iterator[LayerState]:
    """Each Linear with what follows it, up to the next one."""
    places = [i for i, each in enumerate(chain) if each.weight is not None]
    for start, stop in zip(places, [*places[1:], len(chain)], strict=True):
        linear, output = chain[start], chain[start].output
        shape = chain[start].events[-1].output.shape
        kinds = []
        for each in chain[start:stop]:
            name = each.kind or each.events[-1].op
            kinds += [] if name in ("Dropout", "Flatten") else [name]
            if each.events[-1].output.shape == shape:
                output = each.output
        weight, bias = linear.weight, linear.bias
        out, g = _numbers(value(output)), _numbers(arriving(output))
        yield LayerState(
            linear.layer, " → ".join(kinds), _needed(parameter, weight, linear.layer),
            None if bias is None else _needed(parameter, bias, linear.layer),
            _numbers(grad(weight)) if weight is not None else None,
            None if bias is None else _numbers(grad(bias)),
            None if out is None else _by_unit(out).mean(axis=0),
            None if g is None else _by_unit(g).sum(axis=0),
        )  # fmt: skip


def _state(
    chain: list[Stretch], layers: tuple[LayerState, ...], value: Read, loss: Any
) -> NetworkState:
    """The layers with what the first one has read, and the loss."""
    product = next(e for e in chain[0].events if e.op == "matmul")
    read = _numbers(value(product.deed.inputs[0]))
    known = _numbers(loss)
    number = None if known is None else float(known.mean())
    if read is None:
        return NetworkState(layers, None, 0, number)
    inputs = _by_unit(read)
    return NetworkState(layers, inputs.mean(axis=0), len(inputs), number)


def _by_unit(numbers: Array) -> Array:
    return numbers.reshape(-1, numbers.shape[-1] if numbers.ndim else 1)


def _numbers(value: Any) -> Any:
    """Numbers that no later step changes; None where the tape has none."""
    if value is None or is_summary(value):
        return None
    return np.array(value, np.float64)


def _needed(parameter: Read, quantity: int | None, layer: str) -> Array:
    found = _numbers(None if quantity is None else parameter(quantity))
    if found is None:
        raise DataError(
            f"the tape did not keep the weights of layer {layer!r} in this step",
            where=WHERE,
            hint="the first step, or sg.recording(most_bytes=...)",
        )
    return np.asarray(found)
