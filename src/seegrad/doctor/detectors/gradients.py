"""Troubles of gradients: too small at one end, too large, missing, or not a number."""

from __future__ import annotations

import math
from collections.abc import Iterator

from seegrad.doctor.case import Case, median
from seegrad.doctor.detector import detector
from seegrad.doctor.finding import Finding

VANISHED = 1e-4  # of the last layer's gradient that reaches the first
EXPLODED = 1e3  # root mean square of a gradient


@detector
def nonfinite(case: Case) -> Iterator[Finding]:
    """The first operation that made a NaN or an infinity out of finite numbers."""
    for step in case.steps:
        if step.broken is not None:
            event, op, layer = step.broken
            where = f"layer {layer}" if layer else "the loss"
            yield Finding(
                "nonfinite",
                f"A number that is none, from {op}",
                f"event {event}: {op} in {where} made a NaN or an infinity out of "
                "finite numbers",
                "one such number spreads to everything it touches: the loss, then "
                "every gradient, then every weight",
                "a smaller learning rate if the weights had grown, else a look at what "
                f"{op} was given: a logarithm of 0, a division by 0, exp of a large "
                "number",
                step.number,
                3,
                {"loss": case.series(lambda s: s.loss)},
                case.slower(),
            )
            return


@detector
def vanishing_gradients(case: Case) -> Iterator[Finding]:
    """The gradient of the first layers is next to nothing beside that of the last."""
    names = case.weights()
    if len(names) < 3:
        return

    def ratio(step: object) -> float | None:
        known = [case_parameter(step, n) for n in (names[0], names[-1])]
        if None in known or not known[1]:
            return None
        return float(known[0]) / float(known[1])  # type: ignore[arg-type]

    found = case.series(ratio)
    middle = median(found)
    if math.isfinite(middle) and 0.0 < middle < VANISHED:
        yield Finding(
            "vanishing_gradients",
            f"Gradients vanish on the way back to {names[0]}",
            f"the gradient of {names[0]} is {middle:.1e} times that of {names[-1]}",
            "each layer multiplies the gradient by its weights and slopes; where these "
            "are below 1, little is left after many layers, and the first ones stand "
            "still",
            "an activation with slope 1 (relu), or fewer layers, or larger first weights",
            case.steps[0].number,
            2,
            {"gradient, first / last": found},
            {"activation": "relu"},
        )


@detector
def exploding_gradients(case: Case) -> Iterator[Finding]:
    """A gradient so large that one step of it destroys what was learned."""
    for name in case.weights():
        sizes = case.series(lambda s, n=name: case_parameter(s, n))
        began = next(
            (k for k, v in enumerate(sizes) if math.isfinite(v) and v > EXPLODED), None
        )
        if began is not None and not any(s.broken for s in case.steps):
            yield Finding(
                "exploding_gradients",
                f"The gradient of {name} explodes",
                f"its root mean square is {sizes[began]:.1e} in step "
                f"{case.steps[began].number}",
                "each layer multiplies the gradient by its weights; where these are "
                "large, it grows from layer to layer",
                "optim.clip_grad_norm before the step, or smaller first weights",
                case.steps[began].number,
                2,
                {"gradient": sizes},
            )
            return


@detector
def no_gradient(case: Case) -> Iterator[Finding]:
    """A parameter that never receives a gradient: the loss does not depend on it."""
    trained = [s for s in case.steps if s.loss is not None]
    if not trained:
        return
    reached = {
        n for s in trained for n, p in s.parameters.items() if p.gradient is not None
    }
    known = case.parameters or tuple(
        dict.fromkeys(n for s in trained for n in s.parameters)
    )
    lost = [n for n in known if n not in reached]
    if lost and reached:
        yield Finding(
            "no_gradient",
            f"{lost[0]} never receives a gradient",
            f"{len(lost)} of {len(known)} parameters got none in {len(trained)} steps: "
            f"{', '.join(lost[:4])}",
            "the loss does not depend on it: the layer is not called, or detach(), "
            "numpy() or no_grad() cut the way between",
            "a look at forward(): is every layer used, and nothing cut off?",
            trained[0].number,
            2,
            {"loss": case.series(lambda s: s.loss)},
        )


def case_parameter(step: object, name: str) -> float | None:
    """The size of a parameter's gradient in a step."""
    found = step.parameters.get(name)  # type: ignore[attr-defined]
    return None if found is None else found.gradient
