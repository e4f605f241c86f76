"""What the layers give, step by step: a histogram over the recorded steps for each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from seegrad.draw.distribution import distribution
from seegrad.draw.picture import Picture
from seegrad.draw.taped import layer_of, steps_of
from seegrad.errors import unknown_name
from seegrad.random import whole_number

WHERE = "draw.activations"


def activations(
    tape: Any,
    *,
    layers: str | Iterable[str] | None = None,
    bins: int = 30,
    title: str = "Activations",
    theme: str = "auto",
) -> Picture:
    """Draw how the outputs of each layer are spread, over the recorded steps.

    Reads the last forward operation of every layer in ``tape.steps``; ``layers`` picks
    some by their path ("0"). Strength is the root of the share of numbers in a cell.
    Raises ArgumentError for an unknown layer, DataError if no layer was recorded.

    >>> import seegrad as sg
    >>> model = sg.nn.Sequential(sg.nn.Linear(1, 2, seed=0), sg.nn.ReLU())
    >>> model.load_state_dict({"0.weight": [[1.0], [-1.0]], "0.bias": [0.0, 0.0]})
    >>> activations(sg.record(model, [[1.0], [2.0]])).scene.texts("facts 1 ReLU")
    ['mean 0.75 → 0.75']
    """
    whole_number("bins", bins, least=2, where=WHERE)
    found: dict[str, dict[int, Any]] = {}
    names: dict[str, str] = {}
    for step in steps_of(tape, WHERE):
        for event in step.events():
            layer = layer_of(event)
            if event.op == "cast":  # of what a model was given, no output of its own
                continue
            if event.kind == "operation" and event.phase == "forward" and layer:
                names[layer] = f"{event.layer} {event.deed.layer_kind}".strip()
                found.setdefault(layer, {})[step.number] = event.value
    chosen = [layers] if isinstance(layers, str) else layers
    for layer in chosen or ():
        if layer not in found:
            raise unknown_name("layer on the tape", layer, found)
    records = {
        names[layer]: list(found[layer].items())
        for layer in (found if chosen is None else chosen)
    }
    return distribution(
        records, log=False, bins=bins, title=title, theme=theme, where=WHERE,
        below="outputs of each layer over the steps, strong where many lie; line: mean",
        what="output of a layer",
    )  # fmt: skip
