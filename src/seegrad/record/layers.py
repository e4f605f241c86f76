"""Which layer is at work: the path that an operation belongs to, and parameters' names.

Layers call each other, so those that are at work form a stack. Names are those of the
outermost one, as in its ``named_parameters``.
"""

from __future__ import annotations

from collections.abc import Callable

from seegrad.nn import Module
from seegrad.node import Node


class Layers:
    """The stack of layers at work, and what the outermost one calls its parts.

    ``entering`` is told of each.
    """

    def __init__(self, entering: Callable[[bool, str, Module], None]) -> None:
        self.told = entering
        self.stack: list[tuple[str, str]] = []
        self.paths: dict[int, str] = {}
        self.names: dict[Node, str] = {}
        self.homes: dict[Node, str] = {}  # the path of the layer that owns it

    @property
    def depth(self) -> int:
        """How many layers are at work."""
        return len(self.stack)

    def current(self) -> tuple[str, str]:
        """The path and the class of the innermost layer."""
        return self.stack[-1] if self.stack else ("", "")

    def know(self, model: Module) -> None:
        """Learn the names of a model's parts; a second 0.weight is 0.weight (2)."""
        paths = {id(module): path for path, module in model.named_modules()}
        nodes = [*model.named_parameters(), *model.named_buffers()]
        new = {node: name for name, node in nodes if node not in self.names}
        taken, count, mark = {*self.names.values()}, 1, ""
        while not taken.isdisjoint(f"{name}{mark}" for name in new.values()):
            count += 1
            mark = f" ({count})"
        self.paths |= {i: f"{path}{mark}".strip() for i, path in paths.items()}
        for node, name in new.items():
            self.names[node] = f"{name}{mark}"
            self.homes[node] = f"{name.rpartition('.')[0]}{mark}".strip()

    def forget(self) -> None:
        """Know no names any more, so that the copy of a model may have them."""
        self.names.clear()
        self.homes.clear()

    def enter(self, module: Module) -> None:
        """A layer begins."""
        outermost = not self.stack
        if outermost and id(module) not in self.paths:
            self.know(module)
        kind = type(module).__name__
        path = self.paths.get(id(module), kind.lower())
        self.told(outermost, path, module)
        self.stack.append((path, kind))

    def leave(self) -> None:
        """A layer has returned, or failed."""
        self.stack.pop()
