"""What comes before the first result: importing, building, compiling.

Every number is from a fresh process. "Cold" means that nothing compiled is on disk,
"warm" that the run before has left there what it wanted to.
"""

from __future__ import annotations

import tempfile
from typing import Any

from bench.harness.environment import cache_environment
from bench.harness.process import EngineError, EngineProcess
from bench.harness.rounds import turned


def import_times(engines: list[str], starts: int) -> dict[str, list[float]]:
    """Seconds of importing each engine, in turn; an engine that cannot be has none."""
    found: dict[str, list[float]] = {name: [] for name in engines}
    for turn in range(starts + 1):
        for name in turned(engines, turn):
            with EngineProcess(name, "all") as process:
                try:
                    seconds = process.ready()["import_seconds"]
                except EngineError:
                    continue
            if turn:  # the first time reads from disk, and writes what Python caches
                found[name].append(seconds)
    return found


def first_step(engine: str, workload: str) -> dict[str, Any]:
    """Seconds from an imported library to the first loss, cold and warm."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for state in ("cold", "warm"):
            extra = cache_environment(folder)
            with EngineProcess(engine, "all", extra) as process:
                try:
                    process.ready()
                    prepared = process.ask("prepare", workload=workload)
                    first = process.ask("losses", steps=1)
                except EngineError as error:
                    return {"reason": str(error)}
            found[state] = prepared["seconds"] + first["first_seconds"]
    return found
