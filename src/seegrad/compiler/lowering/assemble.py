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
from seegrad.compiler.lowering.outline import outlined
from seegrad.compiler.lowering.step import StepWriter, behind, slot
from seegrad.compiler.machine.host import host
from seegrad.compiler.machine.version import compiler_version
from seegrad.compiler.planning.functions import Function
from seegrad.compiler.planning.kernels import Kernel, ProductKernel
from seegrad.compiler.planning.memory import Layout
from seegrad.compiler.planning.schedule import Schedule
from seegrad.compiler.planning.table import Row, check_places, set_bits
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
        self.checks = check_places(schedule, layout)
        self.known: dict[Any, int] = {}  # the number of a function, by its description
        self.unwritten: list[Function] = []
        self.machine = host()

    def assemble(self) -> Assembly:
        """The table, and what is needed to write the code."""
        rows = [self._row(kernel) for kernel in self.schedule.kernels]
        set_bits(rows, self.schedule, self.layout)
        description = None
        if all(function.is_known for function in self.unwritten):
            description = f"{compiler_version()} {self.checks} {list(self.known)}"
        return Assembly(rows, len(self.known), description, self.emit)

    def _row(self, kernel: Kernel) -> Row:
        function = Function(kernel, self.layout)
        number = self.known.setdefault(function.description, len(self.known))
        if number == len(self.unwritten):
            self.unwritten.append(function)
        return Row(kernel, number, function.places, 0, function.work)

    def emit(self) -> tuple[ir.Module, int]:
        """The module with a function for every kernel, and with the step."""
        self.module, self.scratch = ir.Module("step"), 64
        kernels = [
            (self._written(number, function), function.kernel.is_straight)
            for number, function in enumerate(self.unwritten)
        ]
        StepWriter(self.module, kernels, self.checks).write()
        return self.module, self.scratch

    def _written(self, number: int, function: Function) -> ir.Function:
        """kernel(places, status, scratch, thread, threads): the code of a kernel.

        One that is straight gets the slots in place of hundreds of pointers.
        """
        straight = function.kernel.is_straight
        count = 1 if straight else len(function.places)
        kinds = [POINTER] * (count + 2) + [INDEX, INDEX]
        kind = ir.FunctionType(ir.VoidType(), kinds)
        code = ir.Function(self.module, kind, f"kernel_{number}")
        code.linkage = "internal"
        code.attributes.add("noinline")
        for argument in code.args[:-2]:
            argument.add_attribute("noalias")
        *pointers, status, scratch, thread, threads = code.args
        loops = Loops(code)
        if straight:
            (slots,) = pointers
            pointers = [slot(loops, slots, place.slot) for place in function.places]
        at = dict(zip(function.places, pointers, strict=True))
        memory = {
            term: behind(loops, at[view.place], loops.count(view.offset))
            if view.offset
            else at[view.place]
            for term, view in function.views.items()
        }
        strides = {term: view.strides for term, view in function.views.items()}
        access = Access(loops, memory, strides, status)
        self._write(access, function.kernel, scratch, thread, threads)
        if straight:
            self.scratch = max(self.scratch, outlined(code, scratch))
        loops.builder.ret_void()
        return code

    def _write(
        self, access: Access, kernel: Kernel, scratch: Any, thread: Any, threads: Any
    ) -> None:
        if kernel.kind != "scatter" and any(a.length == 0 for a in kernel.outer):
            return
        if kernel.kind == "loop":
            LoopWriter(access, kernel, self.machine.lanes).write(thread, threads)
        elif kernel.kind == "scatter":
            lanes = self.machine.lanes(kernel.items[0].term.dtype.itemsize)
            ScatterWriter(access, kernel, lanes).write(thread, threads)
        elif isinstance(kernel, ProductKernel):
            writer = product_writer(access, kernel, self.machine)
            self.scratch = max(self.scratch, writer.scratch_bytes())
            writer.write(thread, threads, scratch)
