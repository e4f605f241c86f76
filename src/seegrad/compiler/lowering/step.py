"""The native step: every thread goes through the table, row by row.

A row says which kernel is called with which places, and what comes before: to wait for
all others, to look at the checks, or to leave the work to one thread.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from seegrad.compiler.machine.pool import emit_barrier
from seegrad.compiler.planning.memory import (
    BEGIN,
    END,
    PLACES,
    POOL,
    STATUS,
    TABLE,
    Place,
)
from seegrad.compiler.planning.table import ALONE, CHECK, WAIT, WORDS
from seegrad.compiler.registers.loops import INDEX, POINTER, Loops


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
