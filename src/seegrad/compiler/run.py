"""Running a compiled step: bring the pointers up to date, call, hand out the results.

Parameters are updated where they lie. Python must never see that: whoever still holds
the old array keeps it as it was, because the step moves to a copy first. That nobody
does is read off the reference counts, one quick look for each array.
"""

from __future__ import annotations

from array import array
from operator import is_
from sys import getrefcount
from threading import RLock
from typing import Any

import numpy as np
from numpy import empty

from seegrad import random
from seegrad.compiler.lowering.assemble import Assembler
from seegrad.compiler.machine.around import Around
from seegrad.compiler.machine.arrays import (
    DATA,
    aligned,
    check,
    is_readable,
    owned,
    readable,
    replace,
)
from seegrad.compiler.machine.build import Built, build, build_described
from seegrad.compiler.machine.threads import get_num_threads, pool_address, runner, team
from seegrad.compiler.planning.memory import (
    ARENA,
    CONSTANTS,
    END,
    FIRST,
    NUMBERS,
    PLACES,
    POOL,
    SCRATCH,
    STATUS,
    STRIDE,
    TABLE,
    laid_out,
)
from seegrad.compiler.planning.schedule import schedule, where
from seegrad.compiler.planning.table import WORDS, words
from seegrad.compiler.programs.blocks import Blocks
from seegrad.compiler.programs.program import Program
from seegrad.compiler.programs.simplify import simplify
from seegrad.compiler.programs.sums import Products
from seegrad.compiler.tracing.outcomes import NotRun, Stale
from seegrad.compiler.tracing.sources import (
    Argument,
    Array,
    Count,
    Draw,
    Gradient,
)

NOBODY = object()  # has asked for a number of threads yet
MANY_THREADS = 1_500_000  # additions in a step, from which it runs on several threads


