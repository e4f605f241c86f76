"""The schedules: ways for the learning rate to change from step to step.

Large steps find the valley, small ones its floor; and at the very start, before an
optimizer knows the size of the gradients, small ones are safer too. Each schedule is
one formula of PyTorch's, with its name and its arguments.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Self

from seegrad.errors import ArgumentError
from seegrad.optim._checks import amount
from seegrad.optim.optimizer import Optimizer
from seegrad.optim.schedule import Schedule
from seegrad.random import whole_number


class ConstantLR(Schedule):
    """base_lr * factor for the first ``total_iters`` steps, then base_lr.

    >>> from seegrad import nn, optim
    >>> schedule = ConstantLR(optim.SGD([nn.Parameter(1.0)], lr=0.5), 0.1, 2)
    >>> [schedule.at(step) for step in range(4)]
    [0.05, 0.05, 0.5, 0.5]
    """

    setting_names = ("factor", "total_iters")

    def __init__(
        self, optimizer: Optimizer, factor: float = 1.0 / 3.0, total_iters: int = 5
    ) -> None:
        self.factor = amount("factor", factor, "ConstantLR")
        self.total_iters = whole_number("total_iters", total_iters, where="ConstantLR")
        super().__init__(optimizer)

    def at(self, step: int) -> float:
        return self.base_lr * (self.factor if step < self.total_iters else 1.0)


class LinearLR(Schedule):
    """From base_lr * start_factor to base_lr * end_factor, evenly: the usual warm-up.

    It takes ``total_iters`` steps and stays at its end.

    >>> from seegrad import nn, optim
    >>> schedule = LinearLR(optim.SGD([nn.Parameter(1.0)], lr=0.5), 0.5, 1.0, 2)
    >>> [schedule.at(step) for step in range(4)]
    [0.25, 0.375, 0.5, 0.5]
    """

    setting_names = ("start_factor", "end_factor", "total_iters")

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3.0,
        end_factor: float = 1.0,
        total_iters: int = 5,
    ) -> None:
        self.start_factor = amount("start_factor", start_factor, "LinearLR")
        self.end_factor = amount("end_factor", end_factor, "LinearLR")
        self.total_iters = whole_number(
            "total_iters", total_iters, least=1, where="LinearLR"
        )
        super().__init__(optimizer)

    def at(self, step: int) -> float:
        way = min(step, self.total_iters) / self.total_iters
        rise = self.end_factor - self.start_factor
        return self.base_lr * (self.start_factor + rise * way)


class StepLR(Schedule):
    """base_lr * gamma^(step // step_size): a step down every ``step_size`` steps.

    >>> from seegrad import nn, optim
    >>> schedule = StepLR(optim.SGD([nn.Parameter(1.0)], lr=0.5), 2, gamma=0.5)
    >>> [schedule.at(step) for step in range(5)]
    [0.5, 0.5, 0.25, 0.25, 0.125]
    """

    setting_names = ("step_size", "gamma")

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1
    ) -> None:
        self.step_size = whole_number("step_size", step_size, least=1, where="StepLR")
        self.gamma = amount("gamma", gamma, "StepLR")
        super().__init__(optimizer)

    def at(self, step: int) -> float:
        return float(self.base_lr * self.gamma ** (step // self.step_size))


class ExponentialLR(Schedule):
    """base_lr * gamma^step: smaller by the same share at every step.

    >>> from seegrad import nn, optim
    >>> schedule = ExponentialLR(optim.SGD([nn.Parameter(1.0)], lr=0.5), gamma=0.5)
    >>> [schedule.at(step) for step in range(3)]
    [0.5, 0.25, 0.125]
    """

    setting_names = ("gamma",)

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        self.gamma = amount("gamma", gamma, "ExponentialLR")
        super().__init__(optimizer)

    def at(self, step: int) -> float:
        return float(self.base_lr * self.gamma**step)


class CosineAnnealingLR(Schedule):
    """eta_min + (base_lr - eta_min) * (1 + cos(pi * step / T_max)) / 2.

    Half a wave down in ``T_max`` steps; beyond them it rises again (Loshchilov and
    Hutter 2017).

    >>> from seegrad import nn, optim
    >>> schedule = CosineAnnealingLR(optim.SGD([nn.Parameter(1.0)], lr=0.5), T_max=2)
    >>> [round(schedule.at(step), 3) for step in range(3)]
    [0.5, 0.25, 0.0]
    """

    setting_names = ("T_max", "eta_min")

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        where = "CosineAnnealingLR"
        self.T_max = whole_number("T_max", T_max, least=1, where=where)
        self.eta_min = amount("eta_min", eta_min, where)
        super().__init__(optimizer)

    def at(self, step: int) -> float:
        share = (1.0 + math.cos(math.pi * step / self.T_max)) / 2.0
        return self.eta_min + (self.base_lr - self.eta_min) * share


class SequentialLR(Schedule):
    """One schedule after the other: the next one begins at each of the ``milestones``.

    Each counts from its own beginning. Step this one, and none of the ``schedulers``.
    Raises ArgumentError unless there is a milestone between each two.

    >>> from seegrad import nn, optim
    >>> optimizer = optim.SGD([nn.Parameter(1.0)], lr=0.5)
    >>> parts = [LinearLR(optimizer, 0.5, 1.0, 2), ExponentialLR(optimizer, 0.5)]
    >>> schedule = SequentialLR(optimizer, parts, milestones=[2])
    >>> [schedule.at(step) for step in range(5)]
    [0.25, 0.375, 0.5, 0.25, 0.125]
    """

    setting_names = ("milestones",)

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: Sequence[Schedule],
        milestones: Sequence[int],
    ) -> None:
        self.schedulers = list(schedulers)
        self.milestones = [
            whole_number("a milestone", m, least=1, where="SequentialLR")
            for m in milestones
        ]
        self._check(optimizer)
        super().__init__(optimizer)

    def _check(self, optimizer: Optimizer) -> None:
        """A milestone between each two schedules, and one optimizer for all."""
        count = len(self.schedulers)
        rising = all(one < other for one, other in pairwise(self.milestones))
        if not count or len(self.milestones) != count - 1 or not rising:
            raise ArgumentError(
                f"{count} schedules need {max(count - 1, 0)} rising milestones between "
                f"them, not {self.milestones}",
                where="SequentialLR",
                hint="SequentialLR(optimizer, [warm_up, cosine], milestones=[10])",
            )
        for i, schedule in enumerate(self.schedulers):
            if schedule.optimizer is not optimizer:
                raise ArgumentError(
                    f"schedule {i} belongs to another optimizer",
                    where="SequentialLR",
                    hint="one optimizer for all of them",
                )

    def at(self, step: int) -> float:
        which = bisect_right(self.milestones, step)
        begun = self.milestones[which - 1] if which else 0
        return self.schedulers[which].at(step - begun)

    def tie(self, optimizer: Optimizer, base_lr: float | None = None) -> None:
        for schedule in self.schedulers:
            schedule.tie(optimizer, base_lr)
        super().tie(optimizer, base_lr)

    def state_dict(self) -> dict[str, Any]:
        saved = super().state_dict()
        saved["settings"]["schedulers"] = [s.state_dict() for s in self.schedulers]
        return saved

    def _made(self, settings: dict[str, Any]) -> Self:
        pairs = zip(self.schedulers, settings["schedulers"], strict=True)
        parts = [schedule._like(saved) for schedule, saved in pairs]
        return type(self)(self.optimizer, parts, settings["milestones"])
