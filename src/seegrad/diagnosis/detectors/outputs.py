"""Troubles between the output layer, the loss and the targets."""

from __future__ import annotations

from collections.abc import Iterator

from seegrad.diagnosis.case import Case
from seegrad.diagnosis.detector import detector
from seegrad.diagnosis.detectors.data import AMOUNTS, class_counts, features_to_scale
from seegrad.diagnosis.detectors.gradients import vanished
from seegrad.diagnosis.detectors.units import is_stuck
from seegrad.diagnosis.finding import Finding
from seegrad.diagnosis.vitals import Columns, Vitals

LOGITS = ("bce_with_logits", "cross_entropy")  # losses that bend by themselves
RANGES = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "relu": (0.0, float("inf"))}
FLAT = 1e-4  # of the spread of the targets
LATE = 5  # steps


@detector
def wrong_output_for_loss(case: Case) -> Iterator[Finding]:
    """Bent outputs, such as probabilities, given to a loss that takes plain ones."""
    at, step = _first(case, LOGITS)
    if step is None or step.prediction is None:
        return
    softmax = step.last_op not in RANGES and step.prediction.are_shares
    if step.last_op not in RANGES and not softmax:
        return
    low, high = _limits(step.prediction)
    yield case.finding(
        at,
        f"{step.loss_name} is given the output of {_named(step, softmax)}",
        evidence=f"the predictions of the first batch go from {low:.3g} to {high:.3g}, "
        f"and their last operation is {step.last_op}",
        explanation=f"{step.loss_name} takes the plain numbers of the last linear "
        "layer and does the sigmoid or softmax itself; done twice, even a sure "
        "prediction costs something, and gradients are small",
        advice="the last activation left out of the model",
        moment={"lowest prediction": low, "highest prediction": high},
        moment_of="the first batch",
    )


@detector
def targets_out_of_reach(case: Case) -> Iterator[Finding]:
    """Targets that the last activation cannot give."""
    at, step = _first(case, AMOUNTS)
    if step is None or step.target is None or step.last_op not in RANGES:
        return
    low, high = _limits(step.target)
    least, most = RANGES[step.last_op]
    if low < least - 0.01 or high > most + 0.01:
        yield case.finding(
            at,
            "The targets are out of the network's reach",
            evidence=f"targets go from {low:.3g} to {high:.3g}, and {step.last_op} "
            f"gives {least:g} to {most:g}",
            explanation="no weights can make an output that the last activation does "
            "not give",
            advice="no activation after the last layer, or targets scaled to its range",
            moment={"lowest target": low, "highest target": high}
            | dict(zip(("lowest output", "highest output"),
                       _limits(step.prediction), strict=True)),
            moment_of="the first batch",
        )  # fmt: skip


@detector
def classes_as_amounts(case: Case) -> Iterator[Finding]:
    """Several classes, fitted as if their numbers were amounts."""
    at, step = _first(case, AMOUNTS)
    counts = _classes(case)
    if step is None or step.target is None or step.target.kind not in "iu":
        return
    if 3 <= len(counts) <= 20 and sorted(counts) == list(range(len(counts))):
        yield case.finding(
            at,
            "Classes are fitted as if they were amounts",
            evidence=f"the targets are the whole numbers 0 to {len(counts) - 1}, and "
            f"the loss is {step.loss_name}",
            explanation="class 2 is not twice class 1, and a prediction between two "
            "classes is no class at all",
            advice=f"{len(counts)} outputs and losses.cross_entropy, if the targets "
            "are classes",
            severity=1,
            moment=_bars(counts),
            moment_of="rows of each target in all steps",
        )


@detector
def labels_off_by_one(case: Case) -> Iterator[Finding]:
    """Classes counted from 1: the first output is never the right one."""
    at, step = _first(case, ("cross_entropy",))
    counts = _classes(case)
    if step is None or step.prediction is None:
        return
    outputs = step.prediction.shape[-1]
    if outputs > 2 and sorted(counts) == list(range(1, outputs)):
        yield case.finding(
            at,
            "The labels are counted from 1",
            evidence=f"of {outputs} outputs, class 0 never occurs in "
            f"{sum(counts.values()):,} labels, and every other class does",
            explanation="the first output only learns that it is never right; with one "
            "output less, the last class would be refused",
            advice=f"labels - 1, and {outputs - 1} outputs",
            severity=1,
            moment=_bars({0.0: 0} | counts),
            moment_of="rows of each class in all steps",
        )


@detector
def constant_output(case: Case) -> Iterator[Finding]:
    """The same prediction whatever the input is, although the targets differ."""
    late = case.steps[-LATE:]
    if len(case.steps) < 2 * LATE or case.is_broken:
        return
    if is_stuck(case) or vanished(case) or features_to_scale(case):
        return  # which says why
    if all(map(_is_flat, late)):
        began = next(
            k for k in range(len(case.steps)) if all(map(_is_flat, case.steps[k:]))
        )
        yield case.finding(
            began,
            "The network says the same of every input",
            evidence=f"from step {case.steps[began].number} on, the predictions of a "
            f"batch differ by less than {FLAT:.2%} of the spread of its targets",
            explanation="what tells the inputs apart does not reach the output, so the "
            "best it can find is one answer for all",
            advice="a look at forward(): a softmax over a single output, a mean over "
            "the rows of the batch, inputs that are all alike",
            series={
                "spread of targets": case.series(lambda s: _spread(s.target)),
                "spread of predictions": case.series(lambda s: _spread(s.prediction)),
            },
        )


def _first(case: Case, losses: tuple[str, ...]) -> tuple[int, Vitals | None]:
    """The first step that has a prediction for one of these losses."""
    for k, step in enumerate(case.steps):
        if step.loss_name in losses and step.prediction is not None:
            return k, step
    return 0, None


def _named(step: Vitals, softmax: bool) -> str:
    return "a softmax" if softmax else f"a {step.last_op}"


def _limits(columns: Columns | None) -> tuple[float, float]:
    if columns is None:
        return float("nan"), float("nan")
    return float(columns.low.min()), float(columns.high.max())


def _classes(case: Case) -> dict[float, int]:
    return class_counts(step.labels or {} for step in case.steps)


def _bars(counts: dict[float, int]) -> dict[str, float]:
    return {f"{label:g}": float(n) for label, n in sorted(counts.items())}


def _spread(columns: Columns | None) -> float | None:
    return None if columns is None else float(columns.std.max())


def _is_flat(step: Vitals) -> bool:
    prediction, target = step.prediction, step.target
    if prediction is None or target is None or prediction.rows < 4:
        return False
    spread = float(target.std.max())
    return spread > 0.0 and bool((prediction.std < FLAT * spread).all())
