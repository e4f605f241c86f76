"""The numbers of a run as tables in Markdown: times, ratios, floors, starts, memory.

A dash stands where an engine has no version of a workload. Where it should have had a
number and has none, the dash has a footnote with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

from bench.engines import COMPILING, LIBRARIES, OURS, TITLES
from bench.harness.statistics import duration, fastest, figures, ratio
from bench.workloads import WORKLOADS

Results = dict[str, Any]
OTHERS = tuple(name for name in TITLES if name not in OURS)
DASH = "–"
MEBIBYTE = 2**20
STATES = ("cold", "warm")


class Footnotes:
    """Reasons, each once, with the number under which the page ends with it."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    def mark(self, reason: str) -> str:
        """A dash that refers to the reason."""
        if reason not in self.reasons:
            self.reasons.append(reason)
        return f"{DASH}[^{self.reasons.index(reason) + 1}]"

    def lines(self) -> list[str]:
        """The footnotes themselves."""
        return [f"[^{i}]: {reason}" for i, reason in enumerate(self.reasons, 1)]


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table whose first column is words and whose others are numbers.

    >>> markdown(["a", "b"], [["x", "1"]])
    ['| a | b |', '| --- | ---: |', '| x | 1 |']
    """
    rule = ["---", *["---:"] * (len(head) - 1)]
    return [f"| {' | '.join(cells)} |" for cells in (head, rule, *rows)]


def times_of(results: Results, workload: str, threads: str) -> dict[str, list[float]]:
    """The seconds a step in each round, for every engine that has any."""
    engines = results["times"].get(workload, {}).get(threads, {})
    return {
        name: each["seconds"] for name, each in engines.items() if "reason" not in each
    }


def engines_of(results: Results, workloads: Sequence[str]) -> list[str]:
    """The engines that were asked for any of these workloads, in their order."""
    asked = {
        name
        for workload in workloads
        for engines in results["times"].get(workload, {}).values()
        for name in engines
    }
    return [name for name in TITLES if name in asked]


def floors(results: Results, workload: str, threads: str) -> tuple[float, float] | None:
    """The least seconds by operations and by bytes; None where nobody measured."""
    limits, found = results["limits"].get(threads), WORKLOADS[workload]
    if not limits or not found.has_floors:
        return None
    speed = limits["bytes_per_second"].get(str(found.footprint))
    if speed is None:
        return None
    operations = found.products / limits["operations_per_second"]
    return operations, found.bytes_moved / speed


def times_table(
    results: Results, workloads: Sequence[str], threads: str, notes: Footnotes
) -> list[str]:
    """The median of every engine, the ratio to the best other one, and both floors."""
    engines = engines_of(results, workloads)
    head = [TITLES[name] for name in engines]
    rows = []
    for workload in workloads:
        measured = times_of(results, workload, threads)
        given = results["times"][workload].get(threads, {})
        cells = [cell(name, given, notes) for name in engines]
        least = floors(results, workload, threads)
        bounds = [duration(each) for each in least] if least else [DASH, DASH]
        title = WORKLOADS[workload].title
        rows.append([title, *cells, comparison(measured), *bounds])
    last = ["best other / ours", "floor: operations", "floor: bytes"]
    return markdown(["one step", *head, *last], rows)


def cell(engine: str, given: dict[str, Any], notes: Footnotes) -> str:
    """The median of an engine, or a dash."""
    if engine not in given:
        return DASH
    each = given[engine]
    if "reason" in each:
        return notes.mark(f"{TITLES[engine]}: {each['reason']}")
    return duration(median(each["seconds"]))


def comparison(measured: dict[str, list[float]]) -> str:
    """How many times as long the best other engine takes as the best of ours."""
    own, other = fastest(measured, OURS), fastest(measured, OTHERS)
    if own is None or other is None:
        return DASH
    return f"{ratio(measured[other], measured[own])} {TITLES[other]}"


def best_table(results: Results, workloads: Sequence[str]) -> list[str]:
    """Each engine with the number of threads that suits it best."""
    rows = []
    for workload in workloads:
        medians = {
            (name, threads): median(seconds)
            for threads in results["settings"]["threads"]
            for name, seconds in times_of(results, workload, threads).items()
        }
        own = best(medians, OURS)
        other = best(medians, OTHERS)
        if own and other:
            times = medians[other] / medians[own]
            pair = [described(key, medians) for key in (own, other)]
            rows.append([WORKLOADS[workload].title, *pair, f"{figures(times)}"])
    return markdown(["one step", "seegrad", "best other", "other / ours"], rows)


def best(
    medians: dict[tuple[str, str], float], among: Sequence[str]
) -> tuple[str, str] | None:
    """The engine and number of threads with the smallest median."""
    keys = [key for key in medians if key[0] in among]
    return min(keys, key=medians.__getitem__, default=None)


def described(key: tuple[str, str], medians: dict[tuple[str, str], float]) -> str:
    """A time, whose it is, and with how many threads."""
    engine, threads = key
    return f"{duration(medians[key])} ({TITLES[engine]}, {thread_words(threads)})"


def thread_words(threads: str) -> str:
    """1 thread, all threads."""
    return "1 thread" if threads == "1" else f"{threads} threads"


def memory_table(results: Results, workloads: Sequence[str]) -> list[str]:
    """The most memory of each engine's process, less what importing took, in MiB."""
    engines, threads = (
        engines_of(results, workloads),
        results["settings"]["threads"][-1],
    )
    rows = []
    for workload in workloads:
        given = results["times"][workload].get(threads, {})
        sizes = [given.get(name, {}).get("bytes") for name in engines]
        cells = [DASH if s is None else f"{s / MEBIBYTE:.1f}" for s in sizes]
        rows.append([WORKLOADS[workload].title, *cells])
    return markdown(["MiB", *[TITLES[name] for name in engines]], rows)


def first_step_table(results: Results, notes: Footnotes) -> list[str]:
    """Seconds from an imported library to the first loss, cold and warm."""
    found = results["starts"]["first_step"]
    engines = [n for n in COMPILING if any(n in each for each in found.values())]
    head = [f"{TITLES[name]}, {state}" for name in engines for state in STATES]
    rows = []
    for workload, by_engine in found.items():
        cells = []
        for name in engines:
            each = by_engine[name]
            for state in STATES:
                why = f"{TITLES[name]}: {each.get('reason')}"
                cells.append(
                    duration(each[state]) if state in each else notes.mark(why)
                )
        rows.append([WORKLOADS[workload].title, *cells])
    return markdown(["first step", *head], rows)


def import_table(results: Results) -> list[str]:
    """The median seconds of importing a library in a fresh process."""
    found = results["starts"]["import"]
    rows = [
        [library, duration(median(found[engine]))]
        for engine, library in LIBRARIES.items()
        if found.get(engine)
    ]
    return markdown(["import", "median"], rows)


def agreement_table(results: Results) -> list[str]:
    """The largest deviation of each engine's losses, over all it was measured on."""
    worst: dict[str, float] = {}
    for by_threads in results["times"].values():
        for engines in by_threads.values():
            for name, each in engines.items():
                worst[name] = max(worst.get(name, 0.0), each.get("deviation", 0.0))
    rows = [[TITLES[n], f"{worst[n]:.1e}"] for n in TITLES if n in worst]
    return markdown(["losses", "largest deviation"], rows)