class Native:
    """The machine code of one program, with its memory."""

    def __init__(self, program: Program, draws: list[Draw], lock: Any = None) -> None:
        joined = Blocks(simplify(program)).rewritten()
        self.program = simplify(Products(simplify(joined)).rewritten())
        self.schedule = schedule(self.program)
        self.layout = laid_out(self.schedule)
        self.assembly = Assembler(self.schedule, self.layout).assemble()
        self.built, self.scratch_bytes = self._build()
        self.draws = draws
        self.work = sum(row.work for row in self.assembly.rows)
        self._allocate()
        self._sort_sources()
        self.bound: list[Any] = []  # the arrays that are written, held by us
        self.counts: list[int] = [0]  # and how many hold each of them; none yet
        self.around = Around(_sources(self.states), self.numbers_read, self.written)
        self.reading = Around(_sources(self.inputs), [], [])
        self.alive: list[Any] = []  # the arrays that are read
        self.given: list[Any] = [None] * len(self.arguments)  # those of the last run
        self.chosen: Any = NOBODY  # the number of threads that was asked for
        self.lock = lock or RLock()  # one run at a time: there is one set of slots

    def _build(self) -> tuple[Built, int]:
        assembly = self.assembly
        if assembly.description is not None:
            return build_described(assembly.description, ["step"], assembly.emit)
        module, scratch = assembly.emit()
        return build(module), scratch

    def _allocate(self) -> None:
        """The slots, each holding the address of a pointer, and what is our own."""
        layout = self.layout
        self.slots = array("Q", bytes(8 * (FIRST + len(layout.outside))))
        self.fixed = array("Q", bytes(8 * FIRST))
        self.status = array("q", bytes(64))
        self.numbers = array("d", bytes(8 * max(len(layout.numbers), 1)))
        self.arena = aligned(layout.arena_bytes + 64)
        self.constants = aligned(len(layout.constants) + 64)
        self.constants[: len(layout.constants)] = np.frombuffer(
            bytes(layout.constants), np.uint8
        )
        self.fixed[ARENA] = self.arena.ctypes.data
        self.fixed[CONSTANTS] = self.constants.ctypes.data
        self.fixed[STATUS] = self.status.buffer_info()[0]
        self.fixed[NUMBERS] = self.numbers.buffer_info()[0]
        self.fixed[POOL] = pool_address()
        table, places = words(self.assembly.rows, bool(self.schedule.checks))
        self.fixed[END] = len(table) // WORDS
        self.table, self.places = array("q", table), array("q", places or [0])
        self.fixed[TABLE] = self.table.buffer_info()[0]
        self.fixed[PLACES] = self.places.buffer_info()[0]
        begin = self.fixed.buffer_info()[0]
        for slot in range(FIRST):
            self.slots[slot] = begin + 8 * slot

    def _sort_sources(self) -> None:
        """What has to be done for each slot before and after a run."""
        goals = {where(g.target): g for g in self.schedule.goals}
        self.arguments: list[tuple[int, int]] = []
        self.drawn: dict[int, int] = {}
        self.results: list[tuple[int, Any, Any]] = []
        self.states: list[tuple[int, Any]] = []  # written: nobody else may hold them
        self.inputs: list[tuple[int, Any]] = []  # only read
        self.arrays: list[tuple[int, Array]] = []  # only read, and not ours
        self.gradients: list[tuple[int, Any, Any]] = []  # made anew by each run
        for k, source in enumerate(self.layout.outside):
            slot, goal = FIRST + k, goals.get(where(source))
            if isinstance(source, int):
                assert goal is not None
                self.results.append((slot, goal.term.shape, goal.term.dtype))
            elif isinstance(source, Argument):
                self.arguments.append((slot, source.position))
            elif isinstance(source, Draw):
                self.drawn[id(source)] = slot
            elif isinstance(source, Array):
                self.arrays.append((slot, source))
            elif isinstance(source, Gradient) and goal is not None:
                self.gradients.append((slot, source, goal.term))
            else:
                (self.inputs if goal is None else self.states).append((slot, source))
        self._note_forms()
        self.written = [
            (k, source)
            for k, source in enumerate(self.layout.numbers)
            if where(source) in goals
        ]

    def _note_forms(self) -> None:
        """Shape and dtype of every source, which arrays from outside have to fit."""
        leaves = [t for t in self.schedule.leaves if t.source is not None]
        forms = {where(t.source): (t.shape, t.dtype) for t in leaves}
        for goal in self.schedule.goals:
            forms[where(goal.target)] = goal.term.shape, goal.term.dtype
        self.forms = [forms[where(source)] for _, source in self.states]
        self.input_forms = [forms[where(source)] for _, source in self.inputs]
        self.dtypes = [forms[where(Argument(k))][1] for _, k in self.arguments]
        self.foreign = [
            (slot, source.array, *forms[where(source)]) for slot, source in self.arrays
        ]
        read = {where(t.source) for t in leaves}
        self.numbers_read = [
            (k, source)
            for k, source in enumerate(self.layout.numbers)
            if where(source) in read
        ]

    # One run ------------------------------------------------------------------------

    def run(self, arguments: list[Any]) -> list[Any]:
        """The results for these arrays, which are of the kind it was compiled for.

        One caller at a time: whoever calls holds the lock. Raises NotRun if a check
        failed, and Stale if it has to be compiled anew.
        """
        around = self.around
        if list(map(getrefcount, self.bound)) != self.counts or not around.untouched():
            self._hold()
        if self.inputs and (not self.alive or not self.reading.untouched()):
            self._look()
        slots, given = self.slots, self.given
        for k, (slot, position) in enumerate(self.arguments):
            argument = arguments[position]
            if argument is not given[k]:
                given[k] = argument
                if not is_readable(argument, self.dtypes[k]):
                    given[k] = argument = readable(argument, self.dtypes[k])
                slots[slot] = id(argument) + DATA
        stream = keep = None
        if self.draws or self.foreign:
            stream = random.state()
            keep = [self._draw(draw) for draw in self.draws]
            keep += [self._foreign(*array) for array in self.foreign]
        results = []
        for slot, shape, dtype in self.results:
            out = empty(shape, dtype)
            slots[slot] = id(out) + DATA
            results.append(out)
        fresh: list[Any] = []
        if self.gradients:
            fresh = [self._fresh(*gradient) for gradient in self.gradients]
        around.read(self.numbers)
        if self.chosen is not team.chosen:
            self._set_threads()
        try:
            self.call()
        finally:  # an interruption arrives as soon as Python is back: the step is done
            failed, self.status[0] = self.status[0], 0
            if not failed:
                around.finish(self.numbers)
                for node, grad in fresh:
                    node._grad = grad
        if failed:
            if self.draws:  # who runs it eagerly now draws the same numbers
                random.set_state(stream)
            raise NotRun
        del keep
        return results

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

    def _set_threads(self) -> None:
        threads = get_num_threads() if self.work > MANY_THREADS else 1
        stride = -(-self.scratch_bytes // 4096) * 4096
        self.scratch = aligned(stride * threads + 64)
        self.fixed[SCRATCH], self.fixed[STRIDE] = self.scratch.ctypes.data, stride
        address = self.built.address("step")
        self.call = runner(address, self.slots.buffer_info()[0], threads)
        self.threads, self.chosen = threads, team.chosen

    # Who owns what -------------------------------------------------------------------

    def _hold(self) -> None:
        """Take hold of what is written; what somebody else holds is copied first."""
        counters = [s for s in self.layout.numbers if isinstance(s, Count)]
        if not all(counter.alike for counter in counters):
            raise Stale
        found = [source.read() for _, source in self.states]
        counts = [count - 1 for count in map(getrefcount, found)]  # the list holds one
        ours = dict(zip(map(id, self.bound), self.counts, strict=False))
        mine = list(map(is_, found, self.bound)) or [False] * len(found)
        for k, (slot, source) in enumerate(self.states):
            if not mine[k] or counts[k] > ours[id(found[k])]:
                check(found[k], *self.forms[k])
                found[k] = owned(found[k])
                replace(source, found[k])
            self.slots[slot] = id(found[k]) + DATA
        self.bound = found
        self.around.hold(found)
        del found  # this name would count as well
        self.counts = list(map(getrefcount, self.bound))

    def _look(self) -> None:
        """The arrays that are only read, where any of them is another one now."""
        found = [source.read() for _, source in self.inputs]
        self.alive = []
        for k, (slot, _) in enumerate(self.inputs):
            check(found[k], *self.input_forms[k])
            self.alive.append(readable(found[k], self.input_forms[k][1]))
            self.slots[slot] = id(self.alive[k]) + DATA
        self.reading.hold(found)

    def _foreign(self, slot: int, array: Any, shape: Any, dtype: Any) -> Any:
        """An array of the user, whose numbers, and even shape, may change in place."""
        if array.shape != shape or array.dtype.newbyteorder("=") != dtype:
            raise Stale
        if not is_readable(array, dtype):
            array = readable(array, dtype)
        self.slots[slot] = id(array) + DATA
        return array


def _sources(placed: list[tuple[int, Any]]) -> list[Any]:
    return [source for _, source in placed]
