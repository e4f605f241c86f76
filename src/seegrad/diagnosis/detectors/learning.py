"""Troubles of learning as a whole, which show in the history by epoch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from seegrad.diagnosis.case import Case, mean
from seegrad.diagnosis.detector import detector
from seegrad.diagnosis.finding import Finding

EPOCHS = 5  # with validation, before anything is said
RISE = 1.25  # times the best validation loss
GAP = 2.0  # times the training loss


@detector
def overfitting(case: Case) -> Iterator[Finding]:
    """The validation loss rises while the training loss still falls."""
    train, held_out = case.history.get("loss", []), case.history.get("val_loss", [])
    if len(held_out) < EPOCHS or len(train) != len(held_out):
        return
    if not np.isfinite(held_out).all():
        return
    best = int(np.argmin(held_out))
    tail = max(1, len(held_out) // 10)
    now, fitted = mean(held_out[-tail:]), mean(train[-tail:])
    if now > RISE * held_out[best] and now > GAP * fitted and fitted < train[best]:
        yield Finding(
            "It learns the training data by heart",
            evidence=f"since epoch {best + 1} the validation loss rose from "
            f"{held_out[best]:.3g} to {now:.3g}, while the training loss fell from "
            f"{train[best]:.3g} to {fitted:.3g}",
            explanation="what it learns now is true of these rows only",
            advice="weight_decay=0.1, EarlyStopping, Dropout, or more data",
            began=best + 1,
            change=case.change(weight_decay=0.1),
            times=list(range(1, len(train) + 1)),
            series={"loss": train, "val_loss": held_out},
            unit="epoch",
        )
