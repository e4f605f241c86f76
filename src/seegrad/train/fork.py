"""What if: the same run again, from the very same state, with one thing changed.

Up to four lanes start from identical weights, memories and random numbers, and meet the
rows in the same order, so whatever comes out differently comes from the change. Where a
comparison is not fair all the same, it says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import Any

from seegrad.borrow import borrow
from seegrad.errors import ArgumentError, NonFiniteError
from seegrad.random import derive, whole_number
from seegrad.train.changes import changed, check_changes, of_fit
from seegrad.train.fit import fit
from seegrad.train.lane import Lane, StepLosses
from seegrad.train.recipe import Recipe, twin
from seegrad.train.run import Run

MOST_LANES = 4
NAMES = "ABCD"


class Fork:
    """Lanes of one run side by side: ``lanes``, ``notes`` on fairness, ``sentence``."""

    def __init__(self, lanes: list[Lane], notes: list[str], at: str) -> None:
        self.lanes, self.notes, self.at = lanes, notes, at

    def __getitem__(self, name: str | int) -> Lane:
        """A lane by its letter or its place."""
        place = NAMES.index(name) if isinstance(name, str) else name
        return self.lanes[place]

    def __len__(self) -> int:
        return len(self.lanes)

    def losses(self, step: int) -> dict[str, float]:
        """The loss of every lane at the same step, counted from 0."""
        return {k.name: k.losses[step] for k in self.lanes if step < len(k.losses)}

    def difference(self, one: str = "A", other: str = "B") -> dict[str, float]:
        """The largest difference of each parameter between two lanes at their end."""
        first, second = self[one].run, self[other].run
        if first is None or second is None:
            return {}
        theirs = dict(second.model.named_parameters())
        return {
            name: float(abs(p.data - theirs[name].data).max(initial=0.0))
            for name, p in first.model.named_parameters()
        }

    @property
    def records(self) -> dict[str, list[float]]:
        """The loss of every lane by epoch, as the learning curve draws it."""
        return {lane.title: lane.curve for lane in self.lanes if lane.curve}

    @property
    def sentence(self) -> str:
        """What came of it, in words."""
        return " ".join(_told(self.lanes[0], lane) for lane in self.lanes[1:])

    def draw(self, **settings: Any) -> Any:
        """The curves of all lanes in one picture; see `draw.learning_curve`."""
        return borrow("Fork", "draw")(self.records, **{"title": "Lanes", **settings})

    def __str__(self) -> str:
        lines = []
        for lane in self.lanes:
            end = lane.problem or f"loss {lane.curve[-1]:.4g}"
            steps = f"{len(lane.losses):,} steps, {lane.seconds:.2f} s"
            lines.append(f"{lane.title}  {end} ({steps})")
        return "\n".join([*lines, self.sentence, *(f"note: {n}" for n in self.notes)])

    __repr__ = __str__


def fork(
    run: Run,
    *others: Mapping[str, Any],
    epochs: int | None = None,
    at: str = "start",
    **changes: Any,
) -> Fork:
    """Train the run again as it was and with changes, from the identical state.

    ``changes`` make lane B: lr, optimizer, one of the optimizer's settings, batch_size,
    seed, shuffle, loss, activation (a name), or weights ({"0.weight[2, 0]": 0.5});
    ``others`` are dicts for lanes C and D. ``at`` is "start" or "end" of the run. The
    run itself is left alone. Raises ArgumentError for an unknown or a missing change.
    """
    wanted = [dict(c) for c in (changes, *others) if c]
    if not wanted or len(wanted) >= MOST_LANES:
        raise ArgumentError(
            f"a fork compares the run with 1 to {MOST_LANES - 1} changed lanes, "
            f"not with {len(wanted)}",
            where="fork",
            hint="run.fork(lr=0.1), or run.fork({'lr': 0.1}, {'lr': 0.01})",
        )
    if at not in ("start", "end"):
        raise ArgumentError(
            f"a run is forked at its start or its end, not at {at!r}", where="fork"
        )
    recipe = run.recipe
    if recipe is None:
        raise ArgumentError(
            "this run does not know how it was made",
            where="fork",
            hint="the Run that fit() returned",
        )
    for each in wanted:
        check_changes(each, _optimizer_of(run, each))
    count = recipe.epochs if epochs is None else epochs
    count = whole_number("epochs", count, least=1, where="fork")
    all_changes = [{}, *wanted]
    lanes = [
        _lane(run, recipe, NAMES[k], each, count, at)
        for k, each in enumerate(all_changes)
    ]
    return Fork(lanes, _notes(lanes, recipe), at)


def _optimizer_of(run: Run, changes: Mapping[str, Any]) -> Any:
    """The optimizer whose settings a lane may change."""
    if "optimizer" not in changes:
        return run.optimizer
    model, optimizer = twin(run.model, run.optimizer)
    return changed(model, optimizer, {"optimizer": changes["optimizer"]})[1]


def _lane(
    run: Run, recipe: Recipe, name: str, changes: dict[str, Any], epochs: int, at: str
) -> Lane:
    begin = recipe.begin if at == "start" else twin
    model, optimizer = changed(*begin(run.model, run.optimizer), changes)
    arguments = of_fit(recipe, changes)
    if at == "end" and "seed" not in changes:
        arguments["seed"] = derive("fork", recipe.seed) % 2**32  # rows in a fresh order
    lane, steps = Lane(name, changes), StepLosses()
    start = perf_counter()
    try:
        lane.run = fit(
            model, recipe.x, recipe.y, **arguments, optimizer=optimizer, epochs=epochs,
            metrics=recipe.metrics, validation_data=recipe.validation_data,
            callbacks=[steps], progress=False,
        )  # fmt: skip
    except NonFiniteError as error:
        lane.problem = error.what
    lane.losses, lane.rows = steps.losses, steps.rows
    lane.seconds = perf_counter() - start
    return lane


def _told(base: Lane, lane: Lane) -> str:
    """How a lane did beside the one that was left as it was."""
    only = "only " if len(lane.changes) == 1 else ""
    start = f"{lane.name} differs from {base.name} {only}in {lane.said};"
    if lane.problem:
        return f"{start} it broke: {lane.problem}."
    if not base.curve or not lane.curve:
        return f"{start} there is nothing to compare it with."
    goal, steps = base.curve[-1], len(lane.losses) // len(lane.curve)
    reached = next((k for k, v in enumerate(lane.curve, 1) if v <= goal), None)
    if reached is not None:
        own = len(base.losses)
        return (
            f"{start} it reached loss {goal:.4g} after {reached * steps:,} steps "
            f"instead of {own:,}."
        )
    return f"{start} it ended at loss {lane.curve[-1]:.4g} instead of {goal:.4g}."


def _notes(lanes: list[Lane], recipe: Recipe) -> list[str]:
    """Where a comparison is not fair."""
    notes = []
    for lane in lanes[1:]:
        name, changes = lane.name, lane.changes
        if len(changes) > 1:
            listed = " and ".join(changes)
            notes.append(f"{name} changes {listed}: which of them did it is not known")
        if "loss" in changes:
            notes.append(f"{name} is measured by another loss: do not compare numbers")
        if "seed" in changes or "shuffle" in changes:
            notes.append(f"{name} meets the rows in another order, by chance")
        if "batch_size" in changes:
            notes.append(
                f"{name} sees {changes['batch_size']} rows in a step instead of "
                f"{recipe.batch_size}: compare epochs, not steps"
            )
        if "optimizer" in changes and "lr" not in changes:
            notes.append(
                f"{name} keeps the learning rate, which means another size of step for "
                "another optimizer: each deserves its own best rate"
            )
    return notes


Run.forker = staticmethod(fork)
