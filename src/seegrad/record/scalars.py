"""One number of a tensor computation, written out in single numbers.

Every kind of op says where each number of its result comes from (`facts`). Followed
from one number of a result, that is a graph of `Value`s: the same computation, with
nothing in it but numbers. The ops are the very same; what they work on is smaller.
"""

from __future__ import annotations

import math
from itertools import product as places
from typing import Any

import numpy as np

from seegrad.errors import ArgumentError, SeegradError
from seegrad.facts import Where
from seegrad.op import REGISTRY
from seegrad.record.address import Index, written
from seegrad.record.event import Event
from seegrad.record.step import Step
from seegrad.record.summary import Summary
from seegrad.value import Value

MOST = 20_000  # single numbers of a graph


class Scalars:
    """The numbers of a step as Values, expanded on demand within some layer.

    ``cells`` maps what was expanded, (quantity, index), to its Value; ``leaves`` lists
    where that ended, at the inputs of the layer or an op without single numbers.
    """

    def __init__(self, step: Step, layer: str | None = None) -> None:
        self.step, self.layer = step, layer
        self.makers: dict[int, Event] = {
            event.deed.output: event
            for event in step.events()
            if event.kind == "operation" and event.phase in ("forward", "loss")
        }
        self.cells: dict[tuple[int, Index], Value] = {}
        self.leaves: list[tuple[int, Index]] = []

    def cell(self, quantity: int, index: Index) -> Value:
        """The Value of one number, with the graph behind it; a stack, so any depth."""
        stack = [((quantity, index), False)]
        while stack:
            key, ready = stack.pop()
            if key in self.cells:
                continue
            if len(self.cells) > MOST:
                raise ArgumentError(
                    f"this number is made of more than {MOST:,} single numbers",
                    where="zoom",
                    hint="a number of an earlier layer, or the layer's own expansion",
                )
            needs = self._needs(*key)
            if needs is None:
                self._leaf(*key)
            elif ready or not needs:
                self.cells[key] = self._computed(*key)
            else:
                stack.append((key, True))
                stack += [(need, False) for need in needs if need not in self.cells]
        return self.cells[quantity, index]

    @property
    def agree(self) -> bool:
        """Whether that is rounding: a few millionths of the largest number."""
        scale = max((abs(cell._data) for cell in self.cells.values()), default=0.0)
        return not self.largest > 1e-5 * max(scale, 1e-30)

    @property
    def largest(self) -> float:
        """The largest difference of a Value from the number on the tape."""
        found = [
            abs(cell._data - self.number(*key)) for key, cell in self.cells.items()
        ]
        return max((d for d in found if not math.isnan(d)), default=0.0)

    def number(self, quantity: int, index: Index) -> float:
        """The number on the tape."""
        made = self.makers.get(quantity)
        value = self.step.leaves[quantity] if made is None else made.value
        if value is None or isinstance(value, Summary):
            raise SeegradError(
                f"the tape did not keep {self.step.structure.quantities[quantity]}",
                where="zoom",
                hint="a step that is whole, or recording(most_bytes=...)",
            )
        return float(np.asarray(value)[index])

    def address(self, quantity: int, index: Index) -> str:
        """What a number is called."""
        return written(str(self.step.structure.quantities[quantity]), index)

    def terms(self, quantity: int, index: Index) -> list[tuple[Any, Any]]:
        """The pairs of numbers that a contraction multiplies and adds, as keys."""
        event = self.makers[quantity]
        op, given = event.deed.definition, event.deed.given or {}
        facts = op.facts.product(*(q.shape for q in event.inputs), **given)
        for batch, row, column in places(
            _all(facts.batch), _all(facts.rows), _all(facts.columns)
        ):
            if tuple(facts.out(batch, row, column)) == index:
                break
        found = []
        for inner in _all(facts.inner):
            left = self._at(
                event, facts.left.position, facts.left.index(batch, row, inner)
            )
            right = self._at(
                event, facts.right.position, facts.right.index(batch, column, inner)
            )
            if left is not None and right is not None:
                found.append((left, right))
        return found

    # What a number is made of ---------------------------------------------------------

    def _leaf(self, quantity: int, index: Index) -> None:
        name = self.address(quantity, index)
        number = self.number(quantity, index)
        self.leaves.append((quantity, index))
        constant = self.step.structure.quantities[quantity].role == "constant"
        self.cells[quantity, index] = Value(
            number, name=None if constant else name, requires_grad=not constant
        )

    def _needs(self, quantity: int, index: Index) -> list[Any] | None:
        """The numbers that one is made of; None where the expansion ends."""
        event = self.makers.get(quantity)
        if event is None or event.deed.definition is None:
            return None
        if self.layer is not None and not _inside(event.layer, self.layer):
            return None
        op, shapes = event.deed.definition, [q.shape for q in event.inputs]
        given = event.deed.given or {}
        if op.kind == "elementwise":
            return [
                (i, _broadcast(index, shape))
                for i, shape in zip(event.deed.inputs, shapes, strict=True)
            ]
        if op.kind == "contraction":
            pairs = self.terms(quantity, index)
            return [key for pair in pairs for key in pair]
        if op.kind == "reduction" and op.facts.over is not None:
            over = op.facts.over(shapes[0], **given)
            return [(event.deed.inputs[0], i) for i in _reduced(index, shapes[0], over)]
        if op.kind == "movement":
            return self._moved(event, index, shapes, given)
        return None

    def _moved(
        self, event: Event, index: Index, shapes: Any, given: Any
    ) -> list[Any] | None:
        """Where the number of a movement comes from; nowhere means zero."""
        facts = event.deed.definition.facts
        if facts.source is None:
            flat = int(np.ravel_multi_index(index, event.output.shape))
            place = tuple(map(int, np.unravel_index(flat, shapes[0])))
            return [(event.deed.inputs[0], place)]
        source = facts.source(index, *shapes, **given)
        several = source if isinstance(source, list) else [source]
        found = [self._at(event, k, place) for k, place in enumerate(several)]
        return [key for key in found if key is not None][:1]

    def _at(self, event: Event, position: int, place: Any) -> Any:
        """The key of a number of an input; None outside of it, where there is zero."""
        if isinstance(place, Where):
            if any(value % modulus for value, modulus in place.divisible):
                return None
            place = place.index
        shape = event.inputs[position].shape
        index = tuple(int(i) for i in place)
        if not all(0 <= i < n for i, n in zip(index, shape, strict=True)):
            return None
        return event.deed.inputs[position], index

    def _computed(self, quantity: int, index: Index) -> Value:
        event = self.makers[quantity]
        op, needs = event.deed.definition, self._needs(quantity, index) or []
        cells = [self.cells[key] for key in needs]
        if op.kind == "contraction":
            multiply, add = REGISTRY["mul"], REGISTRY["add"]
            pairs = [
                multiply(a, b) for a, b in zip(cells[::2], cells[1::2], strict=True)
            ]
            return _combined(add, pairs)
        if op.kind == "reduction":
            return _combined(REGISTRY[op.facts.combine], cells)
        if op.kind == "movement":
            return cells[0] if cells else Value(0.0)
        if op.name == "cast":  # floats of any width are one float here
            return cells[0]
        out: Value = op(*cells, **(event.deed.given or {}))
        return out


def _combined(op: Any, cells: list[Any]) -> Value:
    if not cells:
        return Value(0.0)
    out = cells[0]
    for cell in cells[1:]:
        out = op(out, cell)
    return out  # type: ignore[no-any-return]


def _inside(layer: str, home: str) -> bool:
    return not home or layer == home or layer.startswith(f"{home}.")


def _all(lengths: tuple[int, ...]) -> list[Index]:
    return list(places(*map(range, lengths)))


def _broadcast(index: Index, shape: Index) -> Index:
    own = index[len(index) - len(shape) :]
    return tuple(0 if n == 1 else i for i, n in zip(own, shape, strict=True))


def _reduced(index: Index, shape: Index, over: Any) -> list[Index]:
    """The numbers that a reduction puts together in one place of its result."""
    over = {d % len(shape) for d in over} if shape else set()
    own = list(index)
    if len(own) == len(shape):  # keepdim
        own = [i for d, i in enumerate(own) if d not in over]
    fixed = iter(own)
    ranges = [range(n) if d in over else [next(fixed)] for d, n in enumerate(shape)]
    return list(places(*ranges))
