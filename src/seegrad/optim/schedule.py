"""A learning rate that changes while learning: what all schedules have in common.

A schedule is a function of the number of steps taken and of nothing else, so it can be
drawn beforehand, resumed anywhere and never drifts. `at` is that function; `step`
counts, and gives the optimizer its new learning rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from seegrad.errors import InputTypeError, SeegradError, StateError
from seegrad.optim._checks import amount
from seegrad.optim.optimizer import Optimizer
from seegrad.random import whole_number


class Schedule:
    """The base of every schedule: subclass it, and write `at`.

    ``base_lr`` is the learning rate that the optimizer had before any schedule touched
    it, ``steps`` how many have been taken. ``setting_names`` lists the arguments of the
    constructor beside the optimizer; each is kept as an attribute of the same name.
    """

    setting_names: ClassVar[tuple[str, ...]] = ()

    def __init__(self, optimizer: Optimizer) -> None:
        if not isinstance(optimizer, Optimizer):
            raise InputTypeError(
                f"a schedule changes an optimizer, not {type(optimizer).__name__}",
                where=type(self).__name__,
                hint=f"{type(self).__name__}(optim.SGD(model.parameters()), ...)",
            )
        self.optimizer, self.steps = optimizer, 0
        # A second schedule must not take the learning rate of the first for its base.
        self.base_lr: float = vars(optimizer).setdefault("initial_lr", optimizer.lr)
        optimizer.lr = self.at(0)

    def at(self, step: int) -> float:
        """The learning rate after this many steps."""
        raise NotImplementedError(f"{type(self).__name__} has no at()")

    def step(self) -> None:
        """One step more: after each epoch or after each batch, as it was planned."""
        self.steps += 1
        self.optimizer.lr = self.at(self.steps)

    def tie(self, optimizer: Optimizer, base_lr: float | None = None) -> None:
        """Change this optimizer from now on; the steps taken count on."""
        self.optimizer = optimizer
        self.base_lr = self.base_lr if base_lr is None else base_lr
        vars(optimizer)["initial_lr"] = self.base_lr
        optimizer.lr = self.at(self.steps)

    @property
    def settings(self) -> dict[str, Any]:
        """The settings by name."""
        return {name: getattr(self, name) for name in self.setting_names}

    def state_dict(self) -> dict[str, Any]:
        """All that is needed to go on, as plain numbers; the optimizer has its own."""
        return {
            "schedule": type(self).__name__,
            "base_lr": self.base_lr,
            "steps": self.steps,
            "settings": self.settings,
        }

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Go on where `state_dict` was taken, with its settings.

        The optimizer gets the learning rate of that moment. Raises StateError for what
        does not fit; then nothing has changed.
        """
        twin = self._like(saved)
        vars(self).update(vars(twin))
        vars(self.optimizer)["initial_lr"] = self.base_lr
        self.optimizer.lr = self.at(self.steps)

    def _like(self, saved: Any) -> Self:
        """A schedule as it was saved; the optimizer is left as it is."""
        wanted = self.state_dict()
        if not isinstance(saved, Mapping) or set(saved) != set(wanted):
            raise self._unfit(f"it should have {', '.join(wanted)}")
        if saved["schedule"] != wanted["schedule"]:
            raise self._unfit(f"it belongs to {saved['schedule']}")
        lr = self.optimizer.lr
        try:
            twin = self._made(dict(saved["settings"]))
            twin.base_lr = amount("base_lr", saved["base_lr"], "state")
            twin.steps = whole_number("steps", saved["steps"], where="state")
        except (TypeError, ValueError, LookupError, SeegradError) as error:
            raise self._unfit(getattr(error, "what", str(error))) from error
        finally:
            self.optimizer.lr = lr
        return twin

    def _made(self, settings: dict[str, Any]) -> Self:
        """A schedule of the same optimizer with these settings."""
        return type(self)(self.optimizer, **settings)

    def _unfit(self, problem: str) -> StateError:
        return StateError(
            f"the saved state does not fit, so nothing was loaded: {problem}",
            where=type(self).__name__,
            hint="a state saved by a schedule of the same kind",
        )

    def __repr__(self) -> str:
        inner = ", ".join(f"{name}={value!r}" for name, value in self.settings.items())
        return f"{type(self).__name__}({inner})"
