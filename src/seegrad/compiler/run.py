"""Running a compiled step: bring the pointers up to date, call, hand out the results.

Parameters are updated where they lie. Python must never see that: whoever still holds
the old array keeps it as it was, because the step moves to a copy first. That nobody
does is read off the reference counts. Usually all is as it was left, and the native
code of `machine/caller.py` sees that alone; here is what is done where it is not.
"""

from __future__ import annotations

import ctypes
from array import array
from typing import Any

import numpy as np

from seegrad import random
from seegrad.compiler.lowering.assemble import Assembler
from seegrad.compiler.machine.arrays import (
    aligned,
    check,
    owned,
    readable,
)
from seegrad.compiler.machine.build import Built, build, build_described
from seegrad.compiler.machine.objects import DATA, WORD, holders, word
from seegrad.compiler.machine.tables import Tables
from seegrad.compiler.machine.threads import get_num_threads, pool_address, team
from seegrad.compiler.planning import memory
from seegrad.compiler.planning.schedule import schedule
from seegrad.compiler.planning.table import WORDS, words
from seegrad.compiler.programs.improve import improved
from seegrad.compiler.programs.program import Program
from seegrad.compiler.tracing.call import Call
from seegrad.compiler.tracing.outcomes import NotRun, Stale
from seegrad.compiler.tracing.sources import (
    Argument,
    Array,
    Count,
    Draw,
    Gradient,
    State,
)
from seegrad.compiler.tracing.watch import Watch

NOBODY = object()  # has asked for a number of threads yet
MANY_THREADS = 1_500_000  # additions in a step, from which it runs on several threads
LONG = 300_000  # additions in a step, from which other threads of Python go on


