"""Where every kept number of a step lies: in the arena, or in an array from outside.

The arena is one block of memory. A term occupies a part of it from the kernel that
computes it to the last one that reads it; afterwards another term may lie there. What
comes from outside has a slot, a pointer that is set before each run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from seegrad.compiler.planning.schedule import Schedule
from seegrad.compiler.programs.index import strides_of
from seegrad.compiler.programs.joins import parts
from seegrad.compiler.programs.program import Term
from seegrad.compiler.tracing.sources import Argument, Array, Draw

LINE = 64  # bytes; no two terms share a line of the cache
ARENA, STATUS, SCRATCH, STRIDE, POOL, CONSTANTS, NUMBERS = range(7)
TABLE, PLACES, BEGIN, END = range(7, 11)
FIRST = 11  # slots with a fixed meaning come before


class Place(NamedTuple):
    """So many bytes behind what the pointer in a slot points to."""

    slot: int
    offset: int


@dataclass(eq=False)
class Layout:
    """The place of every term, and what the slots are for.

    ``strides`` are those of parts, whose rows are not adjacent in their whole, and
    ``wholes`` the outermost joins that parts lie in. ``outside`` are the sources and
    results with a slot of their own, in the order of their slots; ``numbers`` the
    single numbers that are read before each run.
    """

    places: dict[Term, Place] = field(default_factory=dict)
    strides: dict[Term, tuple[int, ...]] = field(default_factory=dict)
    wholes: dict[Term, Term] = field(default_factory=dict)
    outside: list[Any] = field(default_factory=list)
    numbers: list[Any] = field(default_factory=list)
    positions: dict[Any, int] = field(default_factory=dict)  # in either list
    constants: bytearray = field(default_factory=bytearray)
    arena_bytes: int = 0
    kept_bytes: int = 0

    def strides_of(self, term: Term) -> tuple[int, ...]:
        """How far the next number along each axis of a term is."""
        return self.strides.get(term) or strides_of(term.shape)

    def slot(self, source: Any) -> int:
        """The slot of a source; the same source has the same one."""
        return FIRST + self._position(source, self.outside)

    def number(self, source: Any) -> int:
        """Where a number lies behind the slot of numbers."""
        return 8 * self._position(source, self.numbers)

    def _position(self, source: Any, known: list[Any]) -> int:
        """The position of a source in a list, to which it is added if it is new."""
        position = self.positions.setdefault(source, len(known))
        if position == len(known):
            known.append(source)
        return position


def laid_out(schedule: Schedule) -> Layout:
    """A place for every leaf, goal and stored term of a schedule."""
    layout = Layout()
    for leaf in schedule.leaves:
        if leaf.is_constant:
            layout.places[leaf] = _constant(layout, leaf)
        else:
            layout.places[leaf] = _outside(layout, leaf.source)
    for goal in schedule.goals:
        layout.places[goal.term] = _outside(layout, goal.target)
    _fill_arena(layout, schedule)
    return layout


def _outside(layout: Layout, source: Any) -> Place:
    if _is_number(source):
        return Place(NUMBERS, layout.number(source))
    return Place(layout.slot(source), 0)


def _is_number(source: Any) -> bool:
    """Whether a source holds a Python number and not an array."""
    if isinstance(source, int | Argument | Array | Draw):
        return False
    return not isinstance(source.read(), np.ndarray)


def _constant(layout: Layout, leaf: Term) -> Place:
    offset = len(layout.constants)
    data = np.ascontiguousarray(leaf.data).tobytes()
    layout.constants += data + bytes(-len(data) % LINE)
    return Place(CONSTANTS, offset)


def _fill_arena(layout: Layout, schedule: Schedule) -> None:
    """First fit, in the order of computation; parts lie in their whole."""
    layout.wholes = whole = _wholes(schedule)
    last: dict[Term, int] = {}
    for number, kernel in enumerate(schedule.kernels):
        touched = [term for _, term, _ in schedule.reads[kernel]]
        touched += [item.term for item in kernel.items]
        last |= {whole.get(term, term): number for term in touched}
    last |= dict.fromkeys(schedule.checks, len(schedule.kernels))
    busy: list[tuple[int, int, int]] = []  # begin, end, last kernel
    for number, kernel in enumerate(schedule.kernels):
        busy = [block for block in busy if block[2] >= number]
        for item in kernel.items:
            term = whole.get(item.term, item.term)
            if not item.stored or term in layout.places:
                continue
            size = max(term.size * term.dtype.itemsize, 1)
            size += -size % LINE + LINE  # vector loads may begin in the last line
            begin = _gap(busy, size)
            busy.append((begin, begin + size, last[term]))
            layout.places[term] = Place(ARENA, begin)
            layout.arena_bytes = max(layout.arena_bytes, begin + size)
            layout.kept_bytes += size
            _place_parts(layout, schedule, term)


def _wholes(schedule: Schedule) -> dict[Term, Term]:
    """For each part of a join the outermost whole that it lies in."""
    above = {part: whole for whole, own in schedule.joins.items() for part in own}
    found = {}
    for part in above:
        root = part
        while root in above:
            root = above[root]
        found[part] = root
    return found


def _place_parts(layout: Layout, schedule: Schedule, whole: Term) -> None:
    if whole not in schedule.joins:
        return
    slot, begin = layout.places[whole]
    for part in parts(whole, layout.strides_of(whole)):
        offset = begin + part.offset * whole.dtype.itemsize
        layout.places[part.term] = Place(slot, offset)
        layout.strides[part.term] = part.strides
        _place_parts(layout, schedule, part.term)


def _gap(busy: list[tuple[int, int, int]], size: int) -> int:
    """The first place where so many bytes are free."""
    begin = 0
    for start, end, _ in sorted(busy):
        if start - begin >= size:
            return begin
        begin = max(begin, end)
    return begin
