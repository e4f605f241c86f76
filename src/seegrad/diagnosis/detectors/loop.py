"""Mistakes in the training loop: gradients not forgotten, layers in the wrong mode."""

from __future__ import annotations

from collections.abc import Iterator

from seegrad.diagnosis.case import Case
from seegrad.diagnosis.detector import detector
from seegrad.diagnosis.finding import Finding
from seegrad.diagnosis.vitals import Vitals

FEW = 4  # rows that are too few for batch norm


@detector
def forgotten_zero_grad(case: Case) -> Iterator[Finding]:
    """Each backward adds to the gradients of the steps before it."""
    late = [k for k, s in enumerate(case.steps) if k and s.was_updated]
    piled = [k for k in late if _adds_up(case.steps[k])]
    if len(piled) >= 2 and len(piled) > len(late) // 2:
        yield case.finding(
            piled[0],
            "Gradients are never forgotten"
            if len(piled) == len(late)
            else "Gradients are seldom forgotten",
            evidence=f"in {len(piled)} of {len(late)} later steps backward() added to "
            "gradients that were there already",
            explanation="backward() adds up, so a step goes along the sum of gradients "
            "of before, not along the present one",
            advice="optimizer.zero_grad() before loss.backward()",
            series={"largest gradient": case.series(_largest_gradient)},
            moment=case.moment(piled[0], lambda p: p.gradient),
            then="size of the gradient",
        )


@detector
def trained_in_eval_mode(case: Case) -> Iterator[Finding]:
    """Dropout or batch norm stands still while the network is trained."""
    for k, step in enumerate(case.steps):
        wrong = _in_mode(step, "eval")
        if step.was_updated and wrong:
            yield case.finding(
                k,
                f"{wrong[0]} is in evaluation mode while training",
                evidence=f"step {step.number} updated the weights with {len(wrong)} of "
                f"{len(step.modes)} such layers in evaluation mode",
                explanation="dropout drops nothing then, and batch norm uses old "
                "averages and does not renew them",
                advice="model.train() before the training loop, and after every "
                "evaluation",
            )
            return


@detector
def evaluated_in_train_mode(case: Case) -> Iterator[Finding]:
    """Predictions without gradients, with dropout still dropping."""
    for k, step in enumerate(case.steps):
        wrong = _in_mode(step, "train without gradient")
        if wrong:
            yield case.finding(
                k,
                f"{wrong[0]} is in training mode while predicting",
                evidence=f"a prediction that no backward() followed, in or after step "
                f"{step.number}, ran {len(wrong)} of these layers in training mode",
                explanation="dropout makes predictions random, and batch norm lets a "
                "prediction depend on the rest of its batch, and learns from it",
                advice="model.eval() before predicting, or sg.predict, which does it",
                severity=1,
            )
            return


@detector
def batch_norm_on_few_rows(case: Case) -> Iterator[Finding]:
    """Batch norm over so few rows that its averages are mostly chance."""
    normed = [k for k, s in enumerate(case.steps) if _normed_rows(s) is not None]
    few = [k for k in normed if (_normed_rows(case.steps[k]) or 0) < FEW]
    if few and len(few) > len(normed) // 2:
        rows = _normed_rows(case.steps[few[0]])
        yield case.finding(
            few[0],
            "Batch norm sees too few rows",
            evidence=f"in {len(few)} of {len(normed)} steps it normalises over fewer "
            f"than {FEW} rows, {rows} in the first of them",
            explanation=f"mean and spread of {rows} rows are mostly chance, and at "
            "prediction the averages are others",
            advice="batch_size=16 or more, or LayerNorm",
            severity=1,
            change=case.change(batch_size=16),
            series={"rows": case.series(_normed_rows)},
        )


def _adds_up(step: Vitals) -> bool:
    """Whether a parameter was moved by gradients of more than this step."""
    return any(p.had_gradient and p.was_updated for p in step.parameters.values())


def _in_mode(step: Vitals, mode: str) -> list[str]:
    """The layers that were in a mode, by their class and path."""
    return [f"{kind} {path}" for path, (kind, how) in step.modes.items() if how == mode]


def _normed_rows(step: Vitals) -> int | None:
    """Over how many rows a batch norm of plain features has learned."""
    if ("BatchNorm1d", "train") not in step.modes.values() or not step.was_updated:
        return None
    is_plain = step.inputs is None or len(step.inputs.shape) == 2
    return step.prediction.rows if is_plain and step.prediction is not None else None


def _largest_gradient(step: Vitals) -> float | None:
    return max((p.gradient or 0.0 for p in step.parameters.values()), default=None)
