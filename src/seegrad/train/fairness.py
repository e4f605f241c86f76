"""What a comparison of lanes says, and where it would not be fair to say it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seegrad.train.lane import Lane
from seegrad.train.recipe import Recipe


def told(base: Lane, lane: Lane) -> str:
    """How a lane did beside the one that was left as it was."""
    only = "only " if len(lane.changes) == 1 else ""
    start = f"{lane.name} differs from {base.name} {only}in {lane.said};"
    if lane.problem:
        return f"{start} it broke: {lane.problem}."
    if not base.curve or not lane.curve:
        return f"{start} there is nothing to compare it with."
    goal, steps = base.curve[-1], lane.training.trainer.steps
    if base.problem:
        return f"{start} it ended at loss {lane.curve[-1]:.4g}, and {base.name} broke."
    reached = next((k for k, v in enumerate(lane.curve, 1) if v <= goal), None)
    if reached is not None:
        own = len(base.curve) * base.training.trainer.steps
        return (
            f"{start} it reached loss {goal:.4g} after {reached * steps:,} steps "
            f"instead of {own:,}."
        )
    return f"{start} it ended at loss {lane.curve[-1]:.4g} instead of {goal:.4g}."


def unfair(lanes: Sequence[Lane], recipe: Recipe) -> list[str]:
    """Where a comparison is not fair."""
    found: list[str] = []
    for lane in lanes[1:]:
        found += _notes(lane.name, lane.changes, recipe)
    return found


def scheduled(lanes: Sequence[Lane], at: str) -> list[str]:
    """Whose changed rate is not the one that it begins with: its schedule goes on."""
    rates = [(lane, float(lane.training.trainer.optimizer.lr)) for lane in lanes]
    return [
        f"{lane.name}: its schedule goes on, so it begins at lr={rate:.3g}"
        for lane, rate in rates
        if at == "end" and rate != lane.changes.get("lr", rate)
    ]


def _notes(name: str, changes: dict[str, Any], recipe: Recipe) -> list[str]:
    found = []
    if len(changes) > 1:
        listed = " and ".join(changes)
        found.append(f"{name} changes {listed}: which of them did it is not known")
    if "loss" in changes:
        found.append(f"{name} is measured by another loss: do not compare numbers")
    if "seed" in changes or "shuffle" in changes:
        found.append(f"{name} meets the rows in another order, by chance")
    if "batch_size" in changes:
        found.append(
            f"{name} sees {changes['batch_size']} rows in a step instead of "
            f"{recipe.batch_size}: compare epochs, not steps"
        )
    if "optimizer" in changes and "lr" not in changes:
        found.append(
            f"{name} keeps the learning rate, which means another size of step for "
            "another optimizer: each deserves its own best rate"
        )
    return found
