"""Troubles of the data: its scale, its order, and what there is too little of."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from seegrad.doctor.case import Case
from seegrad.doctor.detector import detector
from seegrad.doctor.finding import Finding

LARGE = 50.0  # root mean square of a feature
UNEVEN = 1000.0  # largest feature / smallest feature
RARE = 0.03  # share of the rarest of two classes


@detector
def unscaled_inputs(case: Case) -> Iterator[Finding]:
    """Features that are far larger than 1, or of very different sizes."""
    step = next((s for s in case.steps if s.inputs is not None), None)
    if step is None or step.inputs is None or step.inputs.dtype.kind != "f":
        return
    if step.inputs.ndim != 2 or not np.isfinite(step.inputs).all():
        return
    sizes = np.sqrt((step.inputs.astype(float) ** 2).mean(axis=0))
    largest = int(sizes.argmax())
    present = sizes[sizes > 0.0]
    uneven = len(present) > 1 and present.max() > UNEVEN * present.min()
    if sizes[largest] > LARGE or uneven:
        other = f", the smallest {present.min():.2g}" if uneven else ""
        yield Finding(
            "unscaled_inputs",
            "The inputs are not scaled",
            f"feature {largest} has size {sizes[largest]:.3g}{other}",
            "a weight's gradient is as large as its input, so one learning rate cannot "
            "suit a feature of 1000 and one of 0.1",
            "(x - x.mean(axis=0)) / x.std(axis=0), with the numbers of the training data",
            step.number,
            1,
            {"loss": case.series(lambda s: s.loss)},
        )


@detector
def sorted_by_class(case: Case) -> Iterator[Finding]:
    """Batches that hold one class only, one class after the other."""
    labels = [_labels(s.target) for s in case.steps]
    known = [found for found in labels if found is not None]
    if len(known) < 4:
        return
    classes = {c for found in known for c in found.tolist()}
    single = [len(np.unique(found)) == 1 and len(found) >= 4 for found in known]
    if 2 <= len(classes) <= 100 and sum(single) >= 0.6 * len(single):
        first = next(k for k, alone in enumerate(single) if alone)
        yield Finding(
            "sorted_by_class",
            "The rows are in the order of their classes",
            f"{sum(single)} of {len(single)} batches hold a single class, of "
            f"{len(classes)} in all",
            "the network unlearns one class while it sees the next",
            "shuffle=True in fit, or sg.data.batches(x, y, shuffle=True)",
            case.steps[first].number,
            2,
            {"loss": case.series(lambda s: s.loss)},
            {"shuffle": True},
        )


@detector
def rare_class(case: Case) -> Iterator[Finding]:
    """Two classes, one of which hardly occurs: always the other is a good answer."""
    labels = [_labels(s.target) for s in case.steps]
    known = [found for found in labels if found is not None]
    if not known or not any(
        "bce" in n or "cross" in n for s in case.steps for n in s.losses
    ):
        return
    values, counts = np.unique(np.concatenate(known), return_counts=True)
    share = counts.min() / counts.sum()
    if len(values) == 2 and counts.sum() >= 100 and share < RARE:
        yield Finding(
            "rare_class",
            "One class hardly occurs",
            f"{share:.1%} of {counts.sum():,} labels are {values[counts.argmin()]:g}",
            "a network that always answers with the other class is right almost "
            "always, and has learned nothing",
            "metrics for each class instead of accuracy, or the rare rows repeated",
            case.steps[0].number,
            1,
            {"loss": case.series(lambda s: s.loss)},
        )


@detector
def constant_feature(case: Case) -> Iterator[Finding]:
    """Features that are the same in every row seen: they can teach nothing."""
    seen = [s.inputs for s in case.steps if s.inputs is not None and s.inputs.ndim == 2]
    if len(seen) < 2 or len({rows.shape[1] for rows in seen}) != 1:
        return
    rows = np.concatenate(seen[:50])
    same = np.flatnonzero((rows == rows[0]).all(axis=0) & (rows[0] != 0.0))
    if len(rows) >= 32 and len(same):
        yield Finding(
            "constant_feature",
            f"Feature {same[0]} is always {rows[0, same[0]]:.3g}",
            f"{len(same)} of {rows.shape[1]} features are the same in all "
            f"{len(rows):,} rows seen",
            "what never changes cannot tell rows apart; it only adds to the bias",
            "that column left out, or a look at how it was read",
            case.steps[0].number,
            1,
            {"loss": case.series(lambda s: s.loss)},
        )


def _labels(target: np.ndarray | None) -> np.ndarray | None:  # type: ignore[type-arg]
    """Targets that are classes, as a flat array."""
    if target is None or not target.size:
        return None
    flat = target.reshape(len(target), -1)
    if flat.shape[1] != 1:
        return None
    whole = flat[:, 0]
    return whole if bool((whole == np.round(whole)).all()) else None
