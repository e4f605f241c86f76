"""The page: where it was measured, the tables, the pictures, and how to read them.

Everything on it comes from one file of numbers; nothing is typed in by hand.
"""

from __future__ import annotations

from pathlib import Path

from bench import tables
from bench.harness.campaign import trainings
from bench.harness.settings import LOSS_STEPS, SETTLE_SECONDS, TOLERANCE
from bench.harness.statistics import duration
from bench.picture import picture
from bench.tables import Footnotes, Results, thread_words
from bench.workloads import WORKLOADS

# Prose has one sentence per line, however long.
# ruff: noqa: E501
INTRODUCTION = """\
# Performance

One training step (forward, loss, backward, update in float32, Adam) of the same models, from the same weights, on the same data, in several libraries.
This page is made by `scripts/bench --report`; every number of it is in `bench/results.json`.
"""

READING = f"""\
## How it was measured

Each engine runs in a process of its own.
Its threads are limited by the environment (and by the library's own setting), to one or not at all.
Before anything is timed, the losses after steps {", ".join(map(str, LOSS_STEPS))} are compared.
An engine whose loss differs from the median of all by more than {TOLERANCE:g} of it is not reported but called wrong.
Then the engines take turns: a short block of steps each, round after round, while the others are halted.
Before each block an engine runs its steps for {SETTLE_SECONDS * 1000:g} ms unmeasured: caches were others' in the meantime, and systems that put waking threads on one core need that long to spread them.
A time is the median of the rounds.
A ratio is the median of the ratios within a round, with the first and third quartile in brackets.

The floors say how quick a step could be on this machine.
*Operations*: two for each multiply-add of the matrix products and convolutions, forward and backward, divided by the rate of a loop of multiply-adds in registers.
*Bytes*: the inputs are read, each weight is read going forward, weights and both moments of Adam are read and written in the update, and what the backward pass needs is written and read; divided by the rate of a loop with that mix of reading and writing over as many bytes as the step comes back to.
Gradients may stay in registers and are not counted.
The formulas are in `bench/workloads`, the loops in `bench/harness/limits.py`.
"""


def write(results: Results, docs: Path) -> None:
    """Write the page and its pictures into the folder of the documentation."""
    (docs / "images").mkdir(parents=True, exist_ok=True)
    for threads in results["settings"]["threads"]:
        drawn = picture(results, shown(results, trainings()), threads)
        drawn.save(docs / "images" / image_name(threads))
    (docs / "performance.md").write_text(page(results), encoding="utf-8")


def image_name(threads: str) -> str:
    """The file of a picture."""
    return f"performance_{thread_words(threads).replace(' ', '_')}.svg"


def shown(results: Results, names: list[str]) -> list[str]:
    """Those of these workloads that the results have."""
    return [name for name in names if results["times"].get(name)]


def page(results: Results) -> str:
    """The whole page as Markdown."""
    notes = Footnotes()
    trained = shown(results, trainings())
    predicted = shown(
        results, [n for n, w in WORKLOADS.items() if w.task != "training"]
    )
    scalars = shown(results, ["scalars"])
    parts = [INTRODUCTION, machine(results)]
    if trained:
        best = tables.best_table(results, trained)
        parts.append(section("Each at its best", BEST, best))
    for threads in results["settings"]["threads"]:
        heading = f"Training steps, {thread_words(threads)}"
        image = picture_line(results, trained, threads)
        parts += times(results, trained, threads, heading, image, notes)
    for threads in results["settings"]["threads"]:
        heading = f"One prediction, {thread_words(threads)}"
        parts += times(results, predicted, threads, heading, "", notes)
    first = results["settings"]["threads"][0]
    parts += times(results, scalars, first, "Single numbers", SCALARS, notes)
    parts += starts(results, notes)
    if trained:
        parts.append(section("Memory", MEMORY, tables.memory_table(results, trained)))
    parts.append(section("Agreement", AGREEMENT, tables.agreement_table(results)))
    parts += [READING, "\n".join(notes.lines())]
    return "\n".join(parts).rstrip() + "\n"


BEST = (
    "Every engine with the number of threads that suits it: the ratio of the medians."
)
SCALARS = "One step of the hinge loss and plain gradient descent on floats in Python."
MEMORY = "The most that each process held at once, less what it held after importing."
AGREEMENT = "The largest relative distance of a loss from the median of all engines."


def section(title: str, words: str, table: list[str]) -> str:
    """A heading, a sentence or two, a table."""
    said = f"{words}\n\n" if words else ""
    return f"## {title}\n\n{said}" + "\n".join(table) + "\n"


def times(
    results: Results, names: list[str], threads: str, heading: str, words: str,
    notes: Footnotes,
) -> list[str]:  # fmt: skip
    """The section of some workloads, or none where none was measured."""
    if not names:
        return []
    table = tables.times_table(results, names, threads, notes)
    return [section(heading, words, table)]


def picture_line(results: Results, names: list[str], threads: str) -> str:
    """The picture of the training steps, with its words for who cannot see it."""
    alt = picture(results, names, threads).alt
    return f"![{alt}](images/{image_name(threads)})"


def starts(results: Results, notes: Footnotes) -> list[str]:
    """What comes before the first result."""
    found = []
    if results["starts"]["first_step"]:
        words = (
            "From an imported library to the first loss in a fresh process, compiling "
            "included; warm when the process before it left its caches on disk."
        )
        table = tables.first_step_table(results, notes)
        found.append(section("Time to the first step", words, table))
    if any(results["starts"]["import"].values()):
        words = "In fresh processes; NumPy is included in all of them."
        table = tables.import_table(results)
        found.append(section("Importing", words, table))
    return found


def machine(results: Results) -> str:
    """The machine, the versions, and what it can do at best."""
    about = results["machine"]
    family = f", family {about['family']}, model {about['model']}" * bool(
        about["family"]
    )
    versions = ", ".join(f"{name} {v}" for name, v in results["versions"].items())
    features = ", ".join(about["features"]) or "no vector features"
    processor = f"{about['processor']} ({about['architecture']}{family})"
    lines = [
        f"Processor: {processor}, {about['cores']} cores, {features}.",
        f"System: {about['system']}.",
        f"Versions: {versions}.",
    ]
    for threads, limits in results["limits"].items():
        if limits:
            giga = limits["operations_per_second"] / 1e9
            lines.append(f"At best, {thread_words(threads)}: {giga:.0f} GFLOP/s.")
    rounds, block = results["settings"]["rounds"], results["settings"]["block_seconds"]
    lines.append(f"Rounds: {rounds}, of blocks of at least {duration(block)}.")
    busy = contended(results)
    if busy:
        lines.append(
            f"The machine was busy with other things: {busy} of the single-threaded "
            "measurements had less than 0.9 of a core."
        )
    return "\n".join(f"- {line}" for line in lines) + "\n"


def contended(results: Results) -> int:
    """How many measurements on one thread did not have a core for themselves."""
    return sum(
        sorted(each["cores"])[len(each["cores"]) // 2] < 0.9
        for by_threads in results["times"].values()
        for each in by_threads.get("1", {}).values()
        if "cores" in each and "reason" not in each
    )
