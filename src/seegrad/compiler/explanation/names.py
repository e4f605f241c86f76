"""What things are called: parameters by their names in the model, the rest in order.

A program knows where a number is found, not what its owner calls it. The guards of a
trace hold everything that the function can reach, so the models and optimizers among
that are asked for the names of what they own.
"""

from __future__ import annotations

import inspect
from typing import Any

from seegrad.compiler.planning.memory import Layout
from seegrad.compiler.planning.schedule import Schedule, where
from seegrad.compiler.programs.program import Term
from seegrad.compiler.tracing.guards import Guards
from seegrad.compiler.tracing.sources import (
    Argument,
    Array,
    Count,
    Draw,
    Gradient,
    Memory,
    Number,
    State,
)
from seegrad.node import Node


class Names:
    """The name of every leaf and of everything kept; each name is given once."""

    def __init__(self, compiled: Any, trace: Any) -> None:
        self.arguments = _argument_names(compiled.function, trace)
        self.nodes, self.optimizers = _owned(trace.guards)
        self.taken: dict[str, Any] = {}
        self.given: dict[Any, str] = {}
        self.temporaries = 0
        self.letters = 0

    def learn(self, schedule: Schedule, layout: Layout) -> None:
        """Leaves and goals have names from outside; what is stored is numbered."""
        for leaf in schedule.leaves:
            self.given[leaf] = (
                self._constant() if leaf.is_constant else self.of(leaf.source)
            )
        returned = sum(isinstance(goal.target, int) for goal in schedule.goals)
        for goal in schedule.goals:
            if isinstance(goal.target, int):
                name = "result" if returned == 1 else f"result{goal.target}"
            else:
                name = self.of(goal.target)
            self.given[goal.term] = name

    def term(self, term: Term) -> str:
        """The name of a leaf, of a goal, or of something on the way."""
        if term not in self.given:
            self.given[term] = self.new()
        return self.given[term]

    def new(self) -> str:
        """The next temporary: t1, t2, t3."""
        self.temporaries += 1
        return f"t{self.temporaries}"

    def of(self, source: Any) -> str:
        """The name of a place where numbers come from or go to."""
        key = where(source)
        if key not in self.given:
            self.given[key] = self._unique(self._said(source), key)
        return self.given[key]

    def _said(self, source: Any) -> str:
        match source:
            case Argument(position=k):
                known = k < len(self.arguments)
                return self.arguments[k] if known else f"argument{k}"
            case State(node=node):
                return self.node(node)
            case Gradient(node=node):
                return f"{self.node(node)}.grad"
            case Memory(states=states, position=k, key=key):
                params = self.optimizers.get(id(states))
                owner = self.node(params[k]) if params else f"parameter{k}"
                return f"{owner}.{key}"
            case Count(key=key):
                return str(key)
            case Number():
                return str(source)
            case Draw(distribution=distribution):
                return str(distribution.__name__).strip("_")
            case Array():
                return "array"
        return str(source)

    def node(self, node: Node) -> str:
        """A parameter's name in its model, the name the user gave, or a letter."""
        found = self.nodes.get(id(node)) or node.name
        if not found:
            found = chr(ord("a") + self.letters % 26) + str(self.letters // 26 or "")
            self.letters += 1
            self.nodes[id(node)] = found
        return str(found)

    def _constant(self) -> str:
        return self._unique("constant", object())

    def _unique(self, name: str, key: Any) -> str:
        number, wanted = 1, name
        while self.taken.setdefault(wanted, key) != key:
            number += 1
            wanted = f"{name}{number}"
        return wanted


def _argument_names(function: Any, trace: Any) -> list[str]:
    """The names of the function's parameters, where each argument is one array."""
    if not trace.is_simple or trace.fixed:
        return []
    try:
        known = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return []
    single = (
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
    )
    named = [p.name for p in known if p.kind in single][: len(trace.places)]
    return named if len(named) == len(trace.places) else []


def _owned(guards: Guards) -> tuple[dict[int, str], dict[int, Any]]:
    """Names by the identity of a node, parameters by that of an optimizer's memory."""
    models: list[tuple[str, Any]] = []
    optimizers: dict[int, Any] = {}
    inside: set[int] = set()  # modules that are parts of one that has been found
    for label, owner in guards.reach.owners:
        if hasattr(type(owner), "setting_names"):
            optimizers[id(owner.states)] = list(owner.params)
        elif id(owner) not in inside:
            inside |= {id(part) for _, part in owner.named_modules()}
            models.append((label.strip(".") or type(owner).__name__.lower(), owner))
    return _named(models), optimizers


def _named(models: list[tuple[str, Any]]) -> dict[int, str]:
    """Names as in PyTorch; of several models, behind what each is called."""
    names: dict[int, str] = {}
    for model_name, model in models:
        for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
            whole = name if len(models) == 1 else f"{model_name}.{name}"
            names.setdefault(id(tensor), whole)
    return names
