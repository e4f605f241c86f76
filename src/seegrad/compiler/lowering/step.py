"""The native step: every thread goes through the table, row by row.

A row says which kernel is called with which places, and what comes before: to wait for
all others, to look at the checks, or to leave the work to one thread. A slot holds the
address of a pointer, which Python sets before each run.
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
    SCRATCH,
    STATUS,
    STRIDE,
    TABLE,
    Place,
)
from seegrad.compiler.planning.table import ALONE, CHECK, WAIT, WORDS
from seegrad.compiler.registers.loops import INDEX, POINTER, Loops

BYTE = ir.IntType(8)


def slot(loops: Loops, slots: Any, number: Any) -> Any:
    """The pointer that a slot leads to."""
    b = loops.builder
    address = b.gep(slots, [loops.count(number)], source_etype=POINTER)
    place = b.load(address, typ=POINTER, align=8)
    return b.load(place, typ=POINTER, align=8)


def behind(loops: Loops, pointer: Any, offset: Any) -> Any:
    """The pointer so many bytes further."""
    return loops.builder.gep(pointer, [offset], source_etype=BYTE)


class StepWriter:
    """Writes ``step(slots, thread, threads)``, which calls the kernels of a module."""

    def __init__(
        self,
        module: ir.Module,
        kernels: list[tuple[ir.Function, bool]],  # with whether it is straight
        checks: list[Place],
    ) -> None:
        kind = ir.FunctionType(ir.VoidType(), [POINTER, INDEX, INDEX])
        step = ir.Function(module, kind, "step")
        self.kernels, self.checks = kernels, checks
        self.slots, self.thread, self.threads = step.args
        self.loops = Loops(step)
        self.builder = self.loops.builder

    def write(self) -> None:
        """From the row BEGIN up to, not including, the row END."""
        self.table, self.places = self._slot(TABLE), self._slot(PLACES)
        self.pool, self.status = self._slot(POOL), self._slot(STATUS)
        ends = [self.builder.ptrtoint(self._slot(k), INDEX) for k in (BEGIN, END)]
        self.loops.loop(ends[0], ends[1], self._row)
        self.builder.ret_void()

    def _slot(self, number: Any) -> Any:
        """The pointer that a slot leads to."""
        return slot(self.loops, self.slots, number)

    def _word(self, words: Any, k: Any) -> Any:
        address = self.builder.gep(words, [k], source_etype=INDEX)
        return self.builder.load(address, typ=INDEX, align=8)

    def _row(self, row: Any) -> None:
        b, loops = self.builder, self.loops
        begin = b.mul(row, loops.count(WORDS))
        bits, number, offset = (
            self._word(self.table, b.add(begin, loops.count(k))) for k in range(WORDS)
        )

        def is_set(bit: int) -> Any:
            return b.icmp_signed("!=", b.and_(bits, loops.count(bit)), loops.count(0))

        with loops.when(is_set(WAIT)):
            emit_barrier(loops, self.pool, self.threads)
        with loops.when(is_set(CHECK)):
            bad = self._failed()
            emit_barrier(loops, self.pool, self.threads)  # before anything can change
            self._leave_if(bad)
        alone = is_set(ALONE)
        first = b.icmp_signed("==", self.thread, loops.count(0))
        with loops.when(b.or_(b.not_(alone), first)):
            own = b.select(alone, loops.count(0), self.thread)
            all_ = b.select(alone, loops.count(1), self.threads)
            self._dispatch(number, offset, own, all_)

    def _dispatch(self, number: Any, offset: Any, thread: Any, threads: Any) -> None:
        """Call the kernel of this number with its places, which begin at an offset."""
        b, count = self.builder, self.loops.count
        mine = b.mul(self.thread, b.ptrtoint(self._slot(STRIDE), INDEX))
        scratch = behind(self.loops, self._slot(SCRATCH), mine)
        here = b.gep(self.places, [offset], source_etype=INDEX)
        after = b.append_basic_block("ran")
        switch = b.switch(number, after)
        for k, (kernel, straight) in enumerate(self.kernels):
            block = b.append_basic_block(f"run_{k}")
            switch.add_case(count(k), block)
            b.position_at_end(block)
            pointers = [self.slots]
            if not straight:
                pointers = [
                    behind(
                        self.loops,
                        self._slot(self._word(here, count(2 * n))),
                        self._word(here, count(2 * n + 1)),
                    )
                    for n in range(len(kernel.args) - 4)
                ]
            b.call(kernel, [*pointers, self.status, scratch, thread, threads])
            b.branch(after)
        b.position_at_end(after)

    def _failed(self) -> Any:
        """Whether a check is false, or a position was out of range."""
        b = self.builder
        status = b.load(self.status, typ=INDEX, align=8)
        bad = b.icmp_signed("!=", status, self.loops.count(0))
        for slot, offset in self.checks:
            address = behind(self.loops, self._slot(slot), self.loops.count(offset))
            value = b.load(address, typ=BYTE, align=1)
            bad = b.or_(bad, b.icmp_signed("==", value, ir.Constant(BYTE, 0)))
        return bad

    def _leave_if(self, bad: Any) -> None:
        """End the step, for all threads alike, and say so."""
        b = self.builder
        stop, go_on = b.append_basic_block("stop"), b.append_basic_block("go_on")
        b.cbranch(bad, stop, go_on)
        b.position_at_end(stop)
        b.store(self.loops.count(2), self.status, align=8)
        b.ret_void()
        b.position_at_end(go_on)
