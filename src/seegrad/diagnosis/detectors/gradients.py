"""Troubles of gradients: too small at one end, too large, missing, or not a number."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from seegrad.diagnosis.case import Case, Series, median
from seegrad.diagnosis.detector import detector
from seegrad.diagnosis.detectors.data import LARGE, features_to_scale
from seegrad.diagnosis.detectors.units import is_stuck, saturated_layers, twins
from seegrad.diagnosis.finding import Finding
from seegrad.diagnosis.vitals import Break, Vitals

VANISHED = 1e-4  # of the last layer's gradient reaches another one
EXPLODED = 1e3  # root mean square of a gradient, where inputs and targets are not large
LAYERS = 3  # that make it a way back
BURST = 100.0  # times the usual norm of all gradients
CALM = 10.0  # times it, in all steps before
NEAR = 5  # steps
MANY = 10  # steps with gradients of 0
EARLY = 20  # steps that show what is usual
GROWS = (
    "each layer, or each moment of a sequence, multiplies the gradient by its weights; "
    "where these are large, it grows on and on"
)


@detector
def nonfinite_numbers(case: Case) -> Iterator[Finding]:
    """The first operation that made a NaN or an infinity out of finite numbers."""
    at = next((k for k, s in enumerate(case.steps) if s.broken is not None), None)
    if at is None or _spoiled(case.steps[at]):
        yield from _spoiled_parameter(case)
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
    """A gradient that is far too large: from the first step on, or all at once."""
    first = case.moment(0, lambda p: p.gradient) if case.steps else {}
    large = {name: g for name, g in first.items() if g > EXPLODED}
    if not large or features_to_scale(case) or _targets_are_large(case):
        yield from _exploding_later(case)
        return
    name = max(large, key=lambda n: large[n])
    yield case.finding(
        0,
        f"The gradient of {name} explodes",
        evidence=f"in the first step already, the gradient of {name} is of size "
        f"{large[name]:.1e}, though neither inputs nor targets are above {LARGE:g}",
        explanation=GROWS,
        advice="smaller first weights, or optim.clip_grad_norm before the step",
        series={n: case.of(n, lambda p: p.gradient) for n in large},
        moment=case.moment(0, lambda p: p.gradient),
        then="size of the gradient",
    )


def _exploding_later(case: Case) -> Iterator[Finding]:
    """The norm of all gradients leaps within a few steps, and the loss with it."""
    found = burst(case)
    if found is None:
        return
    at, usual, size = found
    after = [k for k, step in enumerate(case.steps) if step.number >= at]
    sizes = case.moment(after[0], lambda p: p.gradient) if after else {}
    where = f", most in {max(sizes, key=lambda n: sizes[n])}" if sizes else ""
    yield Finding(
        f"The gradients explode at step {at}",
        evidence=f"their norm, {usual:.2g} until then, is {size:.2g} at step {at}"
        f"{where}; the loss goes from {case.pulse.losses[at - 1]:.3g} to "
        f"{max(case.pulse.losses[at : at + NEAR]):.3g}",
        explanation=GROWS,
        advice="optim.clip_grad_norm before the step, and a look at the rows of that "
        "batch",
        began=at,
        severity=2,
        times=list(range(len(case.pulse))),
        series={"norm of all gradients": list(case.pulse.gradients)},
        moment=sizes,
        moment_of="size of the gradient, the next step that was looked at",
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
    yield from _only_zeros(case)


def _only_zeros(case: Case) -> Iterator[Finding]:
    """A gradient that arrives and is always 0."""
    zero = [] if is_stuck(case) else _always_zero(case)
    if zero:
        yield case.finding(
            0,
            f"{zero[0]} only receives gradients of 0",
            evidence=f"{len(zero)} matrices got exactly 0 in all {len(case.steps)} "
            f"steps: {', '.join(zero[:4])}",
            explanation="the loss does not change with it: something on the way "
            "multiplies by 0, or is flat",
            advice="a look at forward(): a factor of 0, sign() or floor(), a mask that "
            "hides everything",
            moment=case.moment(0, lambda p: p.gradient),
            then="size of the gradient",
        )


def _always_zero(case: Case) -> list[str]:
    """The matrices whose gradient is 0 in all of many steps, while others' is not."""
    sizes = {n: case.of(n, lambda p: p.gradient) for n in case.names(least=2)}
    known = {n: [v for v in sizes[n] if not math.isnan(v)] for n in sizes}
    zero = [n for n, v in known.items() if len(v) >= MANY and not any(v)]
    return zero if any(any(v) for v in known.values()) else []


def burst(case: Case) -> tuple[int, float, float] | None:
    """The step in which gradients explode, their usual norm, and the one then.

    A rate that is too high makes them grow from step to step; this comes at once, and
    the loss does not recover from it in the next steps.
    """
    norms = np.array(case.pulse.gradients)
    losses = np.array(case.pulse.losses)
    if len(norms) <= EARLY:
        return None
    for at in EARLY + np.flatnonzero(norms[EARLY:] > BURST * norms[EARLY - 1 : -1]):
        usual, loss = np.median(norms[:at]), np.median(losses[:at])
        is_sudden = norms[at - NEAR : at].max() < CALM * usual
        is_lasting = np.median(losses[at : at + NEAR]) > loss + CALM * abs(loss)
        if norms[at] > BURST * usual and is_sudden and is_lasting:
            return int(at), float(usual), float(norms[at])
    return None


def _spoiled_parameter(case: Case) -> Iterator[Finding]:
    """No operation did it: a parameter held such a number when its step began."""
    for k, step in enumerate(case.steps):
        bad = _spoiled(step)
        if bad:
            yield case.finding(
                k,
                f"{bad[0]} holds a NaN or an infinity",
                evidence=f"{len(bad)} of {len(step.parameters)} parameters do when "
                f"step {step.number} begins; the loss is {step.loss}",
                explanation="the update before has made it: numbers were too large "
                "for their type, or something else has set them",
                advice="a smaller learning rate, or optim.clip_grad_norm before the "
                "step",
                severity=3,
                series=_finite_series(case),
            )
            return


def _spoiled(step: Vitals) -> list[str]:
    return [n for n, p in step.parameters.items() if not math.isfinite(p.size)]


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
