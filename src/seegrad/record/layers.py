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

    @property
    def depth(self) -> int:
        """How many layers are at work."""
        return len(self.stack)

    def current(self) -> tuple[str, str]:
        """The path and the class of the innermost layer."""
        return self.stack[-1] if self.stack else ("", "")

    def know(self, model: Module) -> None:
        """Learn the names of a model's parts."""
        self.paths |= {id(module): path for path, module in model.named_modules()}
        for name, node in (*model.named_parameters(), *model.named_buffers()):
            self.names.setdefault(node, name)

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
