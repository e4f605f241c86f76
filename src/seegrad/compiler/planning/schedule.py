"""The schedule: in which order kernels run, what is stored, and what waits for what.

Parameters are updated in place, so whoever reads the old ones must come first, and so
must every check: a step that is stopped has changed nothing. Where the order cannot be
had, the new numbers are kept aside and copied at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

from seegrad.compiler.planning.kernels import Item, Kernel
from seegrad.compiler.planning.plan import Planner
from seegrad.compiler.planning.weigh import COSTLY, weight
from seegrad.compiler.programs.index import Index
from seegrad.compiler.programs.joins import is_join, prepared
from seegrad.compiler.programs.program import Goal, Program, Term, copied

Reads = dict[Kernel, list[tuple[Item, Term, Index | None]]]  # who reads what, and where


@dataclass(eq=False)
class Schedule:
    """Kernels in order, with what each reads, and where goals are written.

    ``first_update`` is the position of the first kernel that changes what was there
    before the step; the checks are looked at just before it.
    """

    kernels: list[Kernel]
    reads: Reads
    goals: list[Goal]
    checks: list[Term]
    joins: dict[Term, list[Term]]
    first_update: int = 0
    leaves: list[Term] = field(default_factory=list)


def schedule(program: Program) -> Schedule:
    """The kernels of a program in an order in which all updates can be in place."""
    program = prepared(program)
    aside: set[Any] = set()  # targets whose new numbers are kept aside, then copied
    while True:
        found = _tried(program, aside)
        if isinstance(found, Schedule):
            return found
        aside |= found


def _tried(program: Program, aside: set[Any]) -> Schedule | set[Any]:
    """The schedule, if there is an order; or what has to be kept aside as well."""
    program, goals, late = _with_copies(program, aside)
    planner = Planner(program, late)
    reads: Reads = {kernel: [] for kernel in planner.planned()}
    for kernel, own in reads.items():
        for item in kernel.items:
            own += [(item, *found) for found in item.reads(planner.stops)]
        _count_phases(kernel, own)
    writers = {goal.term: goal.target for goal in program.updates}
    in_place = {t: target for t, target in writers.items() if target not in aside}
    blocked = _blocked(reads, in_place)
    _follow_joins(reads, planner.joins)
    order = None if blocked else _ordered(reads, writers, program.checks)
    if order is None:
        return blocked or set(in_place.values())
    kept = set(program.goals).union(*planner.joins.values())
    _mark_stored(reads, kept, planner.exact)
    updates = [k for k, kernel in enumerate(order) if kernel.updates]
    return Schedule(
        order,
        reads,
        goals,
        program.checks,
        planner.joins,
        first_update=min(updates, default=len(order)),
        leaves=[t for t in planner.terms if t.op is None and t.number is None],
    )


def _with_copies(
    program: Program, aside: set[Any]
) -> tuple[Program, list[Goal], list[Term]]:
    """A program in which every goal is a term of its own, that no other goal has.

    What may not be updated in place is kept, and gets a copy that comes after
    everything else; these late copies are returned too.
    """
    taken: set[Term] = set(program.checks)
    last = max((term.order for term in program.ordered()), default=0) + 1
    late: list[Term] = []

    def own(term: Term, target: Any = None) -> Term:
        if target is not None and target in aside:
            late.append(copied(copied(term) if term.op is None else term, last))
            return late[-1]
        if term.op is None or term in taken or is_join(term):
            return copied(term)
        taken.add(term)
        return term

    updates = [
        Goal(own(goal.term, goal.target), goal.target) for goal in program.updates
    ]
    results = [own(term) for term in program.results]
    goals = [Goal(term, position) for position, term in enumerate(results)]
    return Program(results, updates, program.checks), goals + updates, late


def _count_phases(kernel: Kernel, reads: list[tuple[Item, Term, Index | None]]) -> None:
    """After how many inner loops each item can be computed."""
    items = {item.term: item for item in kernel.items}
    for item, term, _ in reads:
        before = items.get(term)
        if before is not None:
            item.phase = max(item.phase, before.phase + (before.level == "sum"))


def _follow_joins(reads: Reads, joins: dict[Term, list[Term]]) -> None:
    """Who reads a whole reads its parts."""
    for own in reads.values():
        for item, term, _ in own:  # it grows while we walk along it
            own += [(item, part, None) for part in joins.get(term, ())]


def _blocked(reads: Reads, in_place: dict[Term, Any]) -> set[Any]:
    """Updates that would overwrite what their own kernel still has to read."""
    bad: set[Any] = set()
    for kernel, own in reads.items():
        writers = {in_place[i.term]: i for i in kernel.items if i.term in in_place}
        for item, term, index in own if writers else ():
            writer = writers.get(term.source)
            if writer is None:
                continue
            by_row = writer.level == "row"
            late = item.level == "all" if by_row else item.phase > writer.phase
            if index != writer.index or late:
                bad.add(term.source)
    return bad


def _ordered(
    reads: Reads, writers: dict[Term, Any], checks: list[Term]
) -> list[Kernel] | None:
    """Kernels after what they read, and updates after the last look at the old."""
    home = {item.term: kernel for kernel in reads for item in kernel.items}
    targets = {target: home[term] for term, target in writers.items()}
    checking = {home[term] for term in checks if term in home}
    before: dict[Kernel, set[Kernel]] = {kernel: set() for kernel in reads}
    for kernel, own in reads.items():
        for _, term, _ in own:
            if term in home:
                before[kernel].add(home[term])
            writer = targets.get(term.source)
            if writer is not None:
                before[writer].add(kernel)
    for kernel in targets.values():
        kernel.updates = True
        before[kernel] |= checking
    if not checking.isdisjoint(targets.values()):
        return None
    for kernel, others in before.items():
        others.discard(kernel)
    return _sorted(before)


def _sorted(before: dict[Kernel, set[Kernel]]) -> list[Kernel] | None:
    """Each kernel after those before it, updates late; None in a circle."""
    sorter = TopologicalSorter(before)
    try:
        sorter.prepare()
    except CycleError:
        return None
    turn = {kernel: (kernel.updates, k) for k, kernel in enumerate(before)}
    ready: list[Kernel] = []
    order = []
    while sorter.is_active():
        ready += sorter.get_ready()
        kernel = min(ready, key=turn.__getitem__)
        ready.remove(kernel)
        order.append(kernel)
        sorter.done(kernel)
    return order


def _mark_stored(reads: Reads, goals: set[Term], exact: set[Term]) -> None:
    """An item needs memory if it is a goal, or is read elsewhere, or much later."""
    items = {item.term: (item, kernel) for kernel in reads for item in kernel.items}
    for term, (item, _) in items.items():
        item.stored = term in goals
    for kernel, own in reads.items():
        for reader, term, _ in own:
            if term not in items:
                continue
            item, home = items[term]
            later = item.level == "all" and reader.phase > item.phase
            costly = term.kind != "elementwise" or weight(term) > COSTLY
            if home is not kernel or (later and (term in exact or costly)):
                item.stored = True
