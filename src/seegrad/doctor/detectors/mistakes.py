"""Mistakes in the training loop: gradients not forgotten, layers in the wrong mode."""

from __future__ import annotations

from collections.abc import Iterator

from seegrad.doctor.case import Case
from seegrad.doctor.detector import detector
from seegrad.doctor.finding import Finding

SMALL_BATCH = 4  # rows that are too few for batch norm


@detector
def forgotten_zero_grad(case: Case) -> Iterator[Finding]:
    """Each backward adds to the gradients of the steps before it."""
    late = [s for s in case.steps[1:] if s.updated and s.parameters]
    piled = [s for s in late if any(p.had_gradient for p in s.parameters.values())]
    if len(piled) >= 2 and len(piled) == len(late):
        grown = case.series(
            lambda s: max(
                (p.gradient or 0.0 for p in s.parameters.values()), default=0.0
            )
        )
        yield Finding(
            "forgotten_zero_grad",
            "Gradients are never forgotten",
            f"in {len(piled)} of {len(late)} steps backward() added to a gradient that "
            "was there already",
            "backward() adds up, so each step goes along the sum of all gradients so "
            "far, not along the present one",
            "optimizer.zero_grad() before loss.backward()",
            piled[0].number,
            2,
            {"largest gradient": grown},
        )


@detector
def trained_in_eval_mode(case: Case) -> Iterator[Finding]:
    """Dropout or batch norm stands still while the network is trained."""
    for step in case.steps:
        if not step.updated:
            continue
        wrong = {p: k for p, (k, how) in step.modes.items() if how == "eval"}
        if wrong:
            path, kind = next(iter(wrong.items()))
            yield Finding(
                "trained_in_eval_mode",
                f"{kind} {path} is in evaluation mode while training",
                f"step {step.number} updated the weights with {len(wrong)} layers in "
                f"evaluation mode: {', '.join(wrong)}",
                "dropout drops nothing, and batch norm uses old averages and does not "
                "renew them",
                "model.train() before the training loop, and after every evaluation",
                step.number,
                2,
                {"loss": case.series(lambda s: s.loss)},
            )
            return


@detector
def evaluated_in_train_mode(case: Case) -> Iterator[Finding]:
    """Predictions under no_grad with dropout still dropping."""
    for step in case.steps:
        wrong = {
            p: k
            for p, (k, how) in step.modes.items()
            if how == "train without gradient"
        }
        if wrong:
            path, kind = next(iter(wrong.items()))
            yield Finding(
                "evaluated_in_train_mode",
                f"{kind} {path} is in training mode while predicting",
                f"a prediction without gradients in step {step.number} ran "
                f"{len(wrong)} layers in training mode: {', '.join(wrong)}",
                "dropout makes predictions random, and batch norm lets a prediction "
                "depend on the other rows of its batch, and learns from them",
                "model.eval() before predicting, or sg.predict, which does it",
                step.number,
                1,
                {"loss": case.series(lambda s: s.loss)},
            )
            return


@detector
def batch_norm_of_few(case: Case) -> Iterator[Finding]:
    """Batch norm over so few rows that its averages are mostly chance."""
    for step in case.steps:
        norms = [
            p for p, (k, how) in step.modes.items()
            if k == "BatchNorm1d" and how == "train"
        ]  # fmt: skip
        rows = None if step.inputs is None else len(step.inputs)
        if norms and rows is not None and rows < SMALL_BATCH and step.updated:
            yield Finding(
                "batch_norm_of_few",
                "Batch norm sees too few rows",
                f"{norms[0]} normalises over {rows} rows in step {step.number}",
                f"mean and spread of {rows} rows are mostly chance, and at prediction "
                "the averages are others",
                "a batch of 16 or more, drop_last, or LayerNorm",
                step.number,
                1,
                {"loss": case.series(lambda s: s.loss)},
                {"batch_size": 16},
            )
            return
