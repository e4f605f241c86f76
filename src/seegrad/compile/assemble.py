"""Assembling: kernels become functions, and a table says which runs when on what.

Kernels that differ only in where their numbers lie share one function, so a network of
a hundred equal steps is no more code than one. The step itself is a short loop over the
table: wait for the others if need be, run the kernel, go on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from llvmlite import ir

from seegrad.compile.access import Access
from seegrad.compile.host import host
from seegrad.compile.loops import INDEX, POINTER, Loops
from seegrad.compile.lower import LoopWriter
from seegrad.compile.lower_other import PlainProduct, ScatterWriter
from seegrad.compile.lower_product import ProductWriter
from seegrad.compile.lower_window import window_writer
from seegrad.compile.memory import (
    BEGIN,
    END,
    POOL,
    SCRATCH,
    STATUS,
    STRIDE,
    Layout,
    Place,
)
from seegrad.compile.plan import Kernel
from seegrad.compile.pool import emit_barrier
from seegrad.compile.product import Target
from seegrad.compile.program import Term
from seegrad.compile.schedule import Schedule
from seegrad.compile.simplify import _frozen
from seegrad.compile.views import View, loaded
from seegrad.compile.weigh import weight

WAIT, ALONE, CHECK = 1, 2, 4  # what to do before a row of the table, as bits
SMALL = 20_000  # additions, from which work is shared out among threads


@dataclass(eq=False)
class Row:
    """One line of the table: a kernel, its function, its places, and its bits."""

    kernel: Kernel
    function: int
    places: list[Place]
    bits: int
    work: int


@dataclass(eq=False)
class Assembly:
    """A module with a function ``step``, its table, and what it needs to run."""

    module: ir.Module
    rows: list[Row]
    scratch_bytes: int
    functions: int


class Assembler:
    """Builds the module of one schedule."""

    def __init__(self, schedule: Schedule, layout: Layout) -> None:
        self.schedule, self.layout = schedule, layout
        self.module = ir.Module("step")
        self.known: dict[Any, int] = {}
        self.entries: list[ir.Function] = []
        self.scratch = 64
        machine = host()
        self.lanes = machine.lanes
        self.target = Target(
            machine.vector_bytes,
            machine.vector_registers,
            machine.level_1,
            machine.level_2,
        )

    def assemble(self) -> Assembly:
        """The module and the table."""
        rows = [self._row(kernel) for kernel in self.schedule.kernels]
        self._set_bits(rows)
        self._step(rows)
        return Assembly(self.module, rows, self.scratch, len(self.entries))

    def _row(self, kernel: Kernel) -> Row:
        terms = loaded(kernel, self.layout)
        places = list(dict.fromkeys(view.place for view in terms.values()))
        key = _described(kernel, terms, places)
        if key not in self.known:
            self.known[key] = len(self.entries)
            self.entries.append(self._function(kernel, terms, places))
        return Row(kernel, self.known[key], places, 0, _work(kernel))

    def _function(
        self, kernel: Kernel, terms: dict[Term, View], places: list[Place]
    ) -> Any:
        """The function of a kernel, and its entry, which fetches the pointers."""
        number = len(self.entries)
        kinds = [POINTER] * (len(places) + 2) + [INDEX, INDEX]
        kind = ir.FunctionType(ir.VoidType(), kinds)
        function = ir.Function(self.module, kind, f"kernel_{number}")
        function.linkage = "internal"
        function.attributes.add("noinline")
        for argument in function.args[:-2]:
            argument.add_attribute("noalias")
        *pointers, status, scratch, thread, threads = function.args
        at = dict(zip(places, pointers, strict=True))
        memory = {term: at[view.place] for term, view in terms.items()}
        loops = Loops(function)
        access = Access(loops, memory, status)
        access.strides = {t: view.strides for t, view in terms.items() if view.strides}
        self._write(access, kernel, scratch, thread, threads)
        loops.builder.ret_void()
        return self._entry(number, function, len(places))

    def _write(
        self, access: Access, kernel: Kernel, scratch: Any, thread: Any, threads: Any
    ) -> None:
        if kernel.kind != "scatter" and any(a.length == 0 for a in kernel.outer):
            return
        if kernel.kind == "loop":
            LoopWriter(access, kernel, self.lanes).write(thread, threads)
        elif kernel.kind == "scatter":
            lanes = self.lanes(kernel.items[0].term.dtype.itemsize)
            ScatterWriter(access, kernel, lanes).write(thread, threads)
        elif _is_plain(kernel):
            PlainProduct(access, kernel).write(thread, threads)
        else:
            writer: Any = ProductWriter(access, kernel, self.target)
            if not writer.straight:
                writer = window_writer(access, kernel, self.target) or writer
            self.scratch = max(self.scratch, writer.scratch_bytes())
            writer.write(thread, threads, scratch)

    def _entry(self, number: int, function: Any, count: int) -> Any:
        """entry(slots, places, thread, threads): calls the kernel with its pointers."""
        kind = ir.FunctionType(ir.VoidType(), [POINTER, POINTER, INDEX, INDEX, INDEX])
        entry = ir.Function(self.module, kind, f"entry_{number}")
        entry.linkage = "internal"
        slots, places, who, thread, threads = entry.args
        loops = Loops(entry)
        b = loops.builder

        def slot(index: Any) -> Any:
            return self._slot(loops, slots, index)

        def behind(pointer: Any, offset: Any) -> Any:
            return b.gep(pointer, [offset], source_etype=ir.IntType(8))

        def word(k: int) -> Any:
            address = b.gep(places, [loops.count(k)], source_etype=INDEX)
            return b.load(address, typ=INDEX, align=8)

        pointers = [behind(slot(word(2 * k)), word(2 * k + 1)) for k in range(count)]
        mine = b.mul(who, b.ptrtoint(slot(loops.count(STRIDE)), INDEX))
        scratch = behind(slot(loops.count(SCRATCH)), mine)
        status = slot(loops.count(STATUS))
        b.call(function, [*pointers, status, scratch, thread, threads])
        b.ret_void()
        return entry

    # The table ----------------------------------------------------------------------

    def _set_bits(self, rows: list[Row]) -> None:
        """Who waits: whoever touches what others touched since all last met."""
        written: list[tuple[Any, int, int]] = []
        read: list[tuple[Any, int, int]] = []
        shared = False
        for number, row in enumerate(rows):
            reads, writes = self._touched(row)
            small = row.work < SMALL
            clash = (
                _meet(reads, written) or _meet(writes, written) or _meet(writes, read)
            )
            check = number == self.schedule.first_update and bool(self._checks())
            if check or (clash and (shared or not small)):
                row.bits |= WAIT
                written, read, shared = [], [], False
            if check:
                row.bits |= CHECK
            if small:
                row.bits |= ALONE
            shared = shared or not small
            written, read = written + writes, read + reads

    def _checks(self) -> list[Place]:
        return [self.layout.places[t] for t in self.schedule.checks if t in self.layout.places]

    def _touched(self, row: Row) -> tuple[list[Any], list[Any]]:
        reads, writes = [], []
        for _, term, _ in self.schedule.reads[row.kernel]:
            if term in self.layout.places:
                reads.append(self._block(term))
        for item in row.kernel.items:
            if item.stored:
                writes.append(self._block(item.term))
        return reads, writes

    def _block(self, term: Term) -> tuple[int, int, int]:
        slot, offset = self.layout.places[term]
        return slot, offset, offset + max(term.size * term.dtype.itemsize, 1)

    def _step(self, rows: list[Row]) -> None:
        """step(slots, thread, threads): goes through the table."""
        table, places = self._table(rows), self._places(rows)
        kind = ir.FunctionType(ir.VoidType(), [POINTER, INDEX, INDEX])
        step = ir.Function(self.module, kind, "step")
        slots, thread, threads = step.args
        loops = Loops(step)
        b = loops.builder
        pool = self._slot(loops, slots, POOL)
        status = self._slot(loops, slots, STATUS)

        def word(row: Any, k: int) -> Any:
            index = b.add(b.mul(row, loops.count(3)), loops.count(k))
            address = b.gep(table, [index], source_etype=INDEX)
            return b.load(address, typ=INDEX, align=8)

        def is_set(bits: Any, bit: int) -> Any:
            return b.icmp_signed("!=", b.and_(bits, loops.count(bit)), loops.count(0))

        def one(row: Any) -> None:
            bits, number, offset = word(row, 0), word(row, 1), word(row, 2)
            with loops.when(is_set(bits, WAIT)):
                emit_barrier(loops, pool, threads)
            with loops.when(is_set(bits, CHECK)):
                self._look(loops, slots, status, thread, threads, pool)
            alone = is_set(bits, ALONE)
            first = b.icmp_signed("==", thread, loops.count(0))
            with loops.when(b.or_(b.not_(alone), first)):
                own = b.select(alone, loops.count(0), thread)
                all_ = b.select(alone, loops.count(1), threads)
                here = b.gep(places, [offset], source_etype=INDEX)
                self._dispatch(loops, number, [slots, here, thread, own, all_])

        ends = [b.ptrtoint(self._slot(loops, slots, k), INDEX) for k in (BEGIN, END)]
        loops.loop(*ends, one)
        b.ret_void()

    def _dispatch(self, loops: Loops, number: Any, arguments: list[Any]) -> None:
        b = loops.builder
        after = b.append_basic_block("ran")
        switch = b.switch(number, after)
        for k, entry in enumerate(self.entries):
            block = b.append_basic_block(f"run_{k}")
            switch.add_case(loops.count(k), block)
            b.position_at_end(block)
            b.call(entry, arguments)
            b.branch(after)
        b.position_at_end(after)

    def _look(
        self, loops: Loops, slots: Any, status: Any, thread: Any, threads: Any, pool: Any
    ) -> None:
        """Leave the step, all threads together, if a check has failed."""
        b = loops.builder
        bad = b.icmp_signed("!=", b.load(status, typ=INDEX, align=8), loops.count(0))
        for slot, offset in self._checks():
            place = b.gep(
                self._slot(loops, slots, slot),
                [loops.count(offset)],
                source_etype=ir.IntType(8),
            )
            value = b.load(place, typ=ir.IntType(8), align=1)
            bad = b.or_(bad, b.icmp_signed("==", value, ir.Constant(ir.IntType(8), 0)))
        del thread, threads, pool
        with loops.when(bad):
            b.store(loops.count(2), status, align=8)
            stop = b.append_basic_block("stop")
            go_on = b.append_basic_block("unreached")
            b.branch(stop)
            b.position_at_end(stop)
            b.ret_void()
            b.position_at_end(go_on)

    @staticmethod
    def _slot(loops: Loops, slots: Any, number: Any) -> Any:
        """The pointer that a slot leads to: it holds the address of the pointer."""
        b = loops.builder
        address = b.gep(slots, [loops.count(number)], source_etype=POINTER)
        place = b.load(address, typ=POINTER, align=8)
        return b.load(place, typ=POINTER, align=8)

    def _table(self, rows: list[Row]) -> Any:
        numbers, offset = [], 0
        for row in rows:
            numbers += [row.bits, row.function, offset]
            offset += 2 * len(row.places)
        return self._global("table", numbers)

    def _places(self, rows: list[Row]) -> Any:
        return self._global(
            "places", [n for row in rows for place in row.places for n in place]
        )

    def _global(self, name: str, numbers: list[int]) -> Any:
        kind = ir.ArrayType(INDEX, max(len(numbers), 1))
        found = ir.GlobalVariable(self.module, kind, name)
        found.linkage, found.global_constant = "internal", True
        found.initializer = ir.Constant(kind, numbers or [0])
        return found


def _is_plain(kernel: Kernel) -> bool:
    assert kernel.product is not None
    empty = any(n == 0 for n in kernel.product.inner)
    return kernel.items[0].term.dtype.kind != "f" or empty


def _meet(some: list[Any], others: list[Any]) -> bool:
    """Whether any two blocks of memory overlap."""
    return any(
        a[0] == b[0] and a[1] < b[2] and b[1] < a[2] for a in some for b in others
    )


def _work(kernel: Kernel) -> int:
    """How much there is to do, in additions of a vector of numbers."""
    size = 1
    for axis in kernel.axes:
        size *= axis.length
    total = 0
    for item in kernel.items:
        each = 2
        if item.term.kind == "elementwise" and item.term.op is not None:
            each += weight(item.term.op, len(item.term.inputs), item.term.settings)
        if item.term.kind == "contraction" and kernel.product is not None:
            inner = 1
            for n in kernel.product.inner:
                inner *= n
            each += inner
        total += each * size
    return total


def _described(kernel: Kernel, terms: dict[Term, View], places: list[Place]) -> Any:
    """All that the code of a kernel depends on; where its numbers lie is not."""
    own = {item.term for item in kernel.items}
    order: list[Any] = []
    seen: dict[Term, int] = {}

    def memory(term: Term) -> Any:
        view = terms.get(term)
        if view is None:
            return None
        return places.index(view.place), view.strides, term.shape, term.dtype

    def visit(term: Term, top: bool) -> Any:
        if term.number is not None:
            return "number", repr(term.number), term.shape, term.dtype
        if term in terms and not top and term not in own:
            return "memory", memory(term)
        if term not in seen:
            inputs = tuple(visit(x, False) for x in term.inputs)
            seen[term] = len(seen)
            settings = tuple((k, _frozen(v)) for k, v in sorted(term.settings.items()))
            kind = term.shape, term.dtype
            order.append((term.op, settings, inputs, *kind, memory(term)))
        return seen[term]

    for item in kernel.items:
        order.append((visit(item.term, True), item.level, item.phase, item.stored))
        order.append((repr(item.index), repr(item.over)))
    inner = tuple(axis in kernel.inner for axis in kernel.axes)
    lengths = tuple((axis.name, axis.length) for axis in kernel.axes)
    return kernel.kind, lengths, inner, tuple(order)
