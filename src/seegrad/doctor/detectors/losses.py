"""Troubles between the loss and the output layer, and of learning as a whole."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from seegrad.doctor.case import Case, mean
from seegrad.doctor.detector import detector
from seegrad.doctor.finding import Finding
from seegrad.doctor.vitals import Vitals

OUTPUTS = {"sigmoid": "probabilities", "softmax": "probabilities"}
LOGIT_LOSSES = ("bce_with_logits", "cross_entropy")
RISE = 1.25  # times the best validation loss
GAP = 2.0  # times the training loss


@detector
def wrong_output_for_loss(case: Case) -> Iterator[Finding]:
    """Probabilities given to a loss of logits, or a bounded output asked for more."""
    step = next((s for s in case.steps if s.prediction is not None and s.losses), None)
    if step is None or step.prediction is None:
        return
    name = next((k for k in step.losses if k in LOGIT_LOSSES), "")
    if name and (_is_bounded(step) or _sums_to_one(step.prediction)):
        yield _mismatch(
            case, step,
            f"{name} is given probabilities",
            f"the predictions are all between 0 and 1, made by {step.last_op}",
            f"{name} takes the numbers before the sigmoid or softmax and does that "
            "itself; twice over, even a sure prediction costs something and gradients "
            "are small",
            "the last activation left out of the model",
        )  # fmt: skip
    elif step.target is not None and "mse" in step.losses and _is_bounded(step):
        low, high = float(step.target.min()), float(step.target.max())
        bounds = (-1.0, 1.0) if step.last_op == "tanh" else (0.0, 1.0)
        if low < bounds[0] - 0.01 or high > bounds[1] + 0.01:
            yield _mismatch(
                case, step,
                "The targets are out of the network's reach",
                f"targets go from {low:.3g} to {high:.3g}, and {step.last_op} gives "
                f"{bounds[0]:g} to {bounds[1]:g}",
                "no weights can make an output that its activation does not give",
                "no activation after the last layer, or targets scaled to its range",
            )  # fmt: skip


@detector
def classes_as_numbers(case: Case) -> Iterator[Finding]:
    """Several classes fitted as if their numbers were amounts."""
    step = next((s for s in case.steps if s.target is not None and s.losses), None)
    if step is None or step.target is None or step.prediction is None:
        return
    labels = np.unique(step.target)
    whole = step.target.dtype.kind in "iu" and len(labels) >= 3
    single = step.prediction.ndim < 2 or step.prediction.shape[-1] == 1
    if whole and single and {"mse", "l1"} & set(step.losses) and len(labels) <= 20:
        yield _mismatch(
            case, step,
            "Classes are fitted as if they were amounts",
            f"the targets are the whole numbers {', '.join(map(str, labels[:6]))}, and "
            f"the loss is {step.losses[0]}",
            "class 2 is not twice class 1, and a prediction between two classes is "
            "no class at all",
            f"{len(labels)} outputs and losses.cross_entropy",
        )  # fmt: skip


@detector
def labels_off_by_one(case: Case) -> Iterator[Finding]:
    """Classes counted from 1: one output is never the right one."""
    seen: set[int] = set()
    outputs = 0
    for step in case.steps:
        if "cross_entropy" in step.losses and step.target is not None:
            if step.target.dtype.kind in "iu" and step.prediction is not None:
                seen |= set(np.unique(step.target).tolist())
                outputs = step.prediction.shape[-1]
    if outputs > 2 and seen == set(range(1, outputs)):
        yield _mismatch(
            case, case.steps[0],
            "The labels are counted from 1",
            f"of {outputs} outputs, class 0 never occurs, and every other does",
            "the first output learns that it is never right; with as many outputs as "
            "classes the last label would be refused",
            f"y - 1, and {outputs - 1} outputs",
            severity=1,
        )  # fmt: skip


@detector
def constant_output(case: Case) -> Iterator[Finding]:
    """The same prediction whatever the input is, although the targets differ."""
    late = [s for s in case.steps[-5:] if s.prediction is not None]
    if len(case.steps) < 10 or len(late) < 5:
        return
    flat = all(_is_flat(s) for s in late)
    stuck_elsewhere = any(u.dead > 0.5 or u.saturated > 0.8 for u in late[-1].units)
    moving = all(any(p.update for p in s.parameters.values()) for s in late)
    if flat and not stuck_elsewhere and moving and not late[-1].broken:
        yield _mismatch(
            case, late[0],
            "The network says the same of every input",
            f"in the last {len(late)} steps all predictions of a batch are equal to "
            "0.01 % of the targets' spread",
            "it has found the best single answer, the mean of the targets, and no way "
            "from there: what tells inputs apart does not reach the output",
            "a look at the inputs (are they all alike, or all zero?), or larger first "
            "weights",
        )  # fmt: skip


@detector
def overfitting(case: Case) -> Iterator[Finding]:
    """The validation loss rises while the training loss still falls."""
    train, held_out = case.history.get("loss", []), case.history.get("val_loss", [])
    if len(held_out) < 5 or len(train) != len(held_out):
        return
    best = int(np.nanargmin(held_out))
    tail = max(1, len(held_out) // 10)
    now, was = mean(held_out[-tail:]), held_out[best]
    fell = mean(train[-tail:]) < 0.9 * train[best]
    if now > RISE * was and now > GAP * mean(train[-tail:]) and fell:
        yield Finding(
            "overfitting",
            "It learns the training data by heart",
            f"since epoch {best + 1} the validation loss rose from {was:.3g} to "
            f"{now:.3g}, while the training loss fell from {train[best]:.3g} to "
            f"{mean(train[-tail:]):.3g}",
            "what it learns now is true of these rows only",
            "EarlyStopping, more data, fewer units, weight_decay or Dropout",
            best,
            2,
            {"loss": train, "val_loss": held_out},
            {"weight_decay": 1e-2},
        )


@detector
def not_learning(case: Case) -> Iterator[Finding]:
    """The loss of a classifier stays at that of guessing, though the weights move."""
    losses = case.losses
    step = next((s for s in case.steps if s.prediction is not None and s.losses), None)
    if step is None or step.prediction is None or len(losses) < 30:
        return
    classes = 2 if "bce_with_logits" in step.losses else step.prediction.shape[-1]
    if not {"bce_with_logits", "cross_entropy"} & set(step.losses):
        return
    chance, late = math.log(classes), losses[-len(losses) // 3 :]
    ratios = [
        p.update / p.size
        for s in case.steps[-10:]
        for p in s.parameters.values()
        if p.update and p.size and len(p.shape) >= 2
    ]
    near = abs(mean(late) - chance) < 0.02 * chance and mean(losses[:5]) < 1.5 * chance
    spread = [
        float(s.prediction.std()) for s in case.steps[-5:] if s.prediction is not None
    ]
    if near and ratios and max(ratios) > 1e-4 and mean(spread) > 0.02:
        yield _mismatch(
            case, case.steps[-len(late)],
            "It does no better than guessing",
            f"the loss is {mean(late):.4g}, and guessing among {classes} classes costs "
            f"{chance:.4g}; the weights move by {max(ratios):.1e} of their size",
            "the labels have nothing to do with the inputs: they were shuffled apart, "
            "or are noise",
            "a few rows by hand: is y[k] really the label of x[k]?",
        )  # fmt: skip


def _mismatch(
    case: Case, step: Vitals, title: str, evidence: str, why: str, advice: str,
    severity: int = 2,
) -> Finding:  # fmt: skip
    import inspect

    frame = inspect.currentframe()
    assert frame is not None and frame.f_back is not None
    name = frame.f_back.f_code.co_name
    return Finding(
        name, title, evidence, why, advice, step.number, severity,
        {"loss": case.series(lambda s: s.loss)},
    )  # fmt: skip


def _is_bounded(step: Vitals) -> bool:
    return step.last_op in ("sigmoid", "tanh")


def _sums_to_one(prediction: Any) -> bool:
    """Whether the rows are probabilities of classes."""
    if prediction.ndim != 2 or prediction.shape[1] < 2:
        return False
    sums = prediction.sum(axis=1)
    return bool((prediction >= 0.0).all() and np.allclose(sums, 1.0, atol=1e-4))


def _is_flat(step: Vitals) -> bool:
    prediction, target = step.prediction, step.target
    if prediction is None or target is None or len(prediction) < 4:
        return False
    scale = max(float(np.std(target)), 1e-12)
    return float(np.std(target)) > 0.0 and bool(
        (prediction.std(axis=0) < 1e-4 * scale).all()
    )
