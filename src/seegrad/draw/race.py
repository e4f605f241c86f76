"""A race of optimizers: each takes the same steps from the same place.

A course is what they run on: it gives every racer its own copy of the parameters, and
the loss to go down. `PlaneCourse` is a function of two numbers, `ModelCourse` the loss
of a model on its data.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from seegrad import optim
from seegrad.draw.inputs import Floats
from seegrad.draw.model_twin import ModelTwin
from seegrad.errors import ArgumentError, DataError, InputTypeError
from seegrad.mode import recording
from seegrad.nn import Parameter
from seegrad.optim import Optimizer

Maker = Callable[[list[Any]], Optimizer]
FARTHEST = 1e6  # who is farther off than this is out of the race


@dataclass(frozen=True, slots=True)
class Run:
    """How one racer ran: where it was (steps + 1, parameters), and the loss there."""

    name: str
    settings: str
    places: Floats
    losses: list[float]
    fell: bool  # out of the race before its end

    @property
    def best(self) -> float:
        """The lowest loss on the way."""
        return min(self.losses)


class PlaneCourse:
    """A function f(x, y) made of ops; the racers begin at ``start``."""

    def __init__(self, function: Callable[[Any, Any], Any], start: Any) -> None:
        self.function, self.start = function, np.asarray(start, np.float64)

    def lane(self) -> tuple[list[Any], Callable[[], Any]]:
        """Parameters of one's own, and the loss of them."""
        p = Parameter(self.start, dtype=np.float64)
        return [p], lambda: self.function(p[0], p[1])


class ModelCourse:
    """The loss of a model on all of its data; each racer has a copy of the model."""

    def __init__(self, twin: ModelTwin) -> None:
        self.twin, self.start = twin, twin.start

    def lane(self) -> tuple[list[Any], Callable[[], Any]]:
        """Parameters of one's own, and the loss of them."""
        twin = self.twin
        twin.move(self.start)
        model = copy.deepcopy(twin.model)
        return model.parameters(), lambda: twin.loss(model(twin.x), twin.y)


def runs(
    course: PlaneCourse | ModelCourse, racers: Mapping[str, Maker], steps: int,
    where: str,
) -> Iterator[Run]:  # fmt: skip
    """The runs of all racers, one after the other."""
    for name, make in racers.items():
        parameters, loss = course.lane()
        optimizer = make(parameters)
        if not isinstance(optimizer, Optimizer):
            raise InputTypeError(
                f"{name!r} made a {type(optimizer).__name__}, not an optimizer",
                where=where,
                hint='{"Adam": lambda p: optim.Adam(p, lr=0.1)}',
            )
        run = _run(name, optimizer, parameters, loss, steps)
        if not math.isfinite(run.losses[0]):
            raise DataError(
                f"the loss at the start is {run.losses[0]}",
                where=where,
                hint="another start",
            )
        yield run


def _run(
    name: str, optimizer: Optimizer, parameters: list[Any], loss: Callable[[], Any],
    steps: int,
) -> Run:  # fmt: skip
    places, losses, fell = [_flat(parameters)], [], False
    for step in range(steps + 1):
        with recording(), np.errstate(all="ignore"):
            out = loss()
            losses.append(float(getattr(out, "data", out)))
            if step == steps:
                break
            optimizer.zero_grad()
            out.backward()
        optimizer.step()
        place = _flat(parameters)
        if not (np.abs(place) < FARTHEST).all() or not math.isfinite(losses[-1]):
            fell = True
            break
        places.append(place)
    fell = fell or not math.isfinite(losses[-1])
    return Run(name, repr(optimizer), np.array(places), losses, fell)


def _flat(parameters: list[Any]) -> Floats:
    return np.concatenate([np.asarray(p.data, np.float64).ravel() for p in parameters])


def usual_racers(rates: Mapping[str, float]) -> dict[str, Maker]:
    """Every optimizer of the library, and SGD with momentum, at suitable rates.

    The rate is part of the name: a race is only as fair as its learning rates.
    """
    racers: dict[str, Maker] = {}
    for name, kind in sorted(optim.OPTIMIZERS.items(), reverse=True):
        rate = rates["sgd" if name == "sgd" else "adaptive"]
        racers[f"{kind.__name__} lr {rate:g}"] = _maker(kind, lr=rate)
        if name == "sgd":
            rolling = _maker(kind, lr=rate, momentum=0.9)
            racers[f"{kind.__name__} lr {rate:g}, momentum 0.9"] = rolling
    return racers


def _maker(kind: Callable[..., Optimizer], **settings: float) -> Maker:
    return lambda parameters: kind(parameters, **settings)


def checked_racers(race: Any, where: str) -> Mapping[str, Maker]:
    """A dict of functions that make an optimizer of parameters, at least one."""
    if not isinstance(race, Mapping) or not all(map(callable, race.values())):
        raise InputTypeError(
            "racers are a dict of functions that make an optimizer",
            where=where,
            hint='{"Adam": lambda p: optim.Adam(p, lr=0.1)}',
        )
    if not race:
        raise ArgumentError("nobody takes part in the race", where=where)
    return {str(name): make for name, make in race.items()}
