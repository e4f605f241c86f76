"""Troubles of the step size: too large, too small, or none at all."""

from __future__ import annotations

import math
from collections.abc import Iterator

from seegrad.diagnosis.case import Case, mean, median
from seegrad.diagnosis.detector import detector
from seegrad.diagnosis.detectors.gradients import burst
from seegrad.diagnosis.detectors.units import is_stuck
from seegrad.diagnosis.finding import Finding
from seegrad.diagnosis.leap import Leap, leap
from seegrad.diagnosis.vitals import Vitals

ENOUGH = 10  # steps before anything is said about a rate
WILD = 0.3  # update / weight: a third of the weights in one step
STILL = 5e-5  # update / weight: hardly anything moves
LEAP = 3.0  # times the first loss
SHORT = 0.01  # of the weights, in all steps together
LONG = 0.1  # update / weight, where the loss rises with it
WELL = 0.25  # of all steps, in which the loss fell
RISEN = 2.0  # times the learning rate with which the loss was lowest
STEADY = 5  # steps that are put together
FLAT = 0.05  # weight * gradient / loss: there is nowhere to go


@detector
def learning_rate_too_high(case: Case) -> Iterator[Finding]:
    """The loss ends or leaps above where it began, and the weights move a lot."""
    if not goes_up(case):
        yield from _too_high_later(case)
        return
    losses, ratio = case.losses, median(case.ratios)
    start, end = _ends(losses)
    worst = max(losses)
    above = start if worst < 1.5 * start else 1.5 * start
    began = next((k for k, v in enumerate(losses) if v > above), 0)
    yield case.finding(
        began,
        "The learning rate is too high",
        evidence=f"the loss went from {start:.3g} to {end:.3g}, at worst {worst:.3g}, "
        f"and a step moves the weights by {ratio:.1%} of their size",
        explanation="each step goes past the valley and lands higher on the other side",
        advice=_rate(case, "a tenth of the learning rate", 0.1),
        severity=3 if end > 10 * start else 2,
        change=case.rate(0.1),
        moment=case.moment(began, lambda p: p.ratio),
        then="update / weight",
    )


def _too_high_later(case: Case) -> Iterator[Finding]:
    """The loss rises again after a rate that has risen, or that moves a lot."""
    found = late_leap(case)
    if found is None or not _is_driven(case, found):
        return
    times, losses = case.course
    began = times[found.at]
    rates = case.pulse.rates
    rate = ""
    if began < len(rates):
        first, then = rates[times[found.fell]], rates[began]
        rate = f"the learning rate was {first:.3g}, then {then:.3g}, and "
    ratio = median(_ratios_from(case, began))
    yield Finding(
        "The learning rate becomes too high",
        evidence=f"the loss fell from {found.start:.3g} to {found.best:.3g} and rose "
        f"to {found.worst:.3g}; {rate}a step moves the weights by {ratio:.1%} of their "
        "size",
        explanation="each step goes past the valley and lands higher on the other side",
        advice=_rate(case, "a tenth of the learning rate", 0.1),
        began=began,
        severity=2,
        change=case.rate(0.1),
        times=times,
        series={"loss": losses},
    )


@detector
def loss_rises_again(case: Case) -> Iterator[Finding]:
    """The loss falls, and later most of what was learned is lost again."""
    found, (times, losses), unit = late_leap(case), case.course, "step"
    if found is None and not case.is_broken and not goes_up(case):
        losses, unit = case.history.get("loss", []), "epoch"
        found, times = _late(losses, least=1), list(range(1, len(losses) + 1))
    if found is None or burst(case) or (unit == "step" and _is_driven(case, found)):
        return
    yield Finding(
        "The loss rises again",
        evidence=f"it fell from {found.start:.3g} to {found.best:.3g} by {unit} "
        f"{times[found.fell]}, and rose to {found.worst:.3g} from {unit} "
        f"{times[found.at]} on; it ended at {found.end:.3g}",
        explanation="something has thrown the weights out of the valley they were in: "
        "a step that was too long, rows unlike the others, or a change from outside",
        advice="a learning rate that falls with time (CosineAnnealingLR), and "
        "optim.clip_grad_norm before the step",
        began=times[found.at],
        times=times,
        series={"loss": losses},
        unit=unit,
    )


@detector
def learning_rate_too_low(case: Case) -> Iterator[Finding]:
    """The weights hardly move, and the loss with them, though there is a slope."""
    losses, ratio = case.losses, median(case.ratios)
    if len(losses) < ENOUGH or not 0.0 < ratio < STILL or is_stuck(case):
        return
    start, end = _ends(losses)
    way = mean(case.ratios) * case.span  # at most, were all steps in one direction
    if (end > 0.98 * start or way < SHORT) and median(case.series(_slope)) > FLAT:
        yield case.finding(
            0,
            "The learning rate is too low",
            evidence=f"a step moves the weights by {ratio:.1e} of their size, all "
            f"{case.span} steps by {way:.1e} at most; the loss went from "
            f"{start:.4g} to {end:.4g}",
            explanation="the direction is right and the steps are tiny: it would take "
            "many thousands of them to get anywhere",
            advice=_rate(case, "a hundred times the learning rate", 100.0),
            change=case.rate(100.0),
            moment=case.moment(0, lambda p: p.ratio),
            then="update / weight",
        )


