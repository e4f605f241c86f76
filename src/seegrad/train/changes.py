"""The one thing that is different: how a change is made to a run that is forked.

Everything else stays as it was: weights, the optimizer's memory, the order of the rows,
the random numbers. Each change below touches its own thing and nothing more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from seegrad import nn, optim
from seegrad.errors import ArgumentError, unknown_name
from seegrad.nn import Module
from seegrad.train.named import optimizer_named
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


def of_fit(recipe: Recipe, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `fit` for a lane."""
    arguments = {name: getattr(recipe, name) for name in OF_FIT}
    return arguments | {k: v for k, v in changes.items() if k in OF_FIT}


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
