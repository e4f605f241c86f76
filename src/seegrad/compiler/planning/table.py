"""The table of a step: which kernel runs when, on what, and who waits before it.

The native step goes through the table row by row. A row with little work is done by one
thread alone; whoever touches what others have touched since all last met waits for
them; and before the first update everyone looks whether a check has failed.
"""

from __future__ import annotations

from dataclasses import dataclass

from seegrad.compiler.planning.kernels import Kernel
from seegrad.compiler.planning.memory import Layout, Place
from seegrad.compiler.planning.schedule import Schedule
from seegrad.compiler.programs.program import Term

WORDS = 3  # in a row: its bits, its function, where its places begin
WAIT, ALONE, CHECK = 1, 2, 4  # what to do before a row of the table, as bits
SMALL = 100_000  # additions, from which work is shared out among threads

Block = tuple[int, int, int]  # a slot, and from where to where behind its pointer


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
        small = row.work < SMALL
        clash = _meet(reads, written) or _meet(writes, written) or _meet(writes, read)
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

    def block(term: Term) -> Block:
        slot, offset = layout.places[term]
        return slot, offset, offset + max(term.size * term.dtype.itemsize, 1)

    read = [term for _, term, _ in schedule.reads[row.kernel]]
    reads = [block(term) for term in read if term in layout.places]
    return reads, [block(item.term) for item in row.kernel.items if item.stored]


def _meet(some: list[Block], others: list[Block]) -> bool:
    """Whether any two blocks of memory overlap."""
    return any(
        a[0] == b[0] and a[1] < b[2] and b[1] < a[2] for a in some for b in others
    )