@detector
def updates_too_large(case: Case) -> Iterator[Finding]:
    """A layer that every step turns over by a large part of itself."""
    if len(case.steps) < ENOUGH or case.is_broken or goes_up(case):
        return
    late = len(case.steps) // 2
    found = {n: median(case.of(n, lambda p: p.ratio)[late:]) for n in case.names(2)}
    wild = {n: ratio for n, ratio in found.items() if ratio > WILD}
    if not wild:
        return
    name = max(wild, key=lambda n: wild[n])
    ratios = case.of(name, lambda p: p.ratio)
    began = next(k for k, v in enumerate(ratios) if v > WILD)
    yield case.finding(
        began,
        f"{name} is turned over in every step",
        evidence=f"its updates are {wild[name]:.0%} of its size, in the second half of "
        f"{len(case.steps)} steps still",
        explanation="what it learned in one step is overwritten in the next; about "
        "0.1 % is usual",
        advice=_rate(case, "a hundredth of the learning rate", 0.01),
        severity=1,
        change=case.rate(0.01),
        series={"update / weight": ratios},
        moment=case.moment(began, lambda p: p.ratio),
        then="update / weight",
    )


@detector
def never_updated(case: Case) -> Iterator[Finding]:
    """A parameter with a gradient that no update ever moves."""
    steps = [step for step in case.steps if step.was_updated]
    moved = {n for s in steps for n, p in s.parameters.items() if p.was_updated}
    asked = {n for s in steps for n, p in s.parameters.items() if p.gradient}
    still = [name for name in case.names() if name in asked - moved]
    if still:
        yield case.finding(
            0,
            f"{still[0]} is never updated",
            evidence=f"{len(still)} of {len(asked)} parameters have a gradient and are "
            f"never moved in {len(steps)} updates: {', '.join(still[:4])}",
            explanation="the optimizer does not have it: it was made from other "
            "parameters, or before the layer was added",
            advice="optim.Adam(model.parameters()), made after the model is complete",
            moment={n: case.of(n, lambda p: p.ratio or 0.0)[0] for n in case.names(2)},
            then="update / weight",
        )


def goes_up(case: Case) -> bool:
    """Whether the loss rises, stays or leaps, while the weights are thrown about."""
    losses, ratios = case.losses, case.ratios
    if len(losses) < ENOUGH or case.is_broken or burst(case):
        return False
    if late_leap(case) or _turned_unseen(case):
        return False
    start, end = _ends(losses)
    usual, worst = median(ratios), max((r for r in ratios if r > 0.0), default=0.0)
    return (
        (end > 1.5 * start and usual > 1e-3)
        or (end > 0.9 * start and usual > WILD)
        or (max(losses) > LEAP * losses[0] and worst > WILD)
    )


def late_leap(case: Case) -> Leap | None:
    """A loss that had fallen for a while and rises again."""
    return None if case.is_broken else _late(case.course[1], least=STEADY)


def _late(losses: list[float], least: int) -> Leap | None:
    found = leap(losses, least)
    return found if found is not None and found.at > WELL * len(losses) else None


def _turned_unseen(case: Case) -> bool:
    """Whether the history shows a rise between steps that were repeated and the end."""
    if not case.steps or case.steps[-1].number < len(case.pulse):
        return False
    return _late(case.history.get("loss", []), least=1) is not None


def _is_driven(case: Case, found: Leap) -> bool:
    """Whether a rise comes with a rate that had risen, or with steps that are wild."""
    if burst(case):
        return False
    rates, times = case.pulse.rates, case.course[0]
    began = times[found.at]
    risen = began < len(rates) and rates[began] > RISEN * rates[times[found.fell]]
    return risen or median(_ratios_from(case, began)) > LONG


def _ratios_from(case: Case, number: int) -> list[float]:
    """Update / weight in the steps that were looked at from this one on."""
    pairs = zip(case.steps, case.ratios, strict=True)
    return [ratio for step, ratio in pairs if step.number >= number][:STEADY]


def _ends(losses: list[float]) -> tuple[float, float]:
    """The loss at the start and at the end, without the chance of single batches."""
    tail = max(3, len(losses) // 5)
    return mean(losses[:3]), mean(losses[-tail:])


def _slope(step: Vitals) -> float | None:
    """How much of the loss the gradient promises to a step as large as the weights."""
    known = [p for p in step.parameters.values() if p.gradient is not None]
    if not known or not step.loss:
        return None
    gradient = math.sqrt(sum(p.count * (p.gradient or 0.0) ** 2 for p in known))
    weight = math.sqrt(sum(p.count * p.size**2 for p in known))
    return gradient * weight / abs(step.loss)


def _rate(case: Case, words: str, factor: float) -> str:
    if case.lr is None:
        return words
    return f"{words}: lr={case.lr * factor:g} instead of {case.lr:g}"
