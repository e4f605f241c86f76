"""The schedule: in which order kernels run, what is stored, and what waits for what.

Parameters are updated in place, so whoever reads the old ones must come first, and so
must every check: a step that is stopped has changed nothing. Where the order cannot be
had, the new numbers are kept aside and copied at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Any

from seegrad.compiler.planning.kernels import Item, Kernel
from seegrad.compiler.planning.plan import Planner
from seegrad.compiler.planning.weigh import weight
from seegrad.compiler.programs.joins import is_join, prepared
from seegrad.compiler.programs.origins import Index, reads
from seegrad.compiler.programs.program import Goal, Program, Term
from seegrad.op import REGISTRY


@dataclass(eq=False)
class Schedule:
    """Kernels in order, with what each reads, and where goals are written.

    ``first_update`` is the position of the first kernel that changes what was there
    before the step; the checks are looked at just before it.
    """

    kernels: list[Kernel]
    reads: dict[Kernel, list[tuple[Item, Term, Index]]]
    goals: list[Goal]
    checks: list[Term]
    joins: dict[Term, list[Term]]
    first_update: int = 0
    leaves: list[Term] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"{k:>4}  {kernel}" for k, kernel in enumerate(self.kernels)]
        lines.insert(self.first_update, "      the checks; what follows may update")
        return "\n".join(lines)


def schedule(program: Program) -> Schedule:
    """The kernels of a program in an order in which all updates can be in place."""
    aside: set[Any] = set()  # targets whose new numbers are kept aside, then copied
    program = prepared(program)
    while True:
        copied, goals, late = _with_copies(program, aside)
        planner = Planner(copied, late)
        kernels = planner.planned()
        for kernel in kernels:
            _count_phases(kernel, planner)
        found = {kernel: list(_kernel_reads(kernel, planner)) for kernel in kernels}
        in_place = [goal for goal in copied.updates if where(goal.target) not in aside]
        writers = {goal.term: goal for goal in copied.updates}
        blocked = _blocked(kernels, found, {goal.term: goal for goal in in_place})
        _follow_joins(found, planner.joins)
        order = None if blocked else _ordered(kernels, found, writers, copied.checks)
        if order is not None:
            kept = set(copied.goals).union(*planner.joins.values())
            _mark_stored(order, found, kept, planner.exact)
            updates = [k for k, kernel in enumerate(order) if kernel.updates]
            leaves = [t for t in planner.terms if t.op is None and t.number is None]
            first = min(updates, default=len(order))
            checks = copied.checks
            return Schedule(order, found, goals, checks, planner.joins, first, leaves)
        aside |= blocked or {where(goal.target) for goal in in_place}


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

    def copy(term: Term, order: int) -> Term:
        alias = REGISTRY["alias"]
        return Term(alias, (term,), {}, term.shape, term.dtype, order=order)

    def own(term: Term, target: Any = None) -> Term:
        if target is not None and where(target) in aside:
            kept = term if term.op is not None else copy(term, term.order)
            late.append(copy(kept, last))
            return late[-1]
        if term.op is not None and term not in taken and not is_join(term):
            taken.add(term)
            return term
        return copy(term, term.order)

    updates = [
        Goal(own(goal.term, goal.target), goal.target) for goal in program.updates
    ]
    results = [own(term) for term in program.results]
    goals = [Goal(term, position) for position, term in enumerate(results)]
    return Program(results, updates, program.checks), goals + updates, late


def _follow_joins(found: Any, joins: dict[Term, list[Term]]) -> None:
    """Who reads a whole reads its parts."""
    for kernel, own in found.items():
        more = []
        for item, term, _ in own:
            stack = list(joins.get(term, ()))
            while stack:
                part = stack.pop()
                more.append((item, part, None))
                stack.extend(joins.get(part, ()))
        found[kernel] = own + more


def _kernel_reads(kernel: Kernel, planner: Planner) -> Any:
    """Every kept term or leaf that an item reads: (item, term, index)."""
    for item in kernel.items:
        term = item.term
        if item.level == "sum":
            x = term.inputs[0]
            starts = [(x, item.over, False)]
        elif term.kind == "contraction" or kernel.kind == "scatter":
            for x in term.inputs:
                yield item, x, None
            for x in term.inputs:
                for leaf in _all_kept(x, planner):
                    yield item, leaf, None
            continue
        else:
            starts = [(term, item.index, True)]
        for start, index, first in starts:
            for found, at in reads(start, index, planner.stops, first):
                yield item, found, at


def _all_kept(term: Term, planner: Planner) -> set[Term]:
    found, stack, seen = set(), [term], set()
    while stack:
        x = stack.pop()
        if x in seen:
            continue
        seen.add(x)
        if x.op is None or planner.stops(x):
            found.add(x)
        else:
            stack.extend(x.inputs)
    return found


def _count_phases(kernel: Kernel, planner: Planner) -> None:
    """After how many inner loops each item can be computed."""
    known: dict[Term, Item] = {}
    for item in kernel.items:
        phase = 0
        for _, term, _ in _kernel_reads(
            Kernel(kernel.kind, kernel.axes, kernel.inner, [item]), planner
        ):
            other = known.get(term)
            if other is not None:
                phase = max(phase, other.phase + (other.level == "sum"))
        item.phase = phase
        known[item.term] = item


def _blocked(kernels: Any, found: Any, writers: dict[Term, Goal]) -> set[Any]:
    """Updates that would overwrite what their own kernel still has to read."""
    bad: set[Any] = set()
    for kernel in kernels:
        for own in kernel.items:
            goal = writers.get(own.term)
            if goal is None:
                continue
            for item, term, index in found[kernel]:
                if not is_target(term, goal):
                    continue
                late = item.phase > own.phase and own.level != "row"
                if (
                    index != own.index
                    or late
                    or (own.level == "row" and item.level == "all")
                ):
                    bad.add(where(goal.target))
    return bad


def is_target(term: Term, goal: Goal) -> bool:
    """Whether a leaf holds the numbers that a goal replaces."""
    if term.op is not None or term.source is None:
        return False
    return bool(where(term.source) == where(goal.target))


def where(source: Any) -> Any:
    """What tells one source, or the position of a result, from another."""
    if isinstance(source, int):
        return source
    parts = tuple(
        part if isinstance(part, int | str | tuple) else id(part)
        for name, part in vars(source).items()
        if name != "name"
    )
    return type(source), parts


def _ordered(
    kernels: list[Kernel], found: Any, writers: dict[Term, Goal], checks: list[Term]
) -> list[Kernel] | None:
    """Kernels after what they read, and updates after the last look at the old."""
    home = {item.term: kernel for kernel in kernels for item in kernel.items}
    before: dict[Kernel, set[Kernel]] = {kernel: set() for kernel in kernels}
    targets = {where(goal.target): home[goal.term] for goal in writers.values()}
    updating = {home[goal.term] for goal in writers.values()}
    checking = {home[term] for term in checks if term in home}
    for kernel in kernels:
        for _, term, _ in found[kernel]:
            maker = home.get(term)
            if maker is not None and maker is not kernel:
                before[kernel].add(maker)
            if term.op is None and term.source is not None:
                writer = targets.get(where(term.source))
                if writer is not None and writer is not kernel:
                    before[writer].add(kernel)
    for kernel in updating:
        kernel.updates = True
        before[kernel] |= checking - {kernel}
    if updating & checking:
        return None
    return _sorted(kernels, before)


def _sorted(
    kernels: list[Kernel], before: dict[Kernel, set[Kernel]]
) -> list[Kernel] | None:
    """Each kernel after those before it, updates late; None in a circle."""
    after: dict[Kernel, list[Kernel]] = {kernel: [] for kernel in kernels}
    missing = {kernel: len(before[kernel]) for kernel in kernels}
    for kernel in kernels:
        for other in before[kernel]:
            after[other].append(kernel)
    position = {kernel: number for number, kernel in enumerate(kernels)}
    ready = [(k.updates, position[k]) for k in kernels if not missing[k]]
    heapify(ready)
    order = []
    while ready:
        kernel = kernels[heappop(ready)[1]]
        order.append(kernel)
        for other in after[kernel]:
            missing[other] -= 1
            if not missing[other]:
                heappush(ready, (other.updates, position[other]))
    return order if len(order) == len(kernels) else None


def _mark_stored(
    order: list[Kernel], found: Any, goals: set[Term], exact: set[Term]
) -> None:
    """An item needs memory if it is a goal, or is read elsewhere, or much later."""
    items = {item.term: (item, kernel) for kernel in order for item in kernel.items}
    for term, (item, _) in items.items():
        item.stored = term in goals
    for kernel in order:
        for reader, term, _ in found[kernel]:
            if term not in items:
                continue
            item, home = items[term]
            later = item.level == "all" and reader.phase > item.phase
            again = later and (term in exact or _costly(term))
            if home is not kernel or again:
                item.stored = True


def _costly(term: Term) -> bool:
    if term.kind != "elementwise" or term.op is None:
        return True
    return weight(term.op, len(term.inputs), term.settings) > 8
