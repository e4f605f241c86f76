"""The one thing that is different: how a change is made to a run that is forked.

Everything else stays as it was: weights, the optimizer's memory, the order of the rows,
the random numbers. Each change below touches its own thing and nothing more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from seegrad import nn, optim
from seegrad.errors import ArgumentError, unknown_name
from seegrad.nn import Module
from seegrad.random import key_from, whole_number
from seegrad.train.callback import Callback
from seegrad.train.learning_rate import LearningRate
from seegrad.train.named import loss_named, optimizer_named
from seegrad.train.recipe import Recipe

OF_FIT = ("batch_size", "seed", "shuffle", "loss")
OF_MODEL = ("activation", "weights")


def known_changes(optimizer: Any) -> tuple[str, ...]:
    """The names of all that can be changed."""
    return ("lr", "optimizer", *optimizer.setting_names, *OF_FIT, *OF_MODEL)


def check_changes(changes: Mapping[str, Any], optimizer: Any) -> None:
    """ArgumentError for a change that nobody knows how to make."""
    known = known_changes(optimizer)
    for name in changes:
        if name not in known:
            raise unknown_name("change", name, known)


def changed(
    model: Module, optimizer: Any, changes: Mapping[str, Any]
) -> tuple[Module, Any]:
    """The model and the optimizer with the changes that concern them."""
    if "activation" in changes:
        _bend(model, changes["activation"])
    for address, number in changes.get("weights", {}).items():
        _set(model, address, number)
    if "optimizer" in changes:
        rate = optimizer.lr
        optimizer = optimizer_named(_made(changes["optimizer"], model), model)
        optimizer.lr = rate
    own = {k: v for k, v in changes.items() if k in optimizer.setting_names}
    if own:
        optimizer = _resettled(optimizer, own)
    if "lr" in changes:
        optimizer.lr = changes["lr"]
    return model, optimizer


def tie(
    callbacks: Iterable[Callback], optimizer: Any, changes: Mapping[str, Any]
) -> None:
    """Schedules follow the optimizer of the lane, from its own learning rate on."""
    for callback in callbacks:
        if isinstance(callback, LearningRate):
            schedule = callback.schedule
            if schedule.optimizer is not optimizer or "lr" in changes:
                schedule.tie(optimizer, changes.get("lr"))


def changed_recipe(recipe: Recipe, changes: Mapping[str, Any]) -> Recipe:
    """The recipe with the changes that concern it."""
    own = {k: v for k, v in changes.items() if k in OF_FIT}
    if "loss" in own:
        own["loss"] = loss_named(own["loss"])
    if "batch_size" in own:
        size = own["batch_size"]
        own["batch_size"] = whole_number("batch_size", size, least=1, where="fork")
    if "seed" in own:
        own["seed"] = key_from(own["seed"], where="fork")
    if "shuffle" in own:
        own["shuffle"] = bool(own["shuffle"])
    return replace(recipe, **own)


def _made(optimizer: Any, model: Module) -> Any:
    """An optimizer by name, by class, or by a function of the parameters."""
    if isinstance(optimizer, str):
        return optimizer
    return optimizer(model.parameters())


def _resettled(optimizer: Any, own: dict[str, Any]) -> Any:
    """The same optimizer with other settings, and with what it remembers."""
    settings = optimizer.settings | own
    new: optim.Optimizer = type(optimizer)(
        optimizer.params, lr=optimizer.lr, **settings
    )
    pairs = zip(new.states, optimizer.states, strict=True)
    new.states = [
        {k: old.get(k, value) for k, value in fresh.items()} for fresh, old in pairs
    ]
    return new


def _bend(model: Module, name: str) -> None:
    """Replace every activation of the model."""
    if name not in nn.ACTIVATIONS:
        raise unknown_name("activation", name, nn.ACTIVATIONS)
    found = 0
    for _, module in model.named_modules():
        for place, child in _places(module):
            if type(child) in nn.ACTIVATIONS.values():
                place(nn.ACTIVATIONS[name]())
                found += 1
    if not found:
        raise ArgumentError(
            f"{type(model).__name__} has no activation layer that could be replaced",
            where="fork",
            hint="nn.Tanh() and its kin as layers, not ops inside forward()",
        )


def _places(module: Module) -> Any:
    """Where the children of a module are kept, as functions that replace them."""
    for name, thing in list(vars(module).items()):
        if isinstance(thing, Module):
            yield (lambda new, name=name: setattr(module, name, new)), thing
        elif isinstance(thing, list):
            for i, child in enumerate(thing):
                yield (lambda new, home=thing, i=i: home.__setitem__(i, new)), child


def _set(model: Module, address: str, number: float) -> None:
    """One weight by its address, "0.weight[2, 0]"."""
    named = dict(model.named_parameters())
    match = re.fullmatch(r"([^\[\]]+)\[([-\d,\s]+)\]", address)
    if match is None or match[1] not in named:
        raise unknown_name("weight", address, [f"{name}[...]" for name in named])
    p = named[match[1]]
    data = np.array(p.data)
    data[tuple(int(i) for i in match[2].split(","))] = number
    p.assign(data)
