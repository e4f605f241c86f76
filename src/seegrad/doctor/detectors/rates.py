"""Troubles of the step size: too large, too small, or none at all."""

from __future__ import annotations

import math
from collections.abc import Iterator

from seegrad.doctor.case import Case, mean, median
from seegrad.doctor.detector import detector
from seegrad.doctor.finding import Finding
from seegrad.doctor.vitals import Vitals

ENOUGH = 10  # steps before anything is said about a rate
WILD = 0.3  # update / weight: a third of the weights in one step
STILL = 1e-5  # update / weight: nothing moves


@detector
def learning_rate_too_high(case: Case) -> Iterator[Finding]:
    """The loss ends above where it began, or leaps about it."""
    losses, broken = case.losses, any(s.broken for s in case.steps)
    if len(losses) < ENOUGH or broken:
        return
    tail = max(ENOUGH // 2, len(losses) // 5)
    start, end = mean(losses[:3]), mean(losses[-tail:])
    ratios = case.series(_ratio)
    wild = median(ratios) > WILD
    if (end > 1.5 * start and median(ratios) > 1e-3) or (wild and end > 0.9 * start):
        began = next(
            k for k, v in enumerate(losses) if v > start or k == len(losses) - 1
        )
        yield Finding(
            "learning_rate_too_high",
            "The learning rate is too high",
            f"the loss went from {start:.3g} to {end:.3g}, and a step moves the weights "
            f"by {median(ratios):.1%} of their size",
            "each step goes past the valley and lands higher on the other side",
            _rate(case, "a tenth of the learning rate", case.slower()),
            case.steps[began].number,
            3 if end > 10 * start else 2,
            {"loss": losses},
            case.slower(),
        )


@detector
def learning_rate_too_low(case: Case) -> Iterator[Finding]:
    """The weights hardly move, and the loss with them."""
    losses = case.losses
    if len(losses) < ENOUGH:
        return
    ratios = [r for r in case.series(_ratio) if math.isfinite(r)]
    tail = max(3, len(losses) // 5)
    start, end = mean(losses[:tail]), mean(losses[-tail:])
    if ratios and 0.0 < median(ratios) < STILL and end > 0.98 * start:
        yield Finding(
            "learning_rate_too_low",
            "The learning rate is too low",
            f"a step moves the weights by {median(ratios):.1e} of their size; the loss "
            f"went from {start:.4g} to {end:.4g} in {len(losses)} steps",
            "the direction is right and the steps are tiny: it would take thousands "
            "of them to get anywhere",
            _rate(case, "ten times the learning rate", case.faster()),
            case.steps[0].number,
            2,
            {"update / weight": case.series(_ratio)},
            case.faster(),
        )


@detector
def updates_too_large(case: Case) -> Iterator[Finding]:
    """A layer whose weights are turned over by a large part of themselves each step."""
    if len(case.steps) < ENOUGH or any(s.broken for s in case.steps):
        return
    losses = case.losses
    if losses and mean(losses[-5:]) > 0.9 * mean(losses[:3]):
        return  # the rate as a whole is the trouble, and is named
    for name in case.weights():
        ratios = case.series(lambda s, n=name: _of(s, n))
        late = ratios[len(ratios) // 2 :]
        if median(late) > WILD:
            yield Finding(
                "updates_too_large",
                f"{name} is turned over in every step",
                f"its updates are {median(late):.0%} of its size, in the second half of "
                "the steps still",
                "what it learned in one step is overwritten in the next; about 0.1 % "
                "is usual",
                _rate(case, "a tenth of the learning rate", case.slower()),
                case.steps[0].number,
                1,
                {"update / weight": ratios},
                case.slower(),
            )
            return


@detector
def never_updated(case: Case) -> Iterator[Finding]:
    """A parameter with a gradient that no update ever moves."""
    steps = [s for s in case.steps if s.updated]
    if not steps:
        return
    moved = {n for s in steps for n, p in s.parameters.items() if p.update is not None}
    asked = [
        n
        for n in dict.fromkeys(n for s in steps for n in s.parameters)
        if n not in moved
        and any(p.gradient for s in steps for m, p in s.parameters.items() if m == n)
    ]
    if asked:
        yield Finding(
            "never_updated",
            f"{asked[0]} is never updated",
            f"it has a gradient in every step, and no update moves it "
            f"({len(asked)} such: {', '.join(asked[:4])})",
            "the optimizer does not have it: it was made from other parameters, or "
            "before the layer was added",
            "optimizer = optim.Adam(model.parameters()), after the model is complete",
            steps[0].number,
            2,
            {"loss": case.series(lambda s: s.loss)},
        )


def _ratio(step: Vitals) -> float | None:
    """The largest update beside its weight, over the matrices of a step."""
    found = [
        p.update / p.size
        for p in step.parameters.values()
        if p.update is not None and p.size and len(p.shape) >= 2
    ]
    return max(found, default=None)


def _of(step: Vitals, name: str) -> float | None:
    p = step.parameters.get(name)
    return None if p is None or p.update is None or not p.size else p.update / p.size


def _rate(case: Case, words: str, change: dict[str, float]) -> str:
    return f"{words}: lr={change['lr']:g} instead of {case.lr:g}" if change else words
