"""The words that go with a network picture, for readers who cannot see it."""

from __future__ import annotations

import numpy as np

from seegrad.draw.numbers import short
from seegrad.draw.state import Array, NetworkState


def described(title: str, state: NetworkState, before: NetworkState | None) -> str:
    """Sizes, loss, and for each layer its weights in full or its extremes."""
    sizes = " to ".join(map(str, state.sizes()))
    sentences = [f"{title}: {sizes} units."]
    if state.loss is not None:
        was = f" (before: {short(before.loss)})" if before and before.loss else ""
        moved = "changed by " if state.is_change else ""
        sentences.append(f"Loss {moved}{short(state.loss)}{was}.")
    if state.inputs is not None:
        sentences.append(f"Inputs: {_list(state.inputs)}.")
    for place, layer in enumerate(state.layers):
        name = f"Layer {layer.name} ({layer.kind})" if layer.name else layer.kind
        change = "change of " if state.is_change else ""
        facts = [f"{change}weights {_list(layer.weight)}"]
        if before is not None:
            old = before.layers[place].weight
            with np.errstate(invalid="ignore"):  # inf - inf
                step = abs(layer.weight - old)
            j, i = divmod(int(step.argmax()), step.shape[1])
            facts.append(
                f"largest change at [{j}, {i}], from {short(old[j, i])} to "
                f"{short(layer.weight[j, i])}"
            )
        for what, numbers in (
            (f"{change}biases", layer.bias),
            ("weight gradients", layer.weight_grad),
            (f"{change}values", layer.value),
            ("value gradients", layer.grad),
        ):
            if numbers is not None:
                facts.append(f"{what} {_list(numbers)}")
        sentences.append(f"{name}: {'; '.join(facts)}.")
    return " ".join(sentences)


def _list(numbers: Array) -> str:
    if numbers.size <= 12:
        return ", ".join(short(n) for n in numbers.ravel().tolist())
    low, high = short(float(numbers.min())), short(float(numbers.max()))
    return f"{numbers.size:,} numbers from {low} to {high}"
