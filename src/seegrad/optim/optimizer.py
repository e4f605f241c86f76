"""From gradients to better weights: what all optimizers have in common.

An optimizer is two small functions of one parameter. `start` says what it wants to
remember; `update` takes the parameter, its gradient and that memory, and returns the
new ones. Both are formulas made of ops. This class does the rest, once: it goes through
all parameters, changes all of them or none, and can be saved and resumed to the last
bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from seegrad.errors import InputTypeError, SeegradError, StateError
from seegrad.mode import changes, mode
from seegrad.optim._checks import amount, parameters_of
from seegrad.optim._state import misfits, plain

State = dict[str, Any]


class Optimizer:
    """The base of every optimizer: subclass it, and write `start` and `update`.

    ``setting_names`` lists the arguments of the constructor beside params and lr; each
    is kept as an attribute of the same name. ``lr`` may be set at any time, ``params``
    is the list of what is optimized, ``states`` what is remembered about each.
    """

    setting_names: ClassVar[tuple[str, ...]] = ()

    def __init__(self, params: Iterable[Any], lr: float) -> None:
        self.params = parameters_of(params, type(self).__name__)
        self.lr = lr
        self.states = [self.start(p.data) for p in self.params]
        self._started = self.settings

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in ("lr", "_lr"):  # read in every step; the rest is fixed
            changes[0] += 1
        object.__setattr__(self, name, value)

    def start(self, p: Any) -> State:
        """What is remembered about a parameter before its first update."""
        raise NotImplementedError(f"{type(self).__name__} has no start()")

    def update(self, p: Any, g: Any, state: State, lr: float) -> tuple[Any, State]:
        """The parameter and what is remembered about it, after one step along ``g``."""
        raise NotImplementedError(f"{type(self).__name__} has no update()")

    @property
    def lr(self) -> float:
        """The learning rate: how far a step goes."""
        return self._lr

    @lr.setter
    def lr(self, new: float) -> None:
        self._lr = amount("lr", new, type(self).__name__)

    @property
    def settings(self) -> dict[str, Any]:
        """The settings by name, all but the learning rate."""
        return {name: getattr(self, name) for name in self.setting_names}

    def step(self) -> None:
        """Update every parameter that has a gradient; frozen ones stand still.

        All updates are computed before the first is written: an error changes nothing.
        """
        if self.settings != self._started:  # momentum switched on needs a memory
            pairs = zip(self.params, self.states, strict=True)
            self.states = [self.start(p._data) | state for p, state in pairs]
            self._started = self.settings
        tracer, lr, done = mode.tracer, self.lr, []
        if tracer is not None:
            lr = tracer.number(self, "lr")
        with np.errstate(all="ignore"):  # NaN and infinity are numbers here
            for i, p in enumerate(self.params):
                if p.grad is not None and p.requires_grad:
                    state = self.states[i]
                    if tracer is not None:
                        state = tracer.remembered(self.states, i)
                    done.append((i, *self._updated(p, state, lr)))
        for i, new, state in done:
            self.params[i].assign(new)
            if tracer is not None:
                state = tracer.remember(self.states, i, state)
            self.states[i] = state

    def _updated(self, p: Any, state: State, lr: float) -> tuple[Any, State]:
        if mode.listener is None:
            return self.update(p.data, p.grad, state, lr)
        new, kept = mode.listener.updating(self, p, state, lr)
        return new, kept

    def zero_grad(self) -> None:
        """Forget the gradient of every parameter, so that the next one starts anew."""
        for p in self.params:
            p.zero_grad()

    def state_dict(self) -> dict[str, Any]:
        """All that is needed to go on: plain numbers and copies of arrays."""
        return {
            "optimizer": type(self).__name__,
            "lr": self.lr,
            "settings": self.settings,
            "states": [
                {k: plain(v) for k, v in state.items()} for state in self.states
            ],
        }

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Go on where `state_dict` was taken, with its learning rate and settings.

        Raises one StateError with all that does not fit; then nothing has changed.
        """
        twin = self._like(saved)
        wrong = misfits(twin.states, saved["states"])
        if wrong:
            raise self._unfit(wrong)
        twin.states = [
            {k: plain(v) for k, v in state.items()} for state in saved["states"]
        ]
        vars(self).update(vars(twin))

    def _like(self, saved: Any) -> Optimizer:
        """An optimizer of the same parameters, made with the saved settings."""
        name = type(self).__name__
        if not isinstance(saved, Mapping):
            raise InputTypeError(
                f"a state is a dictionary, not {type(saved).__name__}",
                where=name,
                hint="what state_dict() returned",
            )
        missing = {"optimizer", "lr", "settings", "states"} - set(saved)
        if missing:
            raise self._unfit([f"{key}: missing" for key in sorted(missing)])
        if saved["optimizer"] != name:
            raise self._unfit([f"it belongs to {saved['optimizer']}, not to {name}"])
        try:
            return type(self)(self.params, lr=saved["lr"], **saved["settings"])
        except (TypeError, SeegradError) as error:
            raise self._unfit([f"settings: {error}"]) from error

    def _unfit(self, problems: list[str]) -> StateError:
        return StateError(
            "the saved state does not fit, so nothing was loaded:\n"
            + "\n".join(f"    {problem}" for problem in problems),
            where=type(self).__name__,
            hint="a state saved by an optimizer of the same parameters, in their order",
        )

    def __repr__(self) -> str:
        settings = {"lr": self.lr} | self.settings
        inner = ", ".join(f"{name}={value!r}" for name, value in settings.items())
        return f"{type(self).__name__}({inner})"
