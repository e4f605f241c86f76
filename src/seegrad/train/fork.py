"""What if: the same run again, from the very same state, with one thing changed.

Up to four lanes start from identical weights, memories and random numbers, and meet the
rows in the same order, in lock-step: one step of each in turn. So whatever comes out
differently comes from the change. Where a comparison is not fair all the same, it says
so.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from seegrad.borrow import borrow
from seegrad.errors import ArgumentError
from seegrad.random import derive, whole_number
from seegrad.train.changes import changed, changed_recipe, check_changes, tie
from seegrad.train.fairness import scheduled, told, unfair
from seegrad.train.lane import Lane, StepLosses
from seegrad.train.lanes_progress import LanesProgress
from seegrad.train.lockstep import in_lockstep
from seegrad.train.recipe import Recipe, twin, unlike
from seegrad.train.run import Run
from seegrad.train.training import Training

MOST_LANES = 4
NAMES = "ABCD"
SETTINGS = {"title": "Lanes", "others": "loss"}  # of their picture


class Fork:
    """Lanes of one run side by side: ``lanes``, ``notes`` on fairness, ``sentence``.

    ``stopped`` says where Ctrl-C ended them, all at the same step; else it is None.
    """

    def __init__(self, lanes: list[Lane], notes: list[str], at: str) -> None:
        self.lanes, self.notes, self.at = lanes, notes, at
        self.stopped: str | None = None

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
        return " ".join(told(self.lanes[0], lane) for lane in self.lanes[1:])

    def draw(self, **settings: Any) -> Any:
        """The curves of all lanes in one picture; see `draw.learning_curve`."""
        return borrow("Fork", "draw")(self.records, **SETTINGS | settings)

    def __str__(self) -> str:
        lines = [str(lane) for lane in self.lanes]
        stopped = [self.stopped] if self.stopped else []
        notes = [f"note: {note}" for note in self.notes]
        return "\n".join([*lines, self.sentence, *stopped, *notes])

    __repr__ = __str__


def fork(
    run: Run,
    *others: Mapping[str, Any],
    epochs: int | None = None,
    at: str = "start",
    watch: Callable[[Fork], Any] | None = None,
    progress: bool | None = None,
    **changes: Any,
) -> Fork:
    """Train the run again as it was and with changes, in lock-step.

    ``changes`` make lane B: lr, optimizer, one of the optimizer's settings, batch_size,
    seed, shuffle, loss, activation (a name), or weights ({"0.weight[2, 0]": 0.5});
    ``others`` are dicts for lanes C and D. ``at`` is "start" or "end" of the run, which
    is left alone. ``watch`` gets the Fork whenever every lane has made a step;
    ``progress`` is as in `fit`. Schedules and early stopping are repeated, other
    callbacks only if ``repeatable``. Raises ArgumentError for a change that is unknown
    or missing.
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
    lanes = _ready(run, recipe, [{}, *wanted], count, at)
    found = Fork(lanes, unfair(lanes, recipe) + scheduled(lanes, at), at)
    _train(found, watch, progress)
    if at == "start":
        found.notes += unlike(recipe, run.history.records, lanes[0].records)
    return found


def _ready(
    run: Run, recipe: Recipe, changes: list[dict[str, Any]], epochs: int, at: str
) -> list[Lane]:
    """All lanes just before their first step: what is refused is refused now."""
    lanes: list[Lane] = []
    try:
        for name, each in zip(NAMES, changes, strict=False):
            lanes.append(_lane(run, recipe, name, each, epochs, at))
        for lane in lanes:
            lane.training.step()
    except BaseException:
        for lane in lanes:
            lane.training.close()
        raise
    return lanes


def _train(
    found: Fork, watch: Callable[[Fork], Any] | None, progress: bool | None
) -> None:
    """All lanes to their ends, before the eyes of whoever wants to see it."""
    bar = LanesProgress(found.lanes, progress)

    def after_round() -> None:
        bar.update()
        if watch is not None:
            watch(found)

    try:
        interrupted = in_lockstep(found.lanes, after_round)
    finally:
        bar.close()
    if interrupted:
        lane = next(lane for lane in found.lanes if lane.was_interrupted)
        place = lane.training.trainer.where()
        found.stopped = f"interrupted at {place}; the lanes keep what they have learned"
        print(found.stopped, file=sys.stderr)


def _optimizer_of(run: Run, changes: Mapping[str, Any]) -> Any:
    """The optimizer whose settings a lane may change."""
    if "optimizer" not in changes:
        return run.optimizer
    model, optimizer, _ = twin(run.model, run.optimizer)
    return changed(model, optimizer, {"optimizer": changes["optimizer"]})[1]


def _lane(
    run: Run, recipe: Recipe, name: str, changes: dict[str, Any], epochs: int, at: str
) -> Lane:
    """A lane that is ready to begin."""
    begin = recipe.begin if at == "start" else recipe.go_on
    model, optimizer, callbacks = begin(run.model, run.optimizer)
    model, optimizer = changed(model, optimizer, changes)
    tie(callbacks, optimizer, changes)
    own = changed_recipe(recipe, changes)
    if at == "end" and "seed" not in changes:  # rows in a fresh order
        own = replace(own, seed=derive("fork", recipe.seed) % 2**32)
    own = replace(own, epochs=epochs, callbacks=tuple(callbacks))
    steps = StepLosses()
    training = Training(model, optimizer, own, [steps, *callbacks])
    return Lane(name, changes, training, steps)


Run.forker = staticmethod(fork)
