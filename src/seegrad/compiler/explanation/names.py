"""What things are called: parameters by their names in the model, the rest in order.

A program knows where a number is found, not what its owner calls it. The guards of a
trace hold everything that the function can reach, so the models and optimizers among
that are asked for the names of what they own.
"""

from __future__ import annotations

import inspect
from typing import Any

from seegrad.compiler.planning.schedule import Schedule
from seegrad.compiler.programs.program import Term
from seegrad.compiler.tracing import sources
from seegrad.compiler.tracing.guards import Guards
from seegrad.node import Node


class Names:
    """The name of every leaf and of everything kept; each name is given once."""

    def __init__(self, function: Any, trace: Any) -> None:
        self.arguments = _argument_names(function, trace)
        self.nodes, self.params = _owned(trace.guards)
        self.given: dict[Any, str] = {}  # to a term, or to a source
        self.taken: set[str] = set()
        self.temporaries = self.letters = 0
        self._learn(trace.native.schedule)

    def _learn(self, schedule: Schedule) -> None:
        """Leaves and goals have names from outside; what is stored is numbered."""
        for leaf in schedule.leaves:
            known = leaf.is_constant
            name = self._unique("constant") if known else self.of(leaf.source)
            self.given[leaf] = name
        returned = sum(isinstance(goal.target, int) for goal in schedule.goals)
        for goal in schedule.goals:
            if not isinstance(goal.target, int):
                self.given[goal.term] = self.of(goal.target)
            else:
                number = goal.target if returned > 1 else ""
                self.given[goal.term] = f"result{number}"
        for whole in schedule.joins:  # its parts are stored where it lies
            if whole not in self.given:
                self.given[whole] = self._unique("joined")

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
        if source not in self.given:
            self.given[source] = self._unique(self._said(source))
        return self.given[source]

    def _said(self, source: Any) -> str:
        match source:
            case sources.Argument(position=k):
                known = k < len(self.arguments)
                return self.arguments[k] if known else f"argument{k}"
            case sources.State(node=node):
                return self._node(node)
            case sources.Gradient(node=node):
                return f"{self._node(node)}.grad"
            case sources.Memory(states=states, position=k, key=key):
                params = self.params.get(id(states))
                owner = self._node(params[k]) if params else f"parameter{k}"
                return f"{owner}.{key}"
            case sources.Count(key=key):
                return key
            case sources.Draw(distribution=distribution):
                return distribution.__name__.strip("_")
            case sources.Array():
                return "array"
        return str(source)

    def _node(self, node: Node) -> str:
        """A parameter's name in its model, the name the user gave, or a letter."""
        if id(node) not in self.nodes:
            letter = chr(ord("a") + self.letters % 26) + str(self.letters // 26 or "")
            self.letters += not node.name
            self.nodes[id(node)] = node.name or letter
        return self.nodes[id(node)]

    def _unique(self, name: str) -> str:
        number, wanted = 1, name
        while wanted in self.taken:
            number += 1
            wanted = f"{name}{number}"
        self.taken.add(wanted)
        return wanted


def _argument_names(function: Any, trace: Any) -> list[str]:
    """The names of the function's parameters, where each argument is one array."""
    if not trace.is_simple or trace.fixed:
        return []
    try:
        bound = inspect.signature(function).bind(*trace.places)
    except (TypeError, ValueError):
        return []
    names = list(bound.arguments)
    return names if len(names) == len(bound.args) else []


def _owned(guards: Guards) -> tuple[dict[int, str], dict[int, list[Node]]]:
    """Names by the identity of a node, parameters by that of an optimizer's memory.

    They are as in PyTorch; of several models, behind what each is called.
    """
    models: list[tuple[str, Any]] = []
    params: dict[int, list[Node]] = {}
    inside: set[int] = set()  # modules that are parts of one that has been found
    for label, owner in guards.reach.owners:
        if hasattr(type(owner), "setting_names"):
            params[id(owner.states)] = list(owner.params)
        elif id(owner) not in inside:
            inside |= {id(part) for _, part in owner.named_modules()}
            models.append((label.strip(".") or type(owner).__name__.lower(), owner))
    names: dict[int, str] = {}
    for label, model in models:
        for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
            names.setdefault(
                id(tensor), name if len(models) == 1 else f"{label}.{name}"
            )
    return names, params
