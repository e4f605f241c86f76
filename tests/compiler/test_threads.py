"""Threads run a step together: the same result for any number, and no trouble after.

The step of these tests moves numbers in a circle, round after round; each thread works
on its own part and reads across the border, so one missing barrier spoils the result.
"""

import ctypes
import os
import signal
import threading
import time

import numpy as np
import pytest
from llvmlite import ir

from seegrad.compiler.machine import threads
from seegrad.compiler.machine.build import Built, build
from seegrad.compiler.machine.pool import Program, emit_barrier
from seegrad.compiler.machine.threads import Team
from seegrad.compiler.registers.loops import INDEX, POINTER, Loops

WIDTH, ROUNDS = 64, 50


class Circle:
    """The step ``new[i] = old[i + 1] + i`` in a circle, for so many rounds."""

    built: Built | None = None

    def __init__(self, team: Team, number: int) -> None:
        # The pool, then two rows of numbers that take turns at being old and new.
        self.memory = np.zeros(1 + 2 * WIDTH, np.int64)
        self.memory[0] = team.open()[1].address
        self.memory[1 : WIDTH + 1] = np.arange(WIDTH)
        if Circle.built is None:
            Circle.built = build(self.module(), cached=False)
        self.team, self.number = team, number
        step = Circle.built.address("step")
        self.job, _ = team.job(step, self.memory.ctypes.data, number)

    def run(self) -> None:
        """Once on so many threads; in the child of a fork they are hired first."""
        program, _ = self.team.open()
        if program.dispatch(ctypes.byref(self.job)):
            self.team.hire(self.number)

    @staticmethod
    def module() -> ir.Module:
        """The step in LLVM's words."""
        module = ir.Module("circle")
        kind = ir.FunctionType(ir.VoidType(), [POINTER, INDEX, INDEX])
        loops = Loops(ir.Function(module, kind, "step"))
        b, (context, thread, count) = loops.builder, loops.function.args
        pool = b.load(context, typ=POINTER, align=8)
        width = loops.count(WIDTH)
        start = b.sdiv(b.mul(thread, width), count)
        stop = b.sdiv(b.mul(b.add(thread, loops.count(1)), width), count)

        def at(row, i):
            place = b.add(loops.count(1), b.add(b.mul(row, width), i))
            return b.gep(context, [place], source_etype=INDEX)

        def round_(number):
            old = b.urem(number, loops.count(2))
            new = b.sub(loops.count(1), old)

            def move(i):
                following = b.urem(b.add(i, loops.count(1)), width)
                x = b.load(at(old, following), typ=INDEX, align=8)
                b.store(b.add(x, i), at(new, i), align=8)

            loops.loop(start, stop, move)
            emit_barrier(loops, pool, count)

        loops.loop(0, ROUNDS, round_)
        b.ret_void()
        return module

    def right(self, runs: int) -> bool:
        """Whether the numbers are as NumPy has them after so many runs."""
        x = np.arange(WIDTH)
        for _ in range(runs * ROUNDS):
            x = np.roll(x, -1) + np.arange(WIDTH)
        return np.array_equal(x, self.memory[1 : WIDTH + 1])


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_every_number_of_threads_gives_the_same_result(number):
    """The barriers hold, also with more threads than cores."""
    circle = Circle(threads.team, number)
    for _ in range(20):
        circle.run()
    assert circle.right(20)


def test_thousands_of_steps_are_served():
    """Nothing is lost between one job and the next."""
    circle = Circle(threads.team, 2)
    for _ in range(3000):
        circle.run()
    assert circle.right(3000)


def test_the_number_may_change_from_step_to_step():
    """Workers who are not needed are not disturbed, nor in the way."""
    circles = [Circle(threads.team, number) for number in (4, 1, 3, 2)]
    for _ in range(50):
        for circle in circles:
            circle.run()
    assert all(circle.right(50) for circle in circles)


def test_workers_wake_up():
    """A step after a pause finds them asleep."""
    circle = Circle(threads.team, 3)
    for _ in range(5):
        circle.run()
        time.sleep(0.01)
    assert circle.right(5)


def test_sleeping_by_naps_serves_where_a_system_has_no_futex():
    """The portable way to wait gives the same results."""
    team = Team()
    team.program = Program("poll")
    circle = Circle(team, 3)
    for _ in range(5):
        circle.run()
        time.sleep(0.01)
    assert circle.right(5)


def test_several_callers_at_once_do_not_wait_for_each_other():
    """One has the workers, the others run alone, and all get the same result."""
    circles = [Circle(threads.team, 2) for _ in range(4)]

    def work(circle):
        for _ in range(300):
            circle.run()

    callers = [threading.Thread(target=work, args=(circle,)) for circle in circles]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert all(circle.right(300) for circle in circles)


def test_a_busy_pool_leaves_the_caller_alone():
    """The step runs on the calling thread, and the workers see nothing of it."""
    circle = Circle(threads.team, 2)
    pool = threads.team.pool
    posted = pool.mailboxes[1].posted
    pool.busy = 1
    try:
        circle.run()
    finally:
        pool.busy = 0
    assert posted == pool.mailboxes[1].posted
    assert circle.right(1)


def test_one_thread_needs_no_workers():
    """Nobody is hired who is not needed."""
    team = Team()
    circle = Circle(team, 1)
    circle.run()
    assert circle.right(1)
    assert 0 == team.hired == team.pool.workers


def test_a_barrier_for_one_thread_is_no_instruction():
    """Where the number is known, nothing is added."""
    module = ir.Module("alone")
    loops = Loops(ir.Function(module, ir.FunctionType(ir.VoidType(), [POINTER]), "f"))
    emit_barrier(loops, loops.function.args[0], 1)
    assert [] == loops.builder.block.instructions


def test_idle_workers_use_no_processor():
    """Asleep, they cost nothing: far below a tenth of the time that passes."""
    circle = Circle(threads.team, 4)
    circle.run()
    time.sleep(0.05)
    begin = time.process_time()
    time.sleep(0.5)
    assert time.process_time() - begin < 0.25


def test_a_system_that_allows_no_more_threads_is_no_trouble(monkeypatch):
    """Whoever is there does the work, and nobody asks again and again."""

    def refuse(self):
        asked.append(self.name)
        raise RuntimeError("can't start new thread")

    asked, team = [], Team()
    monkeypatch.setattr(threading.Thread, "start", refuse)
    circle = Circle(team, 4)
    for _ in range(5):
        circle.run()
    assert ["seegrad worker 1"] == asked
    assert circle.right(5)


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent with os.kill")
def test_ctrl_c_is_obeyed_between_two_steps():
    """The step that runs is finished, and the pool serves the next."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    circle, runs = Circle(threads.team, 2), []

    def train():
        while True:
            if len(runs) == 100:
                os.kill(os.getpid(), signal.SIGINT)
            circle.run()
            runs.append(1)

    try:
        with pytest.raises(KeyboardInterrupt):
            train()
    finally:
        signal.signal(signal.SIGINT, before)
    circle.run()
    done = len(runs) + 1
    assert circle.right(done) or circle.right(done + 1)  # one more, not noted
