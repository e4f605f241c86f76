"""One call of a compiled function: its arguments, and what kind of call that makes it.

Two calls are of one kind if they differ in numbers only: the same structure and plain
values, the same shapes and dtypes, the same tensor in the same places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from seegrad.compiler.tracing.reach import PLAIN
from seegrad.compiler.tracing.tree import Hole, flat, frozen
from seegrad.compiler.tracing.watch import written
from seegrad.mode import mode
from seegrad.node import Node
from seegrad.tensor import Tensor
from seegrad.value import Value

HISTORY = "history"  # instead of a flag: it needs a gradient, and hands it on


def kind(part: Any) -> Any:
    """What must be alike of two arguments for which the same code is run."""
    if isinstance(part, Tensor):
        data = part._data
        if part._requires_grad and part.inputs:
            return data.shape, data.dtype, HISTORY
        return data.shape, data.dtype, part._requires_grad
    if isinstance(part, np.ndarray):
        return part.shape, part.dtype, None
    if isinstance(part, Value):
        history = part._requires_grad and part.inputs
        return "value", HISTORY if history else part._requires_grad
    return None


def alike(parts: list[Any], closed: set[int]) -> Callable[[Any], bool]:
    """A quick look whether arguments are of the kind of these, each another one.

    They must not be in ``closed`` either: what the step has by another name.
    """
    names: dict[str, Any] = {"kind": kind, "closed": closed, "id": id}
    looks = [f"len(args) == {len(parts)}"]
    for k, part in enumerate(parts):
        names |= {f"class{k}": type(part), f"kind{k}": kind(part)}
        looks.append(f"(x{k} := args[{k}]).__class__ is class{k}")
        if isinstance(part, Tensor):
            names |= {f"shape{k}": part.shape, f"dtype{k}": part.dtype}
            looks += [
                f"(data := x{k}._data).shape == shape{k}",
                f"data.dtype == dtype{k}",
            ]
            looks.append(f"x{k}._requires_grad is {part._requires_grad}")
            if part._requires_grad:
                looks.append(f"not x{k}.inputs")
        else:
            looks.append(f"kind(x{k}) == kind{k}")
        looks.append(f"id(x{k}) not in closed")
    if len(parts) > 1:
        looks.append(f"len({{*map(id, args)}}) == {len(parts)}")
    if len(parts) == 2:  # the same in a quarter of the time
        looks[-1] = "x0 is not x1"
    code = f"def alike(args):\n    return {' and '.join(looks)}\n"
    made: Callable[[Any], bool] = written(code, names)["alike"]
    return made


def _objects(structure: Any) -> Iterator[Any]:
    """What a structure holds beside plain values and the places of tensors."""
    if isinstance(structure, dict):
        structure = list(structure.values())
    if isinstance(structure, list | tuple):
        for part in structure:
            yield from _objects(part)
    elif not isinstance(structure, (Hole, *PLAIN)):
        yield structure


class Call:
    """The arguments of a call, taken apart."""

    def __init__(self, args: tuple[Any, ...], settings: dict[str, Any]) -> None:
        self.parts: list[Any] = []
        self.structure = flat((args, settings), self.parts)
        self.kinds = tuple(map(kind, self.parts))
        places: dict[int, int] = {}
        self.first = tuple(
            places.setdefault(id(part), k) if isinstance(part, Node) else k
            for k, part in enumerate(self.parts)
        )
        self.objects = tuple(_objects(self.structure))  # what may change inside
        self.family = self.kinds, self.first, mode.recording
        self.key = frozen(self.structure), *self.family
        simple = not settings and len(args) == len(self.parts)
        self.is_simple = simple and all(
            part is arg for part, arg in zip(self.parts, args, strict=True)
        )

    @property
    def has_history(self) -> bool:
        """Whether a gradient would have to flow on through an argument."""
        return mode.recording and any(k[-1] == HISTORY for k in self.kinds)
