"""Running a compiled step: bring the pointers up to date, call, hand out the results.

Parameters are updated where they lie. Python must never see that: whoever still holds
the old array keeps it as it was, because the step moves to a copy first. That nobody
does is read off the reference counts, one quick look for each array.
"""

from __future__ import annotations

from sys import getrefcount
from typing import Any

import numpy as np

from seegrad.compile.assemble import Assembler
from seegrad.compile.machine import build
from seegrad.compile.memory import (
    ARENA,
    CONSTANTS,
    FIRST,
    NUMBERS,
    POOL,
    SCRATCH,
    STATUS,
    STRIDE,
    laid_out,
)
from seegrad.compile.program import Program
from seegrad.compile.schedule import schedule, where
from seegrad.compile.simplify import simplify
from seegrad.compile.sources import Argument, Draw, Gradient, Memory, State
from seegrad.compile.threads import get_num_threads, pool_address, runner
from seegrad.mode import switched
from seegrad.node import _now

MANY_THREADS = 400_000  # additions in a step, from which it runs on several threads


class NotRun(Exception):
    """The native step stopped before it changed anything."""


class Native:
    """The machine code of one program, with its memory."""

    def __init__(self, program: Program, draws: list[Draw]) -> None:
        self.program = simplify(program)
        self.schedule = schedule(self.program)
        self.layout = laid_out(self.schedule)
        self.assembly = Assembler(self.schedule, self.layout).assemble()
        self.built = build(self.assembly.module)
        self.draws = draws
        self.work = sum(row.work for row in self.assembly.rows)
        self._allocate()
        self._sort_sources()
        self.threads = 0
        self.bound: list[Any] = []

    def _allocate(self) -> None:
        layout = self.layout
        self.slots = np.zeros(FIRST + len(layout.outside), np.uint64)
        self.status = np.zeros(8, np.int64)
        self.numbers = np.zeros(max(len(layout.numbers), 1), np.float64)
        self.arena = _aligned(layout.arena_bytes + 64)
        self.constants = _aligned(len(layout.constants) + 64)
        self.constants[: len(layout.constants)] = np.frombuffer(
            bytes(layout.constants), np.uint8
        )
        for slot, array in (
            (ARENA, self.arena),
            (STATUS, self.status),
            (NUMBERS, self.numbers),
            (CONSTANTS, self.constants),
        ):
            self.slots[slot] = array.ctypes.data
        self.slots[POOL] = pool_address()

    def _sort_sources(self) -> None:
        """What has to be done for each slot before and after a run."""
        targets = {where(g.target) for g in self.schedule.goals if not _is_result(g.target)}
        self.arguments: list[tuple[int, int]] = []
        self.drawn: dict[int, int] = {}
        self.results: list[tuple[int, Any, Any]] = []
        self.states: list[tuple[int, Any]] = []  # written: nobody else may hold them
        self.inputs: list[tuple[int, Any]] = []  # only read
        self.gradients: list[tuple[int, Any, Any]] = []  # made anew by each run
        goals = {g.target: g.term for g in self.schedule.goals if _is_result(g.target)}
        grads = {
            where(g.target): g.term
            for g in self.schedule.goals
            if isinstance(g.target, Gradient)
        }
        for k, source in enumerate(self.layout.outside):
            slot = FIRST + k
            if isinstance(source, int):
                term = goals[source]
                self.results.append((slot, term.shape, term.dtype))
            elif isinstance(source, Argument):
                self.arguments.append((slot, source.position))
            elif isinstance(source, Draw):
                self.drawn[id(source)] = slot
            elif isinstance(source, Gradient) and where(source) in grads:
                term = grads[where(source)]
                self.gradients.append((slot, source, term))
            elif where(source) in targets:
                self.states.append((slot, source))
            else:
                self.inputs.append((slot, source))
        self.written_numbers = [
            (k, source)
            for k, source in enumerate(self.layout.numbers)
            if where(source) in targets
        ]

    # One run ------------------------------------------------------------------------

    def run(self, arguments: list[Any]) -> list[Any]:
        """The results for these arrays; NotRun if a check failed."""
        slots = self.slots
        held = [getrefcount(array) for array in self.bound]
        if held != self.counts or [s.read() for _, s in self.inputs] != self.seen:
            self._bind()
        keep = []
        for slot, position in self.arguments:
            array = np.ascontiguousarray(arguments[position])
            slots[slot] = array.ctypes.data
            keep.append(array)
        for draw in self.draws:
            array = draw.read()
            if id(draw) in self.drawn:
                slots[self.drawn[id(draw)]] = array.ctypes.data
                keep.append(array)
        results = []
        for slot, shape, dtype in self.results:
            out = np.empty(shape, dtype)
            slots[slot] = out.ctypes.data
            results.append(out)
        fresh = self._fresh_gradients()
        for k, source in enumerate(self.layout.numbers):
            self.numbers[k] = source.read()
        if self.threads != self._wanted_threads():
            self._set_threads()
        self.status[0] = 0
        self.call()
        if self.status[0]:
            raise NotRun
        self._after(fresh)
        return results

    def _after(self, fresh: list[Any]) -> None:
        for source, array in fresh:
            source.node._grad = array
        for k, source in self.written_numbers:
            _write_number(source, self.numbers[k])
        moment = _now()
        for _, source in self.states:
            if isinstance(source, State):
                source.node.born = moment

    def _fresh_gradients(self) -> list[Any]:
        fresh = []
        for slot, source, term in self.gradients:
            old = source.node._grad
            array = np.empty(term.shape, term.dtype) if old is None else np.array(old)
            self.slots[slot] = array.ctypes.data
            fresh.append((source, array))
        return fresh

    def _wanted_threads(self) -> int:
        return get_num_threads() if self.work > MANY_THREADS else 1

    def _set_threads(self) -> None:
        self.threads = self._wanted_threads()
        stride = -(-self.assembly.scratch_bytes // 4096) * 4096
        self.scratch = _aligned(stride * self.threads + 64)
        self.slots[SCRATCH], self.slots[STRIDE] = self.scratch.ctypes.data, stride
        address = self.built.address("step")
        self.call = runner(address, self.slots.ctypes.data, self.threads)

    # Who owns what -------------------------------------------------------------------

    counts: Any = None
    seen: Any = None
    call: Any = None

    def _bind(self) -> None:
        """Take hold of what is written and read; what others hold is copied first."""
        own = {id(array) for array in self.bound}
        counts = dict(zip(map(id, self.bound), self.counts or [], strict=True))
        bound = []
        for slot, source in self.states:
            array = source.read()
            if id(array) not in own or getrefcount(array) - 1 > counts[id(array)]:
                array = _owned(array)
                _replace(source, array)
            self.slots[slot] = array.ctypes.data
            bound.append(array)
        self.bound = bound
        del array, own
        self.counts = [getrefcount(array) for array in self.bound]
        self.seen = [source.read() for _, source in self.inputs]
        for (slot, _), array in zip(self.inputs, self.seen, strict=True):
            kept = np.ascontiguousarray(array)
            self.slots[slot] = kept.ctypes.data
            self.alive = kept


def _is_result(target: Any) -> bool:
    return isinstance(target, int)


def _aligned(size: int) -> np.ndarray[Any, Any]:
    """Bytes that begin at a multiple of 64."""
    block = np.zeros(size + 64, np.uint8)
    start = -block.ctypes.data % 64
    return block[start : start + size]


def _owned(array: Any) -> Any:
    """A copy that nobody else knows, at the beginning of a line of the cache."""
    array = np.asarray(array)
    memory = _aligned(max(array.nbytes, 1) + 64)[: array.nbytes]
    copy = memory.view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


def _replace(source: Any, array: Any) -> None:
    """Put another array in the place of the one that a source reads."""
    if isinstance(source, State):
        array.flags.writeable = False
        source.node._data = array
    elif isinstance(source, Memory):
        source.states[source.position][source.key] = array


def _write_number(source: Any, number: float) -> None:
    if isinstance(source, Memory):
        state = source.states[source.position]
        state[source.key] = type(state[source.key])(number)
    elif isinstance(source, State):
        source.node._data = float(number)
        source.node.born = _now()
    elif isinstance(source, Gradient):
        source.node._grad = float(number)


_ = switched
