"""Troubles of units: those that are off, those that are stuck, those that are twins."""

from __future__ import annotations

from collections.abc import Iterator

from seegrad.doctor.case import Case
from seegrad.doctor.detector import detector
from seegrad.doctor.finding import Finding
from seegrad.doctor.vitals import Vitals

MANY_DEAD = 0.5  # of the units of a layer
MANY_FLAT = 0.8  # of the outputs of a layer
LASTING = 5  # steps in a row


@detector
def dead_units(case: Case) -> Iterator[Finding]:
    """Units of a relu that give 0 for every sample: no gradient, no way back."""
    for layer in _layers(case, "relu"):
        shares = case.series(lambda s, at=layer: _share(s, at, "dead"))
        began = _lasting(shares, MANY_DEAD)
        if began is not None:
            units = next(
                u.units for s in case.steps for u in s.units if u.layer == layer
            )
            yield Finding(
                "dead_units",
                f"Dead units in layer {layer}",
                f"{shares[began]:.0%} of {units} units give 0 for every sample of the "
                f"batch, from step {case.steps[began].number} to the end",
                "below zero a relu is flat: no gradient comes back, so such a unit "
                "never changes again; a step that was too large, or a bias far below "
                "zero, put it there",
                "a smaller learning rate, or an activation that is never quite flat "
                "(silu, gelu)",
                case.steps[began].number,
                2,
                {"share of dead units": shares},
                case.slower() or {"activation": "silu"},
            )


@detector
def saturated_units(case: Case) -> Iterator[Finding]:
    """Units of a tanh or sigmoid at the end of their range, where it is flat."""
    for op in ("tanh", "sigmoid"):
        for layer in _layers(case, op):
            shares = case.series(lambda s, at=layer: _share(s, at, "saturated"))
            began = _lasting(shares, MANY_FLAT)
            if began is not None and _is_hidden(case, layer):
                yield Finding(
                    "saturated_units",
                    f"Saturated units in layer {layer}",
                    f"{shares[began]:.0%} of its outputs are within 0.005 of the end "
                    f"of {op}, from step {case.steps[began].number} to the end",
                    f"at its ends {op} is flat, so hardly any gradient comes back and "
                    "the layers before it stand still",
                    "smaller first weights, or inputs scaled to about -1 to 1",
                    case.steps[began].number,
                    2,
                    {"share of saturated outputs": shares},
                )


@detector
def identical_rows(case: Case) -> Iterator[Finding]:
    """Units that are twins from the start and get the same gradient for ever."""
    if len(case.steps) < 2:
        return
    last = case.steps[-1]
    for name, p in case.steps[0].parameters.items():
        now = last.parameters.get(name)
        twins = p.alike and p.gradient_alike and now is not None and now.alike
        if twins and p.gradient:
            yield Finding(
                "identical_rows",
                f"All units of {name} are the same",
                f"the {p.shape[0]} rows of {name} are equal in the first step and in "
                "the last, and so are their gradients",
                "units that start equal get equal gradients and stay equal: the layer "
                "is one unit many times over",
                "random first weights: leave the layer as nn.Linear makes it",
                case.steps[0].number,
                2,
                {"loss": case.series(lambda s: s.loss)},
            )


def _layers(case: Case, op: str) -> list[str]:
    """The layers with this activation, in order."""
    found = {u.layer: None for s in case.steps for u in s.units if u.op == op}
    return list(found)


def _share(step: Vitals, layer: str, what: str) -> float | None:
    found = [getattr(u, what) for u in step.units if u.layer == layer]
    return found[0] if found else None


def _lasting(shares: list[float], limit: float) -> int | None:
    """The place from which a share stays above a limit, to the end."""
    began = len(shares)
    while began and shares[began - 1] >= limit:
        began -= 1
    return began if len(shares) - began >= LASTING else None


def _is_hidden(case: Case, layer: str) -> bool:
    """Whether other activations or weights come behind it: an output may be sure."""
    for step in case.steps:
        layers = [u.layer for u in step.units]
        if layer in layers:
            return not (step.last_op in ("tanh", "sigmoid") and layers[-1] == layer)
    return True
