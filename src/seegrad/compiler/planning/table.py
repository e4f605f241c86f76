"""The table of a step: which kernel runs when, on what, and who waits before it.

The native step goes through the table row by row. A row with little work is done by one
thread alone; whoever touches what others have touched since all last met waits for
them; and before the first update everyone looks whether a check has failed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from seegrad.compiler.planning.kernels import Kernel
from seegrad.compiler.planning.memory import Layout, Place
from seegrad.compiler.planning.schedule import Schedule
from seegrad.compiler.programs.program import Term

WORDS = 3  # in a row: its bits, its function, where its places begin
WAIT, ALONE, CHECK = 1, 2, 4  # what to do before a row of the table, as bits
SMALL = 100_000  # additions, from which work is shared out among threads


class Block(NamedTuple):
    """Where a term lies: behind the pointer of a slot, from where to where.

    A part of a whole may be spread over all of it, in ``around``.
    """

    slot: int
    own: tuple[int, int]
    whole: Term
    around: tuple[int, int]


@dataclass(eq=False)
class Row:
    """One line of the table: a kernel, its function, its places, and its bits."""

    kernel: Kernel
    function: int
    places: list[Place]
    bits: int
    work: int


def words(rows: list[Row], checked: bool) -> tuple[list[int], list[int]]:
    """The table and the places as the native step reads them.

    A step with checks that updates nothing has a last row only to look at them.
    """
    table: list[int] = []
    places: list[int] = []
    for row in rows:
        table += [row.bits, row.function, len(places)]
        places += [number for place in row.places for number in place]
    if checked and not any(row.bits & CHECK for row in rows):
        table += [WAIT | CHECK, len(rows), 0]  # there is no function of this number
    return table, places


def set_bits(rows: list[Row], schedule: Schedule, layout: Layout) -> None:
    """Who waits, who works alone, and where the checks are looked at."""
    written: list[Block] = []
    read: list[Block] = []
    shared = False  # whether several threads have worked since all last met
    for number, row in enumerate(rows):
        reads, writes = _touched(row, schedule, layout)
        small = row.work < SMALL or row.kernel.is_straight
        clash = meet(reads, written) or meet(writes, written) or meet(writes, read)
        check = number == schedule.first_update and bool(check_places(schedule, layout))
        if check or (clash and (shared or not small)):
            row.bits |= WAIT
            written, read, shared = [], [], False
        if check:
            row.bits |= CHECK
        if small:
            row.bits |= ALONE
        shared = shared or not small
        written, read = written + writes, read + reads


def check_places(schedule: Schedule, layout: Layout) -> list[Place]:
    """Where the results of the checks lie."""
    return [layout.places[t] for t in schedule.checks if t in layout.places]


def _touched(
    row: Row, schedule: Schedule, layout: Layout
) -> tuple[list[Block], list[Block]]:
    """The blocks of memory that a row reads, and those that it writes."""
    read = [term for _, term, _ in schedule.reads[row.kernel]]
    reads = [block(term, layout) for term in read if term in layout.places]
    stored = [item.term for item in row.kernel.items if item.stored]
    return reads, [block(term, layout) for term in stored]


def block(term: Term, layout: Layout) -> Block:
    """The memory of a term."""

    def ends(x: Term) -> tuple[int, int]:
        begin = layout.places[x].offset
        return begin, begin + max(x.size * x.dtype.itemsize, 1)

    whole = layout.wholes.get(term, term)
    return Block(layout.places[term].slot, ends(term), whole, ends(whole))


def meet(some: list[Block], others: list[Block]) -> bool:
    """Whether any two blocks of memory overlap."""
    return any(_overlap(a, b) for a in some for b in others if a.slot == b.slot)


def _overlap(a: Block, b: Block) -> bool:
    """Whether they do, in one slot; two parts of a whole are looked at more closely."""
    alike = a.whole is b.whole
    (begin, end), (start, stop) = (a.own, b.own) if alike else (a.around, b.around)
    return begin < stop and start < end
