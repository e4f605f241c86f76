"""The program of an engine's process: it reads commands and answers, one JSON a line.

What libraries print goes to the error stream, so that the answers stay clean. A command
that fails answers with the reason, and the process goes on.
Run by the harness: python -m bench.harness.worker ENGINE THREADS
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from time import perf_counter, process_time
from typing import Any

from bench.harness import memory

Answer = dict[str, Any]


class Worker:
    """One engine with, after `prepare`, one step to run."""

    def __init__(self, name: str, threads: int | None) -> None:
        from bench.engines import engine

        self.engine = engine(name, threads)
        self.resident = memory.begin()
        self.run: Callable[[], Any] = lambda: None

    def prepare(self, workload: str) -> Answer:
        """Build the model and the step; nothing is computed yet."""
        from bench.workloads import WORKLOADS

        start = perf_counter()
        self.run = self.engine.step(WORKLOADS[workload])
        return {"seconds": perf_counter() - start}

    def losses(self, steps: int) -> Answer:
        """The number after each of so many steps, and how long the first took."""
        found, first = [], 0.0
        for i in range(steps):
            start = perf_counter()
            found.append(self.engine.number(self.run()))
            first = first if i else perf_counter() - start
        return {"losses": found, "first_seconds": first}

    def time(self, steps: int, settle: float = 0.0) -> Answer:
        """So many steps as one block: seconds of the clock and of all processors.

        A tenth as many go before, because caches were others' in the meantime, and no
        fewer than take ``settle`` seconds: after a halt, systems put the threads on one
        core and need that long to spread them again.
        """
        run, result, settled = self.run, None, perf_counter() + settle
        for _ in range(steps // 10 + 1):
            result = run()
        while perf_counter() < settled:
            result = run()
        self.engine.wait(result)
        processors, start = process_time(), perf_counter()
        for _ in range(steps):
            result = run()
        self.engine.wait(result)
        seconds = perf_counter() - start
        return {"seconds": seconds, "processors": process_time() - processors}

    def memory(self) -> Answer:
        """The most memory held at once, less what was held after importing."""
        return {"bytes": memory.peak() - self.resident}

    def versions(self) -> Answer:
        """The versions of the packages."""
        return {"versions": self.engine.versions()}


def end_with_parent() -> None:
    """Ask Linux to kill this process, even a halted one, when its parent is gone."""
    if sys.platform == "linux":
        import ctypes
        import signal

        set_death_signal = 1
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)


def answer(worker: Worker, request: dict[str, Any]) -> Answer:
    """Do what a request says; what goes wrong becomes the answer's error."""
    arguments = dict(request)
    command = arguments.pop("command")
    try:
        done: Answer = getattr(worker, command)(**arguments)
    except Exception as error:  # a library may raise anything, and all of it is news
        return {"error": reason(error)}
    return done


def reason(error: Exception) -> str:
    """Why something failed, in one line."""
    from bench.engines import NotAvailable

    text = " ".join(str(error).split())[:200]
    return (
        text if isinstance(error, NotAvailable) else f"{type(error).__name__}: {text}"
    )


def main() -> None:
    """Import the engine, then answer until there are no more requests."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    end_with_parent()

    def send(data: Answer) -> None:
        answers.write(json.dumps(data) + "\n")
        answers.flush()

    threads = None if sys.argv[2] == "all" else int(sys.argv[2])
    start = perf_counter()
    try:
        worker = Worker(sys.argv[1], threads)
    except Exception as error:
        send({"error": reason(error)})
        return
    send({"import_seconds": perf_counter() - start})
    for line in sys.stdin:
        send(answer(worker, json.loads(line)))


if __name__ == "__main__":
    main()
