"""The state of a network at one moment, as plain numbers that no later update changes.

`capture` runs the model layer by layer and copies what it sees: weights, biases, the
value of every unit, and, given a target and a loss, the gradient of all of them. Take
one state before an update and one after it, and `draw.network` shows what changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from seegrad import losses
from seegrad.backpropagation import cotangents
from seegrad.errors import ArgumentError, DataError, InputTypeError
from seegrad.mode import no_grad, recording
from seegrad.nn._modes import switched
from seegrad.nn._precision import precision
from seegrad.nn.base import as_tensor
from seegrad.tensor import Tensor

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class LayerState:
    """A Linear layer and the activation after it: weights (out, in), values (out,)."""

    name: str  # where it stands in the model: "0"
    kind: str  # what it is: "Linear → Tanh"
    weight: Array
    bias: Array | None
    weight_grad: Array | None = None
    bias_grad: Array | None = None
    value: Array | None = None  # after the activation, the mean over the samples
    grad: Array | None = None  # d loss / d value, the sum over the samples


@dataclass(frozen=True, slots=True)
class NetworkState:
    """All layers of a network at one moment, its input, and the loss if known."""

    layers: tuple[LayerState, ...]
    inputs: Array | None = None  # the mean over the samples
    samples: int = 0
    loss: float | None = None
    earlier: NetworkState | None = None  # what it is drawn against
    is_change: bool = False  # the numbers are differences of two states

    painter: ClassVar[Callable[..., Any] | None] = None  # `network`, which reads this

    def draw(self, **settings: Any) -> Any:
        """A picture of the network; the settings are those of `draw.network`."""
        assert NetworkState.painter is not None, "seegrad.draw has set it"
        return NetworkState.painter(self, **settings)

    def sizes(self) -> list[int]:
        """The number of units in each column, the input first."""
        return [self.layers[0].weight.shape[1]] + [
            layer.weight.shape[0] for layer in self.layers
        ]


def capture(
    model: Any,
    x: Any = None,
    y: Any = None,
    loss: str | Callable[..., Any] | None = None,
) -> NetworkState:
    """Copy the numbers of a model made of Linear layers and activations.

    With ``x`` of shape (N, in) come the values of all units; with ``y`` and ``loss``
    (a name in `losses`, or a function of prediction and target) also the gradients of
    this loss. Without a loss the weights' own ``.grad`` is copied. The model is not
    changed; Dropout is off. Raises InputTypeError for a model of another kind.
    """
    steps = list(steps_of(model))
    if not any(_is_linear(layer) for _, layer in steps):
        raise InputTypeError(
            f"{type(model).__name__} is not a chain of layers with a Linear among them",
            where="draw.network",
            hint="a Sequential or MLP; else draw.graph(model(x), names=model)",
        )
    if (y is None) != (loss is None):
        raise ArgumentError(
            "a loss needs a target, and a target a loss: one of y and loss is missing",
            where="draw.capture",
            hint='capture(model, x, y, loss="mse")',
        )
    if x is None:
        if y is not None:
            raise ArgumentError("there is a target y but no x", where="draw.capture")
        return NetworkState(tuple(_layers(steps, {}, {})))
    function = None if loss is None else losses.get(loss)
    with switched(model, training=False), recording(), np.errstate(all="ignore"):
        return _run(model, steps, x, y, function)


def _run(
    model: Any, steps: Any, x: Any, y: Any, loss: Callable[..., Any] | None
) -> NetworkState:
    """Forward one layer at a time, then one backward pass that stores nothing."""
    start = as_tensor(x, precision(model))
    if start.ndim == 1:
        start = Tensor(start.data[None])
    if start.size == 0:
        raise DataError(
            f"there is no sample to draw: x has shape {start.shape}",
            where="draw.capture",
            hint="x of shape (N, in), with N of 1 or more",
        )
    inputs: Array | None = None
    outputs: dict[str, Any] = {}
    out, latest = start, ""
    for name, layer in steps:
        before, out = out, layer(out)
        if _is_linear(layer):
            latest = name
            if inputs is None:
                inputs = _mean(before)
        if latest and out.shape == outputs.get(latest, out).shape:
            outputs[latest] = out
    check_chain(model, start, out, "draw.network")
    grads: dict[Any, Any] = {}
    number = None
    if loss is not None:
        result = loss(out, y)
        number = float(result.item())
        grads = cotangents(result, result.seed(None))
    layers = tuple(_layers(steps, outputs, grads, loss is not None))
    return NetworkState(layers, inputs, len(start.data), number)


def check_chain(model: Any, x: Tensor, out: Any, where: str) -> None:
    """A picture of a chain would be wrong of a model that does more than its layers."""
    with no_grad():
        own = model(x)
    if own.shape != out.shape or not np.allclose(
        own.numpy(), out.numpy(), rtol=1e-4, atol=1e-5, equal_nan=True
    ):
        raise InputTypeError(
            f"{type(model).__name__} computes something else than its layers one after "
            "the other, and only such a chain can be drawn",
            where=where,
            hint="draw.graph(model(x), names=model), which draws any computation",
        )


def steps_of(model: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The layers in order with their places, those of a Sequential inside one too."""
    stack = [(prefix, model)]
    while stack:
        name, layer = stack.pop()
        inside = getattr(layer, "layers", None)
        if isinstance(inside, list | tuple):
            dot = f"{name}." if name else ""
            places = [(f"{dot}{i}", each) for i, each in enumerate(inside)]
            stack += places[::-1]
        else:
            yield name, layer


def _is_linear(layer: Any) -> bool:
    weight = getattr(layer, "weight", None)
    return isinstance(weight, Tensor) and weight.ndim == 2 and hasattr(layer, "bias")


def _layers(
    steps: Any, outputs: dict[str, Any], grads: dict[Any, Any], own: bool = False
) -> Iterator[LayerState]:
    """Each Linear with what follows it; ``own`` gradients are those of this capture."""
    places = [i for i, (_, layer) in enumerate(steps) if _is_linear(layer)]
    for start, stop in zip(places, [*places[1:], len(steps)], strict=True):
        name, linear = steps[start]
        kinds = [type(layer).__name__ for _, layer in steps[start:stop]]
        kind = " → ".join(k for k in kinds if k not in ("Dropout", "Flatten"))
        out = outputs.get(name)
        weight, bias = linear.weight, linear.bias
        yield LayerState(
            name, kind, _copy(weight.data), None if bias is None else _copy(bias.data),
            _copy(grads.get(weight) if own else weight.grad),
            None if bias is None else _copy(grads.get(bias) if own else bias.grad),
            None if out is None else _mean(out),
            _total(grads[out]) if out in grads else None,
        )  # fmt: skip


def _mean(node: Tensor) -> Array:
    data = np.asarray(node.data, dtype=np.float64)
    return np.asarray(data.reshape(-1, data.shape[-1]).mean(axis=0))


def _total(grad: Any) -> Array:
    return np.asarray(grad.reshape(-1, grad.shape[-1]).sum(axis=0), dtype=np.float64)


def _copy(data: Any) -> Any:
    return None if data is None else np.array(data, dtype=np.float64)
