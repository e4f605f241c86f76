"""All of it: every workload on every engine and number of threads, as one JSON.

The file is written after every workload, so that an interrupted run has its results.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from bench.engines import COMPILING, LIBRARIES, SCOPES, TITLES
from bench.harness import machine, starts
from bench.harness.agreement import deviations
from bench.harness.environment import cache_environment, engine_environment
from bench.harness.process import ROOT, EngineError, EngineProcess
from bench.harness.rounds import take_turns, warmed_up
from bench.harness.settings import TOLERANCE, Settings, thread_count
from bench.harness.statistics import duration
from bench.workloads import WORKLOADS

Results = dict[str, Any]


def say(line: str) -> None:
    """Print one line about how far it is."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def run(settings: Settings, save: Callable[[Results], None]) -> Results:
    """Measure everything; ``save`` is called with the results so far."""
    results: Results = {
        "format": "seegrad-bench",
        "version": 1,
        "machine": machine.described(),
        "versions": machine.versions(),
        "settings": asdict(settings),
        "limits": {},
        "times": {name: {} for name in settings.workloads},
        "starts": {"import": {}, "first_step": {}},
    }
    for threads in settings.threads:
        results["limits"][threads] = limits(threads, settings.workloads)
        for workload in settings.workloads:
            say(f"{workload}, threads: {threads}")
            measured = measure(workload, threads, settings)
            results["times"][workload][threads] = measured
            save(results)
    say("fresh processes")
    imported = [name for name in LIBRARIES if name in settings.engines]
    results["starts"]["import"] = starts.import_times(imported, settings.starts)
    save(results)
    for workload in first_step_workloads(settings):
        results["starts"]["first_step"][workload] = {
            engine: starts.first_step(engine, workload)
            for engine in COMPILING
            if engine in settings.engines
        }
        save(results)
    return results


def first_step_workloads(settings: Settings) -> list[str]:
    """The trainings of tensors; a quick run takes the first."""
    found = [name for name in settings.workloads if name in trainings()]
    return found if settings.starts > 1 else found[:1]


def trainings() -> list[str]:
    """The workloads that train on tensors: what the main table shows."""
    return [
        name for name, w in WORKLOADS.items() if w.task == "training" and w.has_floors
    ]


def limits(threads: str, workloads: tuple[str, ...]) -> dict[str, Any]:
    """The rates of the machine, from a process of their own; empty without llvmlite."""
    sizes = sorted({WORKLOADS[name].footprint for name in workloads})
    command = [sys.executable, "-m", "bench.harness.limits", threads]
    done = subprocess.run(
        [*command, *map(str, sizes)],
        cwd=ROOT,
        env=engine_environment(os.environ, thread_count(threads)),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        say("  no limits: " + (done.stderr.strip().splitlines() or ["silent"])[-1])
        return {}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measure(workload: str, threads: str, settings: Settings) -> dict[str, Any]:
    """All engines on one workload: warmed up, compared, timed in turn."""
    with tempfile.TemporaryDirectory() as folder:
        extra = cache_environment(folder)
        processes = {
            name: EngineProcess(name, threads, extra)
            for name in settings.engines
            if WORKLOADS[workload].architecture in SCOPES[name]
        }
        try:
            found = warm_up(processes, workload)
            runners = {n: p for n, p in processes.items() if "reason" not in found[n]}
            for name, times in take_turns(dict(runners), settings).items():
                found[name] |= times
                if "reason" not in times:
                    found[name]["bytes"] = processes[name].ask("memory")["bytes"]
        finally:
            for process in processes.values():
                process.stop()
    for name, each in found.items():
        say(f"  {TITLES[name]:<18}{summary(each)}")
    return found


def warm_up(
    processes: dict[str, EngineProcess], workload: str
) -> dict[str, dict[str, Any]]:
    """For each engine its losses, or the reason why it has none or the wrong ones."""
    found: dict[str, dict[str, Any]] = {}
    for name, process in processes.items():
        try:
            process.ready()
            found[name] = warmed_up(process, workload)
        except EngineError as error:
            found[name] = {"reason": str(error)}
    losses = {n: each["losses"] for n, each in found.items() if "losses" in each}
    for name, far in deviations(losses).items():
        found[name]["deviation"] = far
        if far > TOLERANCE:
            found[name]["reason"] = (
                f"WRONG: its losses {losses[name]} differ from the median of all by "
                f"{far:.1e} of themselves, which is more than {TOLERANCE:.0e}"
            )
    return found


def summary(each: dict[str, Any]) -> str:
    """One engine's result in a line."""
    if "reason" in each:
        return each["reason"]
    step, cores = duration(median(each["seconds"])), median(each["cores"])
    return f"{step:>10}{cores:6.1f} cores, losses within {each['deviation']:.0e}"


def wrong(results: Results) -> list[str]:
    """Every engine whose losses were not those of the others."""
    return [
        f"{TITLES[engine]} on {workload}, threads {threads}: {each['reason']}"
        for workload, by_threads in results["times"].items()
        for threads, engines in by_threads.items()
        for engine, each in engines.items()
        if each.get("reason", "").startswith("WRONG")
    ]


def write(path: Path, results: Results) -> None:
    """Write beside the file, then rename: an interruption leaves the old file whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    text = json.dumps(results, indent=1)
    beside.write_text(text + "\n", encoding="utf-8")
    beside.replace(path)
