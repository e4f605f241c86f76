"""What the native call has to look at, and to leave behind, for one program.

A source (a parameter, the memory of an optimizer, a learning rate) is a place in an
object of Python. Here it becomes a row in one of the tables of `caller.py`.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator
from typing import Any

import numpy as np

from seegrad.compiler.machine.caller import Caller, shape_words, unchanged
from seegrad.compiler.machine.objects import ENTRY, ITEM, NODE, WHOLE, WORD
from seegrad.compiler.tracing.call import Call
from seegrad.compiler.tracing.severed import BEFORE, SEVERED
from seegrad.compiler.tracing.sources import Count, Gradient, Memory, Number, State
from seegrad.compiler.tracing.watch import Watch
from seegrad.node import Node
from seegrad.tensor import Tensor
from seegrad.value import Value

Numbers = list[tuple[Any, int]]  # a source, and the address of what it has


class Tables(Caller):
    """The tables of one program. What is in them is kept alive here."""

    def expect(self, call: Call, own: Any, bare: Any, arrays: Any) -> list[int]:
        """Arguments must be like those of a call; ``arrays`` are the same in each run.

        Those in ``own`` are the very same, those in ``bare`` have no gradient. Where
        each pointer to numbers will lie is returned.
        """
        parts, simple = call.parts, call.is_simple
        places = call.places if simple else range(len(parts))
        rows = [
            _argument(place, part, k in own, k in bare)
            for k, (place, part) in enumerate(zip(places, parts, strict=True))
        ]
        rows += [_argument(-1, x, True, False) for x in arrays]
        fixed = [(k, call.args[k]) for k in call.fixed] if simple else []
        rows += [(k, 0, id(x), *[0] * 8) for k, x in fixed]  # that is all they are
        alive = [(type(x), np.asarray(getattr(x, "_data", x)).dtype) for x in parts]
        self.count = len(parts) + len(fixed)
        return self._pointers("arguments", rows, [alive, fixed])

    def give(self, nodes: list[Any], terms: list[Any], alone: bool) -> list[int]:
        """Results are like these nodes, and plain arrays after the last of them.

        ``alone`` means: one result and no tuple. Where each pointer to numbers will lie
        is returned.
        """
        self.singles = array("d", bytes(8 * (len(terms) or 1)))
        begin, forms = self.singles.buffer_info()[0], []
        rows = []
        for k, term in enumerate(terms):
            node = nodes[k] if k < len(nodes) else None
            single = isinstance(node, Value)
            kind = 0 if node is None else id(Value if single else Tensor)
            forms.append(None if single else (term.shape, term.dtype))
            form = 0 if single else id(forms[-1])
            needs = node is not None and node._requires_grad
            op, inputs = (SEVERED, BEFORE) if needs else (None, ())
            link = id(needs), id(op), id(inputs)
            rows.append((k, kind, form, *link, begin + 8 * k))  # as %Result
        self.call.made, self.call.alone = len(rows), alone
        return self._pointers("results", rows, forms)

    def watch(
        self,
        guards: list[Watch],
        rows: list[tuple[int, int, int, int]],
        arrays: Numbers,
        read: Numbers,
        written: Numbers,
    ) -> None:
        """From now on all is expected as it is now: the guards, arrays and numbers.

        An array is given as the source that reads it and its address; more ``rows`` are
        looked at as they are.
        """
        self.named: list[Any] = []  # the dictionaries and keys in the tables
        rows = [*rows, *(row for guard in guards for row in guard.rows)]
        for source, address in arrays:
            rows += self._dictionaries(source)
            rows += [(*place, address) for place in self._places(source)]
        for source, _ in read + written:
            rows += self._dictionaries(source)
        counts = [number for number in read if isinstance(number[0], Count)]
        others = [number for number in read if number not in counts]
        self.fill("guards", dict.fromkeys(rows), guards)
        self.fill("counts", self._kept(counts))
        self.fill("reads", self._kept(others))
        self.fill("writes", self._kept(written))
        self.call.given = self.count

    def forget(self) -> None:
        """Decline everything from now on, for the tables are out of date."""
        self.call.given = -1

    def is_watching(self) -> bool:
        """Whether all is as it was at `watch`, but for arguments and numbers."""
        return self.call.given >= 0 and unchanged(self.call.guards)

    def _pointers(self, name: str, rows: list[Any], alive: Any) -> list[int]:
        """Fill a table whose rows end with a pointer, and say where these are."""
        begin = self.fill(name, rows, alive)
        return [begin + 8 * (len(row) * (k + 1) - 1) for k, row in enumerate(rows)]

    # Where Python keeps things --------------------------------------------------------

    def _kept(self, numbers: Numbers) -> Iterator[tuple[int, ...]]:
        """The places of numbers, and where the native code keeps each."""
        for source, kept in numbers:
            for place in self._places(source):
                yield *place, kept

    def _places(self, source: Any) -> Iterator[tuple[int, int, int]]:
        """Where Python keeps what a source reads: a kind of place, an owner, a key."""
        if isinstance(source, State | Gradient):
            part = "_data" if isinstance(source, State) else "_grad"
            yield WORD, id(source.node) + NODE[part], 0
        elif isinstance(source, Number):
            key, owner = sys.intern(f"_{source.attribute}"), vars(source.owner)
            self.named += key, owner
            yield ENTRY, id(owner), id(key)
        else:
            kind = WHOLE if isinstance(source, Count) else ENTRY
            for position in _positions(source):
                yield kind, id(source.states[position]), id(source.key)

    def _dictionaries(self, source: Any) -> Iterator[tuple[int, int, int, int]]:
        """The dictionaries of an optimizer in which something is: each in its place."""
        for position in _positions(source):
            owner = source.states[position]
            self.named.append(owner)
            yield ITEM, id(source.states), position, id(owner)


def _positions(source: Any) -> list[int]:
    """Which parameters of an optimizer something is remembered for."""
    if isinstance(source, Count):
        return source.positions
    return [source.position] if isinstance(source, Memory) else []


def _argument(position: int, part: Any, own: bool, bare: bool) -> tuple[int, ...]:
    """What an argument must be, to be taken like this one: a row as %Argument."""
    flag, data, axes, shape, dtype = 0, part, 0, 0, 0
    if isinstance(part, Node):
        flag, data = id(part._requires_grad), part._data
    if isinstance(data, np.ndarray):
        axes, shape = data.ndim, shape_words(data.shape)
        # Numbers in another order of bytes are not read where they lie.
        dtype = id(data.dtype) if data.dtype.isnative else id(None)
    very = id(part) if own else 0
    noted = 0, 0, 0  # by the native code: the object, its array, where its numbers are
    return position, id(type(part)), very, flag, bare, dtype, axes, shape, *noted
