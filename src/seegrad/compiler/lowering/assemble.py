"""Assembling: kernels become functions, and a table says which runs when on what.

Kernels that differ only in where their numbers lie share one function, so a network of
a hundred equal steps is no more code than one. Nothing is written before it is known
that the code is not there already, from an earlier run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from llvmlite import ir

from seegrad.compiler.lowering.access import Access
from seegrad.compiler.lowering.choose_product import product_writer
from seegrad.compiler.lowering.lower import LoopWriter
from seegrad.compiler.lowering.lower_other import ScatterWriter
from seegrad.compiler.machine.host import host
from seegrad.compiler.planning.describe import described, is_known, work
from seegrad.compiler.planning.kernels import Kernel
from seegrad.compiler.planning.memory import SCRATCH, STATUS, STRIDE, Layout, Place
from seegrad.compiler.planning.schedule import Schedule
from seegrad.compiler.planning.table import Row, check_places, emit_step, set_bits, slot
from seegrad.compiler.planning.version import compiler_version
from seegrad.compiler.planning.views import View, loaded
from seegrad.compiler.products.product import Target
from seegrad.compiler.programs.program import Term
from seegrad.compiler.registers.loops import INDEX, POINTER, Loops


@dataclass(eq=False)
class Assembly:
    """The table of a step, how many functions it has, and their code when asked for.

    ``description`` names the code; it is None where only the code itself can.
    """

    rows: list[Row]
    functions: int
    description: str | None
    emit: Callable[[], tuple[ir.Module, int]]  # the module, and scratch bytes a thread


class Assembler:
    """Builds the module of one schedule."""

    def __init__(self, schedule: Schedule, layout: Layout) -> None:
        self.schedule, self.layout = schedule, layout
        self.known: dict[Any, int] = {}
        self.unwritten: list[tuple[Kernel, dict[Term, View], list[Place]]] = []
        machine = host()
        self.lanes = machine.lanes
        self.target = Target(
            machine.vector_bytes,
            machine.vector_registers,
            machine.level_1,
            machine.level_2,
        )

    def assemble(self) -> Assembly:
        """The table, and what is needed to write the code."""
        rows = [self._row(kernel) for kernel in self.schedule.kernels]
        set_bits(rows, self.schedule, self.layout)
        checks = check_places(self.schedule, self.layout)
        description = None
        if all(is_known(kernel, terms) for kernel, terms, _ in self.unwritten):
            description = f"{compiler_version()} {checks} {list(self.known)}"
        return Assembly(rows, len(self.known), description, self.emit)

    def _row(self, kernel: Kernel) -> Row:
        terms = loaded(kernel, self.layout)
        places = list(dict.fromkeys(view.place for view in terms.values()))
        key = described(kernel, terms, places)
        if key not in self.known:
            self.known[key] = len(self.known)
            self.unwritten.append((kernel, terms, places))
        return Row(kernel, self.known[key], places, 0, work(kernel))

    def emit(self) -> tuple[ir.Module, int]:
        """The module with a function for every kernel, and with the step."""
        self.module, self.scratch = ir.Module("step"), 64
        entries = [
            self._function(number, *kernel)
            for number, kernel in enumerate(self.unwritten)
        ]
        emit_step(self.module, entries, check_places(self.schedule, self.layout))
        return self.module, self.scratch

    def _function(
        self,
        number: int,
        kernel: Kernel,
        terms: dict[Term, View],
        places: list[Place],
    ) -> Any:
        """The function of a kernel, and its entry, which fetches the pointers."""
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
        else:
            writer = product_writer(access, kernel, self.target)
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

        def behind(pointer: Any, offset: Any) -> Any:
            return b.gep(pointer, [offset], source_etype=ir.IntType(8))

        def word(k: int) -> Any:
            address = b.gep(places, [loops.count(k)], source_etype=INDEX)
            return b.load(address, typ=INDEX, align=8)

        pointers = [
            behind(slot(loops, slots, word(2 * k)), word(2 * k + 1))
            for k in range(count)
        ]
        mine = b.mul(who, b.ptrtoint(slot(loops, slots, STRIDE), INDEX))
        scratch = behind(slot(loops, slots, SCRATCH), mine)
        status = slot(loops, slots, STATUS)
        b.call(function, [*pointers, status, scratch, thread, threads])
        b.ret_void()
        return entry
