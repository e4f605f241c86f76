"""Troubles of gradients: too small at one end, too large, missing, or not a number."""

from __future__ import annotations

import math
from collections.abc import Iterator

from seegrad.diagnosis.case import Case, Series, median
from seegrad.diagnosis.detector import detector
from seegrad.diagnosis.detectors.data import LARGE, features_to_scale
from seegrad.diagnosis.detectors.units import saturated_layers, twins
from seegrad.diagnosis.finding import Finding
from seegrad.diagnosis.vitals import Break

VANISHED = 1e-4  # of the last layer's gradient reaches another one
EXPLODED = 1e3  # root mean square of a gradient, where inputs and targets are not large
LAYERS = 3  # that make it a way back


@detector
def nonfinite_numbers(case: Case) -> Iterator[Finding]:
    """The first operation that made a NaN or an infinity out of finite numbers."""
    at = next((k for k, s in enumerate(case.steps) if s.broken is not None), None)
    if at is None:
        return
    broken = case.steps[at].broken
    assert broken is not None
    what = f"the derivative of {broken.op}" if broken.phase == "backward" else broken.op
    sizes = case.moment(at, lambda p: p.size)
    weights = max(sizes.values(), default=0.0)
    yield case.finding(
        at,
        f"A NaN or an infinity, from {what}",
        evidence=f"event {broken.event}: {what} in {_home(broken)} made it out of "
        f"finite numbers of up to {broken.largest:.3g}; the weights are of size "
        f"{weights:.3g}",
        explanation="one such number spreads to all that it touches: the loss, then "
        "every gradient, then every weight",
        advice="a smaller learning rate if numbers have grown from step to step, else "
        f"a look at what {broken.op} is given: the logarithm of 0, a division by 0, "
        "exp of a large number",
        severity=3,
        series=_finite_series(case),
        moment=sizes,
        then="size of the weights",
    )


@detector
def vanishing_gradients(case: Case) -> Iterator[Finding]:
    """The gradient of an early layer is next to nothing beside that of the last."""
    small, names = vanished(case), case.names(least=2)
    if not small:
        return
    name = min(small, key=lambda n: small[n])
    yield case.finding(
        0,
        f"Gradients vanish on the way back to {name}",
        evidence=f"the gradient of {name} is {small[name]:.1e} times that of "
        f"{names[-1]}, the last of {len(names)} layers",
        explanation="each layer multiplies the gradient by its weights and slopes; "
        "where these are below 1, little is left after many layers, and the first ones "
        "stand still",
        advice="an activation with slope 1 (relu), or fewer layers, or larger first "
        "weights",
        change=case.change(activation="relu"),
        series={n: case.of(n, lambda p: p.gradient) for n in (name, names[-1])},
        moment=case.moment(0, lambda p: p.gradient),
        then="size of the gradient",
    )


@detector
def exploding_gradients(case: Case) -> Iterator[Finding]:
    """A gradient that is far too large from the first step on: it grew on its way."""
    first = case.moment(0, lambda p: p.gradient) if case.steps else {}
    large = {name: g for name, g in first.items() if g > EXPLODED}
    if not large or features_to_scale(case) or _targets_are_large(case):
        return
    name = max(large, key=lambda n: large[n])
    yield case.finding(
        0,
        f"The gradient of {name} explodes",
        evidence=f"in the first step already, the gradient of {name} is of size "
        f"{large[name]:.1e}, though neither inputs nor targets are above {LARGE:g}",
        explanation="each layer, or each moment of a sequence, multiplies the gradient "
        "by its weights; where these are large, it grows on and on",
        advice="smaller first weights, or optim.clip_grad_norm before the step",
        series={n: case.of(n, lambda p: p.gradient) for n in large},
        moment=case.moment(0, lambda p: p.gradient),
        then="size of the gradient",
    )


@detector
def no_gradient(case: Case) -> Iterator[Finding]:
    """A parameter that never receives a gradient: the loss does not depend on it."""
    trained = [s for s in case.steps if s.loss is not None]
    reached = {
        name for s in trained for name, p in s.parameters.items()
        if p.gradient is not None
    }  # fmt: skip
    known = case.parameters or tuple(case.names())
    lost = [name for name in known if name not in reached]
    if lost and reached:
        yield case.finding(
            0,
            f"{lost[0]} never receives a gradient",
            evidence=f"{len(lost)} of {len(known)} parameters got none in "
            f"{len(trained)} steps: {', '.join(lost[:4])}",
            explanation="the loss does not depend on it: the layer is not called, or "
            "detach(), numpy() or no_grad() cut the way between",
            advice="a look at forward(): is every layer used, and nothing cut off?",
            moment=case.moment(0, lambda p: p.gradient) | dict.fromkeys(lost, 0.0),
            then="size of the gradient",
        )


def vanished(case: Case) -> dict[str, float]:
    """The parameters with next to no gradient: which part of the last one's it is."""
    names = case.names(least=2)
    if len(names) < LAYERS or saturated_layers(case) or twins(case):
        return {}
    last = median(case.of(names[-1], lambda p: p.gradient))
    middle = {n: median(case.of(n, lambda p: p.gradient)) for n in names[:-1]}
    return {n: g / last for n, g in middle.items() if 0.0 < g < VANISHED * last}


def _targets_are_large(case: Case) -> bool:
    """Whether errors, and so gradients, are large by themselves."""
    sizes = [float(s.target.size.max()) for s in case.steps if s.target is not None]
    return max(sizes, default=0.0) > LARGE


def _home(broken: Break) -> str:
    if broken.layer:
        return f"layer {broken.layer}"
    return {"loss": "the loss", "update": "the update"}.get(broken.phase, "the step")


def _finite_series(case: Case) -> Series:
    """The loss; where there was never one, the size of the largest weight."""
    if any(math.isfinite(v) for v in case.losses):
        return {"loss": case.losses}
    largest = case.series(
        lambda s: max((p.size for p in s.parameters.values()), default=None)
    )
    return {"largest weight": largest}
