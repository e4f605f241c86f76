"""The table of a step: which kernel runs when, on what, and who waits before it.

The native step goes through the table row by row. A row with little work is done by one
thread alone; whoever touches what others have touched since all last met waits for
them; and before the first update everyone looks whether a check has failed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from llvmlite import ir

from seegrad.compiler.machine.pool import emit_barrier
from seegrad.compiler.planning.kernels import Kernel
from seegrad.compiler.planning.memory import (
    BEGIN,
    END,
    PLACES,
    POOL,
    STATUS,
    TABLE,
    Layout,
    Place,
)
from seegrad.compiler.planning.schedule import Schedule
from seegrad.compiler.programs.program import Term
from seegrad.compiler.registers.loops import INDEX, POINTER, Loops

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
        small = row.work < SMALL or row.kernel.is_straight
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

    reads = [
        block(term)
        for _, term, _ in schedule.reads[row.kernel]
        if term in layout.places
    ]
    return reads, [block(item.term) for item in row.kernel.items if item.stored]


def _meet(some: list[Any], others: list[Any]) -> bool:
    """Whether any two blocks of memory overlap."""
    return any(
        a[0] == b[0] and a[1] < b[2] and b[1] < a[2] for a in some for b in others
    )


def emit_step(module: ir.Module, entries: list[Any], checks: list[Place]) -> None:
    """Add ``step(slots, thread, threads)``: it goes through the table."""
    kind = ir.FunctionType(ir.VoidType(), [POINTER, INDEX, INDEX])
    step = ir.Function(module, kind, "step")
    slots, thread, threads = step.args
    loops = Loops(step)
    b = loops.builder
    table, places = slot(loops, slots, TABLE), slot(loops, slots, PLACES)
    pool = slot(loops, slots, POOL)

    def word(row: Any, k: int) -> Any:
        index = b.add(b.mul(row, loops.count(WORDS)), loops.count(k))
        address = b.gep(table, [index], source_etype=INDEX)
        return b.load(address, typ=INDEX, align=8)

    def is_set(bits: Any, bit: int) -> Any:
        return b.icmp_signed("!=", b.and_(bits, loops.count(bit)), loops.count(0))

    def one(row: Any) -> None:
        bits, number, offset = word(row, 0), word(row, 1), word(row, 2)
        with loops.when(is_set(bits, WAIT)):
            emit_barrier(loops, pool, threads)
        with loops.when(is_set(bits, CHECK)):
            bad = _failed(loops, slots, checks)
            emit_barrier(loops, pool, threads)  # all have looked before it can change
            _leave_if(loops, bad, slot(loops, slots, STATUS))
        alone = is_set(bits, ALONE)
        first = b.icmp_signed("==", thread, loops.count(0))
        with loops.when(b.or_(b.not_(alone), first)):
            own = b.select(alone, loops.count(0), thread)
            all_ = b.select(alone, loops.count(1), threads)
            here = b.gep(places, [offset], source_etype=INDEX)
            _dispatch(loops, number, entries, [slots, here, thread, own, all_])

    ends = [b.ptrtoint(slot(loops, slots, k), INDEX) for k in (BEGIN, END)]
    loops.loop(ends[0], ends[1], one)
    b.ret_void()


def slot(loops: Loops, slots: Any, number: Any) -> Any:
    """The pointer that a slot leads to: it holds the address of the pointer."""
    b = loops.builder
    address = b.gep(slots, [loops.count(number)], source_etype=POINTER)
    place = b.load(address, typ=POINTER, align=8)
    return b.load(place, typ=POINTER, align=8)


def _dispatch(
    loops: Loops, number: Any, entries: list[Any], arguments: list[Any]
) -> None:
    """Call the entry of this number."""
    b = loops.builder
    after = b.append_basic_block("ran")
    switch = b.switch(number, after)
    for k, entry in enumerate(entries):
        block = b.append_basic_block(f"run_{k}")
        switch.add_case(loops.count(k), block)
        b.position_at_end(block)
        b.call(entry, arguments)
        b.branch(after)
    b.position_at_end(after)


def _failed(loops: Loops, slots: Any, checks: list[Place]) -> Any:
    """Whether a check is false, or a position was out of range."""
    b = loops.builder
    status = slot(loops, slots, STATUS)
    bad = b.icmp_signed("!=", b.load(status, typ=INDEX, align=8), loops.count(0))
    byte = ir.IntType(8)
    for place in checks:
        begin = slot(loops, slots, place.slot)
        address = b.gep(begin, [loops.count(place.offset)], source_etype=byte)
        value = b.load(address, typ=byte, align=1)
        bad = b.or_(bad, b.icmp_signed("==", value, ir.Constant(byte, 0)))
    return bad


def _leave_if(loops: Loops, bad: Any, status: Any) -> None:
    """End the step, for all threads alike, and say so."""
    b = loops.builder
    stop, go_on = b.append_basic_block("stop"), b.append_basic_block("go_on")
    b.cbranch(bad, stop, go_on)
    b.position_at_end(stop)
    b.store(loops.count(2), status, align=8)
    b.ret_void()
    b.position_at_end(go_on)
