"""How many threads a step runs on, and the workers who run it beside the caller.

A worker is a Python thread that enters native code once and stays there, where it needs
nothing of Python. Workers are hired when they are first needed and never dismissed:
asleep, they cost nothing. A forked child has none and hires its own.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from seegrad.compiler.machine.host import usable_cores
from seegrad.errors import ArgumentError
from seegrad.random import whole_number

if TYPE_CHECKING:
    from seegrad.compiler.machine.pool import Job, Pool, Program

MOST = 256  # as many as `pool.ll` has mailboxes
VARIABLE = "SEEGRAD_NUM_THREADS"


class Team:
    """The workers of this process, and the memory they share with the callers."""

    def __init__(self) -> None:
        self.chosen: int | None = None
        self.program: Program | None = None
        self.pool: Pool | None = None
        self._forget()

    def _forget(self) -> None:
        """After a fork: only the thread that forked is there."""
        self.lock = threading.Lock()
        self.hired, self.refused = 0, False
        if self.pool is not None:
            self.pool.forget_workers()

    def open(self) -> tuple[Program, Pool]:
        """The native program and its memory, made on first use."""
        if self.program is None or self.pool is None:
            from seegrad.compiler.machine.pool import program

            with self.lock:
                self.program = program()
                self.pool = self.pool or self.program.new_pool()
        return self.program, self.pool

    def hire(self, threads: int) -> None:
        """See to it that there are workers for so many threads, the caller included."""
        program, pool = self.open()
        with self.lock:
            while self.hired < min(threads, MOST) - 1 and not self.refused:
                number = self.hired + 1
                worker = threading.Thread(
                    target=program.work,
                    args=(pool.address, number, pool.mailboxes[number].posted),
                    name=f"seegrad worker {number}",
                    daemon=True,
                )
                try:
                    worker.start()
                except RuntimeError:  # the system, or a closing Python, allows no more
                    self.refused = True
                    return
                self.hired = pool.workers = number

    def job(self, step: int, context: int, threads: int) -> tuple[Job, int]:
        """A native step on so many threads, and the address of what runs such jobs."""
        from seegrad.compiler.machine.pool import Job

        program, pool = self.open()
        self.hire(threads)
        job = Job(pool.address, step, context, threads)
        return job, program.built.address("dispatch")


team = Team()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=team._forget)


def set_num_threads(n: int) -> None:
    """Run compiled steps on ``n`` threads from now on; results do not depend on it.

    Raises ArgumentError unless n is 1 to 256. ``SEEGRAD_NUM_THREADS`` says the same
    before the program starts.

    >>> before = get_num_threads()
    >>> set_num_threads(2)
    >>> get_num_threads()
    2
    >>> set_num_threads(before)
    """
    team.chosen = _checked(whole_number("n", n, least=1, where="set_num_threads"))


def get_num_threads() -> int:
    """How many threads compiled steps may use: all usable cores, unless it was said.

    >>> get_num_threads() >= 1
    True
    """
    if team.chosen is None:
        team.chosen = _from_environment()
    return team.chosen


def pool_address() -> int:
    """Where the memory of the pool lies, which a step needs for its barriers."""
    return team.open()[1].address


def _from_environment() -> int:
    text = os.environ.get(VARIABLE, "").strip()
    if not text:
        return min(usable_cores(), MOST)
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentError(
            f"{VARIABLE} must be a whole number of 1 or more, not {text!r}",
            where="the environment",
            hint=f"{VARIABLE}={usable_cores()}, or do not set it",
        )
    return _checked(int(text), where="the environment")


def _checked(n: int, where: str = "set_num_threads") -> int:
    if n > MOST:
        raise ArgumentError(
            f"{n} threads are more than the {MOST} that a step can run on",
            where=where,
            hint=f"{usable_cores()}, one for each core",
        )
    return n
