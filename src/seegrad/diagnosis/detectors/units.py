"""Troubles of units: those that are off, those that are stuck, those that are twins."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sized

import numpy as np

from seegrad.diagnosis.case import Case, Series
from seegrad.diagnosis.detector import detector
from seegrad.diagnosis.detectors.data import is_sorted
from seegrad.diagnosis.finding import Finding
from seegrad.diagnosis.vitals import UnitVitals, Vitals

MANY_DEAD = 0.6  # of the units of a layer
MANY_FLAT = 0.8  # of the outputs of a layer
LASTING = 10  # steps until the end
ENOUGH_ROWS = 64  # a unit may be off for a few rows by chance
Share = Callable[[UnitVitals], float]


@detector
def dead_units(case: Case) -> Iterator[Finding]:
    """Most units of a relu give 0 for every row: no gradient, no way back."""
    dead = dead_layers(case)
    if dead and not twins(case) and not is_sorted(case):
        layer = min(dead, key=lambda name: dead[name])
        began, share, units = dead[layer]
        yield case.finding(
            began,
            f"Dead units in layer {layer}{_others(dead)}",
            evidence=f"{round(share * units)} of {units} units give 0 for every row, "
            f"from step {case.steps[began].number} to the end",
            explanation="below zero a relu is flat: no gradient comes back, so such a "
            "unit never changes again; a step that was too large, or a bias far below "
            "zero, put it there",
            advice="an activation that is never quite flat (silu, gelu), or a smaller "
            "learning rate",
            change=case.change(activation="silu"),
            series=_by_layer(case, "relu", lambda u: float(u.off.mean())),
            moment=_moment(case, began, "relu", lambda u: float(u.off.mean())),
            then="share of units that are off",
        )


@detector
def saturated_units(case: Case) -> Iterator[Finding]:
    """A tanh or sigmoid at the ends of its range, where it is flat."""
    saturated = saturated_layers(case)
    if saturated:
        layer = min(saturated, key=lambda name: saturated[name])
        began = saturated[layer]
        units = case.steps[began].units[layer]
        yield case.finding(
            began,
            f"Saturated units in layer {layer}{_others(saturated)}",
            evidence=f"{units.saturated:.0%} of its outputs are within 0.005 of an end "
            f"of {units.op}, from step {case.steps[began].number} to the end",
            explanation=f"at its ends {units.op} is flat, so hardly any gradient comes "
            "back, and the layers before it stand still",
            advice="inputs scaled to about -1 to 1, smaller first weights, or an "
            "activation with only one flat side (relu)",
            change=case.change(activation="relu"),
            series=_by_layer(case, units.op, lambda u: u.saturated),
            moment=_moment(case, began, units.op, lambda u: u.saturated),
            then="share of outputs at an end",
        )


@detector
def identical_rows(case: Case) -> Iterator[Finding]:
    """Units that are twins from a zero start, and get the same gradient for ever."""
    found = twins(case)
    if found:
        name = found[0]
        p = case.steps[0].parameters[name]
        zero = "all zero" if p.size == 0.0 else "equal"
        yield case.finding(
            0,
            f"All units of {name}{_others(found)} are the same",
            evidence=f"its {p.shape[0]} rows are {zero} in the first step and still "
            f"equal after {len(case.steps)}, and so are their gradients",
            explanation="units that start equal get equal gradients and stay equal: "
            "the layer is one unit many times over",
            advice="random first weights: leave the layer as nn.Linear makes it",
            moment=case.moment(0, lambda p: p.size),
            then="size of the weights",
        )


def is_stuck(case: Case) -> bool:
    """Whether its units are the reason why little or nothing moves."""
    return bool(dead_layers(case) or saturated_layers(case) or twins(case))


def twins(case: Case) -> list[str]:
    """The parameters whose rows are equal from the first step to the last."""
    if len(case.steps) < 2:
        return []
    first, last = case.steps[0].parameters, case.steps[-1].parameters
    return [
        name
        for name, p in first.items()
        if p.rows_alike and p.gradient_alike
        and name in last and last[name].rows_alike and last[name].gradient_alike
    ]  # fmt: skip


def dead_layers(case: Case) -> dict[str, tuple[int, float, int]]:
    """For each layer with dead units: since when, their share, how many units."""
    found = {}
    for layer in _layers(case, "relu"):
        shares, rows = _off_for_good(case, layer)
        for k, share in enumerate(shares):
            lasts = len(case.steps) - k >= LASTING and rows[k] >= ENOUGH_ROWS
            if share >= MANY_DEAD and lasts:
                found[layer] = k, share, len(case.steps[k].units[layer].off)
                break
    return found


def saturated_layers(case: Case) -> dict[str, int]:
    """For each saturated layer the place of the step from which it is."""
    found = {}
    for op in ("tanh", "sigmoid"):
        for layer in _layers(case, op):
            began = len(case.steps)
            while began and _is_saturated(case.steps[began - 1], layer):
                began -= 1
            if len(case.steps) - began >= LASTING:
                found[layer] = began
    return found


def _others(found: Sized) -> str:
    """How many more layers have the same trouble."""
    return f" and {len(found) - 1} more" if len(found) > 1 else ""


def _is_saturated(step: Vitals, layer: str) -> bool:
    units = step.units.get(layer)
    return (
        units is not None
        and not units.is_output  # an output may be sure
        and units.saturated >= MANY_FLAT
    )


def _off_for_good(case: Case, layer: str) -> tuple[list[float], list[int]]:
    """The share of units off from each step to the end, and the rows that say so."""
    shares, rows, seen = [math.nan] * len(case.steps), [0] * len(case.steps), 0
    off = None
    for k in reversed(range(len(case.steps))):
        units = case.steps[k].units.get(layer)
        if units is None or (off is not None and off.shape != units.off.shape):
            continue
        off = units.off if off is None else np.logical_and(off, units.off)
        seen += units.rows
        shares[k], rows[k] = float(off.mean()), seen
    return shares, rows


def _layers(case: Case, op: str) -> list[str]:
    """The layers with this activation, in order."""
    return list(
        dict.fromkeys(n for s in case.steps for n, u in s.units.items() if u.op == op)
    )


def _by_layer(case: Case, op: str, share: Share) -> Series:
    found: Series = {}
    for layer in _layers(case, op):
        units = [step.units.get(layer) for step in case.steps]
        shares = [math.nan if u is None else share(u) for u in units]
        found[f"layer {layer}"] = shares
    return found


def _moment(case: Case, at: int, op: str, share: Share) -> dict[str, float]:
    units = case.steps[at].units
    return {f"layer {n}": share(u) for n, u in units.items() if u.op == op}
