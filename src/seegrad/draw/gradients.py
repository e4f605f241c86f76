"""How large gradients are, step by step: a histogram for each parameter or layer.

Gradients differ by powers of ten, between layers and between steps, so their sizes are
counted on a logarithmic axis: where a panel lies low, little is learned there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from seegrad.draw.distribution import MOST_PANELS, distribution
from seegrad.draw.picture import Picture
from seegrad.draw.taped import layer_of, steps_of
from seegrad.errors import unknown_name
from seegrad.random import whole_number

WHERE = "draw.gradients"
SOURCES = ("parameters", "layers")


def gradients(
    tape: Any,
    *,
    of: str = "parameters",
    names: str | Iterable[str] | None = None,
    log: bool = True,
    bins: int = 30,
    title: str = "Gradients",
    theme: str = "auto",
) -> Picture:
    """Draw how the gradients are spread, over the recorded steps.

    ``of`` "parameters" reads the gradient of each, "layers" the one that arrives at the
    output of each layer; ``names`` picks some. With ``log`` their sizes are shown,
    zeros apart. Raises ArgumentError for an unknown name, DataError without gradients.

    >>> import seegrad as sg
    >>> line = sg.nn.Linear(1, 1, seed=0)
    >>> line.load_state_dict({"weight": [[1.0]], "bias": [0.0]})
    >>> tape = sg.record(line, [[1.0]], [[3.0]], loss="mse")
    >>> gradients(tape, log=False).scene.texts("facts weight")
    ['mean −4.0 → −4.0']
    """
    if of not in SOURCES:
        raise unknown_name("source of gradients", of, SOURCES)
    whole_number("bins", bins, least=2, where=WHERE)
    steps = steps_of(tape, WHERE)
    found = _of_parameters(steps) if of == "parameters" else _of_layers(steps)
    chosen = [names] if isinstance(names, str) else names
    for name in chosen or ():
        if name not in found:
            raise unknown_name(f"gradient of {of} on the tape", name, found)
    if chosen is None and of == "parameters" and len(found) > MOST_PANELS:
        chosen = [name for name in found if not name.endswith("bias")]
    records = {
        name: list(found[name].items())
        for name in (found if chosen is None else chosen)
    }
    kind = "sizes of the gradients" if log else "gradients"
    line = "root mean square, one scale for all" if log else "mean"
    return distribution(
        records, log=log, bins=bins, title=title, theme=theme, where=WHERE,
        below=f"{kind} of the {of} over the steps, strong where many lie; line: {line}",
        what="gradient",
    )  # fmt: skip


def _of_parameters(steps: list[Any]) -> dict[str, dict[int, Any]]:
    """The gradient of each parameter as backward left it; parameters in their order."""
    found: dict[str, dict[int, Any]] = {}
    for step in steps:
        for quantity in step.structure.quantities:
            if quantity.role == "parameter":
                found.setdefault(quantity.name, {})
        for event in step.events():
            if event.kind == "gradient" and event.op == "accumulate":
                found.setdefault(event.output.name, {})[step.number] = event.value
    return {name: record for name, record in found.items() if record}


def _of_layers(steps: list[Any]) -> dict[str, dict[int, Any]]:
    """The gradient that arrives at what each layer returned."""
    found: dict[str, dict[int, Any]] = {}
    for step in steps:
        outputs: dict[int, str] = {}
        for event in step.events():
            layer = layer_of(event)
            if event.kind == "operation" and event.phase == "forward" and layer:
                outputs = {q: name for q, name in outputs.items() if name != layer}
                outputs[event.deed.output] = layer
        for layer in outputs.values():
            found.setdefault(layer, {})
        for event in step.events():
            if event.kind == "backward" and event.deed.output in outputs:
                found[outputs[event.deed.output]][step.number] = event.gradient
    return {name: record for name, record in found.items() if record}