class Native:
    """The machine code of one program, with its memory."""

    def __init__(self, program: Program, draws: list[Draw]) -> None:
        self.program = improved(program)
        self.schedule = schedule(self.program)
        self.layout = memory.laid_out(self.schedule)
        self.assembly = Assembler(self.schedule, self.layout).assemble()
        self.built, self.scratch_bytes = self._build()
        self.draws = draws
        self.work = sum(row.work for row in self.assembly.rows)
        self.tables = Tables()
        self._allocate()
        self._sort_sources()
        self.bound: list[Any] = []  # the arrays that are written, held by us
        self.alive: list[Any] = []  # the arrays that are read
        self.chosen: Any = NOBODY  # the number of threads that was asked for
        self.threads = 1
        self.tables.call.long = self.work > LONG
        self.tables.call.pauses = bool(draws or self.gradients)

    def _build(self) -> tuple[Built, int]:
        assembly = self.assembly
        if assembly.description is not None:
            return build_described(assembly.description, ["step"], assembly.emit)
        module, scratch = assembly.emit()
        return build(module), scratch

    def _allocate(self) -> None:
        """The slots, each holding the address of a pointer, and what is our own."""
        layout = self.layout
        self.slots = array("Q", bytes(8 * (memory.FIRST + len(layout.outside))))
        self.fixed = array("Q", bytes(8 * memory.FIRST))
        self.status = array("q", bytes(64))
        self.numbers = array("d", bytes(8 * max(len(layout.numbers), 1)))
        self.arena = aligned(layout.arena_bytes + 64)
        self.constants = aligned(len(layout.constants) + 64)
        self.constants[: len(layout.constants)] = np.frombuffer(
            bytes(layout.constants), np.uint8
        )
        self.fixed[memory.ARENA] = self.arena.ctypes.data
        self.fixed[memory.CONSTANTS] = self.constants.ctypes.data
        self.fixed[memory.STATUS] = self.status.buffer_info()[0]
        self.fixed[memory.NUMBERS] = self.numbers.buffer_info()[0]
        self.fixed[memory.POOL] = pool_address()
        table, places = words(self.assembly.rows, bool(self.schedule.checks))
        self.fixed[memory.END] = len(table) // WORDS
        self.table, self.places = array("q", table), array("q", places or [0])
        self.fixed[memory.TABLE] = self.table.buffer_info()[0]
        self.fixed[memory.PLACES] = self.places.buffer_info()[0]
        begin = self.fixed.buffer_info()[0]
        for slot in range(memory.FIRST):
            self.slots[slot] = begin + 8 * slot
        call = self.tables.call
        call.status, call.slots = self.fixed[memory.STATUS], self.slots.buffer_info()[0]
        call.step = self.built.address("step")

    def _sort_sources(self) -> None:
        """What has to be done for each slot before and after a run."""
        leaves = [t for t in self.schedule.leaves if t.source is not None]
        read = {t.source: t for t in leaves}
        goals = {g.target: g.term for g in self.schedule.goals}
        self.arguments: list[tuple[int, int]] = []
        self.dtypes: dict[int, Any] = {}  # of arguments, by position
        self.drawn: dict[int, int] = {}
        self.results: list[tuple[int, int, Any]] = []
        self.states: list[tuple[int, Any, Any]] = []  # written: ours alone
        self.inputs: list[tuple[int, Any, Any]] = []  # only read
        self.arrays: list[tuple[int, Any, Any]] = []  # only read, and not ours
        self.gradients: list[tuple[int, Any, Any]] = []  # made anew by each run
        for k, source in enumerate(self.layout.outside):
            slot, goal = memory.FIRST + k, goals.get(source)
            if isinstance(source, int):
                self.results.append((slot, source, goal))
            elif isinstance(source, Argument):
                self.arguments.append((slot, source.position))
                self.dtypes[source.position] = read[source].dtype
            elif isinstance(source, Draw):
                self.drawn[id(source)] = slot
            elif isinstance(source, Array):
                self.arrays.append((slot, source.array, read[source]))
            elif goal is None:
                self.inputs.append((slot, source, read[source]))
            elif isinstance(source, Gradient):
                self.gradients.append((slot, source, goal))
            else:
                self.states.append((slot, source, goal))
        begin = self.fixed[memory.NUMBERS]
        numbers = [(s, begin + 8 * k) for k, s in enumerate(self.layout.numbers)]
        self.written = [number for number in numbers if number[0] in goals]
        self.read = [number for number in numbers if number[0] in read]
        new = [s for _, s, _ in self.states] + [s for s, _ in self.written]
        nodes = [[id(s.node)] for s in new if isinstance(s, State)]
        self.tables.fill("updated", nodes)

    def expect(self, call: Call, own: Any, bare: Any) -> None:
        """Arguments will be like those of a call; those in ``own`` the very same."""
        arrays = [found for _, found, _ in self.arrays]
        pointers = self.tables.expect(call, own, bare, arrays)
        for slot, position in self.arguments:
            self.slots[slot] = pointers[position]
        for k, (slot, _, _) in enumerate(self.arrays):
            self.slots[slot] = pointers[len(call.parts) + k]

    def give(self, nodes: list[Any], alone: bool) -> None:
        """Results will be like these nodes; those after the last are plain arrays."""
        terms = [term for _, _, term in self.results]
        pointers = self.tables.give(nodes, terms, alone)
        for (slot, _, _), pointer in zip(self.results, pointers, strict=True):
            self.slots[slot] = pointer

    # One run ------------------------------------------------------------------------

    def take(self, arguments: list[Any]) -> None:
        """Read all numbers, and note where these arrays, and others, lie."""
        if not all(s.alike for s in self.layout.numbers if isinstance(s, Count)):
            raise Stale
        for source, address in self.read:
            ctypes.c_double.from_address(address).value = source.read()
        self.given: dict[int, Any] = {}  # the arrays, until the run is over
        for slot, position in self.arguments:
            self.given[slot] = readable(arguments[position], self.dtypes[position])
        for slot, found, term in self.arrays:
            if found.shape != term.shape or found.dtype.newbyteorder("=") != term.dtype:
                raise Stale
            self.given[slot] = readable(found, term.dtype)
        for slot, found in self.given.items():
            self.point(slot, found)

    def run(self) -> Any:
        """The results, now that all is prepared; the caller holds the lock.

        Raises NotRun if a check failed: then nothing has changed.
        """
        stream = random.state() if self.draws else None
        drawn = [self._draw(draw) for draw in self.draws]
        fresh = [self._fresh(*gradient) for gradient in self.gradients]
        self.status[0] = 1
        try:
            found = self.tables.step(None)
        finally:  # an interruption arrives as soon as Python is back: the step is done
            self.given = {}
            if not self.status[0]:
                for node, grad in fresh:
                    node._grad = grad
        if self.status[0]:
            if stream is not None:  # who runs it eagerly now draws the same numbers
                random.set_state(stream)
            raise NotRun
        del drawn
        return found

    def _draw(self, draw: Draw) -> Any:
        numbers = draw.read()
        if id(draw) in self.drawn:
            self.slots[self.drawn[id(draw)]] = id(numbers) + DATA
        return numbers

    def _fresh(self, slot: int, source: Gradient, term: Any) -> tuple[Any, Any]:
        """A new array for a gradient, with the old one in it if it is added to."""
        old = source.node._grad
        new = np.empty(term.shape, term.dtype) if old is None else np.array(old)
        self.slots[slot] = id(new) + DATA
        return source.node, new

    def point(self, slot: int, found: Any) -> None:
        """Let the pointer that a slot leads to be that of an array."""
        pointer = ctypes.c_uint64.from_address(self.slots[slot])
        pointer.value = word(id(found) + DATA)

    def choose_threads(self) -> None:
        """See to it that it runs on as many threads as were asked for."""
        if self.tables.call.missing:  # there were too few: in the child of a fork
            team.hire(self.threads)
        if self.chosen is team.chosen:
            return
        threads = get_num_threads() if self.work > MANY_THREADS else 1
        stride = -(-self.scratch_bytes // 4096) * 4096
        self.scratch = aligned(stride * threads + 64)
        self.fixed[memory.SCRATCH], self.fixed[memory.STRIDE] = (
            self.scratch.ctypes.data,
            stride,
        )
        call = self.tables.call
        self.job, call.dispatch = team.job(call.step, call.slots, threads)
        call.job = ctypes.addressof(self.job)
        self.threads, self.chosen = threads, team.chosen

    # Who owns what -------------------------------------------------------------------

    def hold(self, guards: list[Watch]) -> None:
        """Take hold of what is written; what somebody else holds is copied first.

        From now on the native code expects all this as it is, and what is guarded.
        Raises Stale if anything is of another shape or dtype by now.
        """
        self.tables.forget()
        found = [source.read() for _, source, _ in self.states]
        for k, (slot, source, term) in enumerate(self.states):
            mine = k < len(self.bound) and found[k] is self.bound[k]
            ours = 3 if mine else 2  # its owner, the list above, and the one before
            if not mine or holders(found[k]) > ours:
                check(found[k], term.shape, term.dtype)
                found[k] = owned(found[k])
                source.write(found[k])
            self.slots[slot] = id(found[k]) + DATA
        self.bound, self.alive = found, []
        for slot, source, term in self.inputs:
            array = source.read()
            check(array, term.shape, term.dtype)
            self.alive.append((array, readable(array, term.dtype)))
            self.slots[slot] = id(self.alive[-1][1]) + DATA
        addresses = [*map(id, self.bound), *(id(array) for array, _ in self.alive)]
        sources = [source for _, source, _ in self.states + self.inputs]
        arrays = list(zip(sources, addresses, strict=True))
        # How many hold each of ours is a part of what is expected.
        counts = [(WORD, k, 0, word(k)) for k in map(id, self.bound)]
        self.tables.watch(guards, counts, arrays, self.read, self.written)
