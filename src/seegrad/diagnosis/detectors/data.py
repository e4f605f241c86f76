"""Troubles of the data: its scale, its order, and what there is too little of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from seegrad.diagnosis.case import Case, mean
from seegrad.diagnosis.detector import detector
from seegrad.diagnosis.finding import Finding
from seegrad.diagnosis.vitals import Array, Columns

LARGE = 50.0  # root mean square of a feature
UNEVEN = 1000.0  # largest feature / smallest feature
SMALL = 0.01  # largest number of all features
FEW = 0.75  # classes in a batch, as a share of those that chance would bring
SURE = 5.0  # standard deviations
RARE = 0.03  # share of the rarer of two classes
ENOUGH_ROWS = 100
AMOUNTS = ("mse", "l1")  # losses of numbers, not of classes
SHOWN = 12  # features in a picture


@detector
def unscaled_inputs(case: Case) -> Iterator[Finding]:
    """Features that are far from 1, or of very different sizes."""
    sizes = features_to_scale(case)
    if not sizes:
        return
    largest = max(sizes, key=lambda k: sizes[k])
    present = [v for v in sizes.values() if v > 0.0]
    least = f", the smallest {min(present):.2g}" if len(present) > 1 else ""
    yield case.finding(
        0,
        "The inputs are not scaled",
        evidence=f"the size of {largest} is {sizes[largest]:.3g}{least}",
        explanation="a weight's gradient is as large as its input, so one learning "
        "rate cannot suit a feature of 1000 and one of 0.1; tiny ones hardly count",
        advice="(x - x.mean(axis=0)) / x.std(axis=0), with the numbers of the training "
        "data, or BatchNorm1d as the first layer",
        severity=1,
        moment=dict(sorted(sizes.items(), key=lambda kv: -kv[1])[:SHOWN]),
        moment_of="size of each feature in all steps",
    )


@detector
def constant_feature(case: Case) -> Iterator[Finding]:
    """Features that are the same in every row seen: they can teach nothing."""
    batches = _batches(case)
    rows = sum(batch.rows for batch in batches)
    if rows < ENOUGH_ROWS or any(len(batch.shape) != 2 for batch in batches):
        return
    low, high = _range(batches)
    same = np.flatnonzero((low == high) & (low != 0.0))
    if len(same):
        order = [*same[:SHOWN].tolist(), *np.flatnonzero(low != high)[:4].tolist()]
        yield case.finding(
            0,
            f"Feature {same[0]} is always {low[same[0]]:.3g}",
            evidence=f"{len(same)} of {len(low)} features are the same in all {rows:,} "
            "rows seen",
            explanation="what never changes cannot tell rows apart; it only adds to "
            "the bias",
            advice="that column left out, or a look at how it was read",
            severity=1,
            moment={f"feature {k}": float(high[k] - low[k]) for k in order},
            moment_of="largest minus smallest, in all steps",
        )


@detector
def sorted_by_class(case: Case) -> Iterator[Finding]:
    """Batches with few classes each, one class after the other."""
    if not is_sorted(case):
        return
    known = [step.labels for step in case.steps if step.labels]
    first = next(k for k, step in enumerate(case.steps) if step.labels)
    yield case.finding(
        first,
        "The rows are in the order of their classes",
        evidence=f"a batch holds {mean([float(len(b)) for b in known]):.1f} of "
        f"{len(class_counts(known))} classes, the mean of {len(known)}; in a random "
        f"order it would hold {_by_chance(known)[0]:.1f}",
        explanation="the network unlearns one class while it sees the next",
        advice="shuffle=True in fit or in sg.data.batches",
        change=case.change(shuffle=True),
        series={
            "mean label of the batch": case.series(lambda s: _mean(s.labels or {}))
        },
    )


@detector
def rare_class(case: Case) -> Iterator[Finding]:
    """Two classes, one of which hardly occurs: always the other is a good answer."""
    counts = class_counts([
        s.labels or {} for s in case.steps if s.loss_name not in ("", *AMOUNTS)
    ])  # fmt: skip
    total = sum(counts.values())
    if len(counts) != 2 or total < ENOUGH_ROWS:
        return
    rare = min(counts, key=lambda label: counts[label])
    share = counts[rare] / total
    if share < RARE:
        yield case.finding(
            0,
            "One class hardly occurs",
            evidence=f"{share:.1%} of {total:,} labels are {rare:g}",
            explanation="a network that always answers with the other class is right "
            f"in {1 - share:.1%} of all cases, and has learned nothing",
            advice="metrics for each class instead of accuracy, or the rare rows "
            "repeated",
            severity=1,
            moment={f"class {c:g}": float(n) for c, n in sorted(counts.items())},
            moment_of="rows of each class in all steps",
        )


@detector
def unscaled_targets(case: Case) -> Iterator[Finding]:
    """Amounts to be predicted that are far larger than 1."""
    found = [
        s.target for s in case.steps if s.loss_name in AMOUNTS and s.target is not None
    ]
    size = float(np.sqrt(mean([float((t.size**2).mean()) for t in found])))
    if size > LARGE:
        low, high = min(t.low.min() for t in found), max(t.high.max() for t in found)
        yield case.finding(
            0,
            "The targets are not scaled",
            evidence=f"their size is {size:.3g}; they go from {low:.3g} to {high:.3g}",
            explanation="a new network predicts about 0, and its weights, which are "
            "about 1, would have to grow as large as the targets first",
            advice="(y - y.mean()) / y.std(), with the numbers of the training data, "
            "and the way back for predictions",
            severity=1,
            moment={"smallest target": float(low), "largest target": float(high)},
            moment_of="all steps together",
        )


def is_sorted(case: Case) -> bool:
    """Whether batches hold fewer classes than a random order would bring them."""
    known = [step.labels for step in case.steps if step.labels]
    if len(known) < 4 or len(class_counts(known)) < 2:
        return False
    found = mean([float(len(batch)) for batch in known])
    usual, spread = _by_chance(known)
    return found < FEW * usual and usual - found > SURE * spread / len(known) ** 0.5


def _by_chance(batches: list[dict[float, int]]) -> tuple[float, float]:
    """How many classes a batch would hold in a random order, and give or take."""
    counts = class_counts(batches)
    shares = np.array(list(counts.values())) / sum(counts.values())
    rows = np.array([sum(batch.values()) for batch in batches])
    missing = (1.0 - shares[:, None]) ** rows  # (classes, batches)
    spread = np.sqrt((missing * (1.0 - missing)).sum(axis=0).mean())
    return float((1.0 - missing).sum(axis=0).mean()), float(spread)


def features_to_scale(case: Case) -> dict[str, float]:
    """The size of every feature, if one of them is out of scale."""
    batches = _batches(case)
    if not batches:
        return {}
    rows = np.array([batch.rows for batch in batches], float)
    squares = np.array([batch.size**2 for batch in batches])
    sizes = np.sqrt((rows[:, None] * squares).sum(axis=0) / rows.sum())
    low, high = _range(batches)
    reach = np.maximum(abs(low), abs(high))
    present = reach[reach > 0.0]
    uneven = len(present) > 1 and bool(present.max() > UNEVEN * present.min())
    tiny = len(present) > 0 and bool(present.max() < SMALL)
    if not np.isfinite(sizes).all() or not (uneven or tiny or sizes.max() > LARGE):
        return {}
    word = "channel" if len(batches[0].shape) == 4 else "feature"
    return {f"{word} {k}": float(size) for k, size in enumerate(sizes)}


def _batches(case: Case) -> list[Columns]:
    """The inputs of all steps, if they are numbers in the same columns."""
    found = [step.inputs for step in case.steps if step.inputs is not None]
    same = len({len(batch.low) for batch in found}) == 1
    return found if same and all(batch.kind == "f" for batch in found) else []


def _range(batches: list[Columns]) -> tuple[Array, Array]:
    low = np.array([batch.low for batch in batches]).min(axis=0)
    return low, np.array([batch.high for batch in batches]).max(axis=0)


def class_counts(batches: Iterable[dict[float, int]]) -> dict[float, int]:
    """How often each label occurs in all batches together."""
    found: dict[float, int] = {}
    for counts in batches:
        for label, count in counts.items():
            found[label] = found.get(label, 0) + count
    return found


def _mean(counts: dict[float, int]) -> float | None:
    rows = sum(counts.values())
    return sum(label * n for label, n in counts.items()) / rows if rows else None
