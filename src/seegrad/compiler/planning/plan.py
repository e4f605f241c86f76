"""The plan: which terms are kept in memory, and which loops compute them.

A term that only computes number by number melts into the loop that needs it. What is
kept (sums, products, goals, costly things that are needed twice) has a home, a kernel:
one nest of loops that computes one or several kept terms. A term moves into the kernel
of what it is made from whenever it can be computed there number by number, as a bias
and an activation can while a product is being stored.
"""

from __future__ import annotations

from collections.abc import Iterable

from seegrad.compiler.planning.keep import Keeper
from seegrad.compiler.planning.kernels import (
    Item,
    Kernel,
    axes_of,
    index_of,
    loop_kernel,
    product_kernel,
    single,
)
from seegrad.compiler.programs.index import Axis, Expression, strides_of
from seegrad.compiler.programs.joins import is_join, parts
from seegrad.compiler.programs.origins import Index, puts_once, reads
from seegrad.compiler.programs.program import Program, Term

NEAR = 32  # kernels that are tried, the latest first


class Planner:
    """Finds a home for every kept term of a program, in the order of computation."""

    def __init__(self, program: Program, late: Iterable[Term] = ()) -> None:
        self.program = program
        self.late = set(late)  # copies of what was kept aside, after everything else
        self.terms = program.ordered()
        self.updated = {goal.term for goal in program.updates}
        self.checked = _below(program.checks)
        self.joins = {
            term: [part.term for part in parts(term, strides_of(term.shape))]
            for term in self.terms
            if is_join(term)
        }
        inner = [part for own in self.joins.values() for part in own]
        inner += [term.inputs[0] for term in self.late]
        keeper = Keeper(program, inner)
        self.kept, self.exact = keeper.kept(), keeper.exact
        self.kernels: list[Kernel] = []
        self.home: dict[Term, int] = {}
        self.ready: dict[Term, int] = {}  # joins, and the kernel of their last part

    def stops(self, term: Term) -> bool:
        """Whether the numbers of a term are found in memory, or in a kernel."""
        return term in self.kept

    # Where they are computed --------------------------------------------------------

    def planned(self) -> list[Kernel]:
        """The kernels, in an order in which they can run."""
        for term in self.terms:
            if term.kind != "contraction":  # what it melts with may still have to come
                self._settle(term)
        for term in self.terms:
            self._settle(term)
        return self.kernels

    def _settle(self, term: Term) -> None:
        """Find a home for a term, and before for the products that it needs."""
        stack = [(term, False)]
        while stack:
            x, ready = stack.pop()
            if x not in self.kept or x in self.home or x in self.ready:
                continue
            if ready:
                self._place(x)
                continue
            stack.append((x, True))
            below = sorted(self._kept_below(x), key=lambda y: -y.order)
            stack.extend((y, False) for y in below)

    def _kept_below(self, term: Term) -> set[Term]:
        """The kept terms that a term is made from directly."""
        found, stack, seen = set(), list(term.inputs), set()
        while stack:
            x = stack.pop()
            if x in seen or x.op is None:
                continue
            seen.add(x)
            if x in self.kept:
                found.add(x)
            else:
                stack.extend(x.inputs)
        return found

    def _place(self, term: Term) -> None:
        if term in self.joins:
            last = [self.ready.get(x, self.home.get(x, -1)) for x in self.joins[term]]
            self.ready[term] = max(last, default=-1)
        elif term.kind == "contraction":
            self._add(product_kernel(term))
        elif (
            term.kind == "lookup"
            and term.op
            and term.op.facts.target
            and not puts_once(term)
        ):
            axes = axes_of(term.inputs[0].shape)
            kernel = Kernel("scatter", axes)
            kernel.items.append(Item(term, index_of(term.inputs[0].shape, axes), "all"))
            self._add(kernel)
        elif term in self.late or not self._joins(term):
            self._add(loop_kernel(term))

    def _add(self, kernel: Kernel) -> None:
        self.kernels.append(kernel)
        for item in kernel.items:
            self.home[item.term] = len(self.kernels) - 1
            kernel.updates = kernel.updates or item.term in self.updated

    def _joins(self, term: Term) -> bool:
        """Try to compute a term in a kernel that is already there."""
        probe = loop_kernel(term)
        needed = list(self._reads(term, probe))
        homes = [self.home[x] for x, _ in needed if x in self.home]
        latest = max(homes, default=-1)
        ready = max((self.ready[x] for x, _ in needed if x in self.ready), default=-1)
        first = [latest] if latest > ready else []
        last = len(self.kernels) - 1
        later = range(last, max(latest, ready, last - NEAR), -1)
        for number in [*first, *later]:
            kernel = self.kernels[number]
            if not self._may_hold(kernel, term):
                continue
            item = self._aligned(term, probe, needed, number)
            if item is not None:
                kernel.items.append(item)
                kernel.updates = kernel.updates or term in self.updated
                if item.level == "sum":
                    kernel.inner = _inner_axes(item, kernel)
                self.home[term] = number
                return True
        return False

    def _may_hold(self, kernel: Kernel, term: Term) -> bool:
        """Checks come before updates, so no kernel does both."""
        if kernel.kind == "scatter" or kernel.items[0].term in self.late:
            return False
        if term in self.checked and kernel.updates:
            return False
        checks = any(item.term in self.checked for item in kernel.items)
        return not (checks and term in self.updated)

    def _reads(self, term: Term, probe: Kernel) -> Iterable[tuple[Term, Index]]:
        """What a term reads, while it is computed by a kernel of its own."""
        item = probe.items[0]
        if item.level == "sum":
            x = term.inputs[0]
            yield from reads(x, item.over, self.stops, first=False)
        else:
            yield from reads(term, item.index, self.stops)

    def _aligned(
        self, term: Term, probe: Kernel, needed: list[tuple[Term, Index]], number: int
    ) -> Item | None:
        """The item of a term in a kernel, if it can be computed there."""
        kernel = self.kernels[number]
        mine = probe.items[0]
        if mine.level == "sum" and not _can_sum(kernel, probe):
            return None
        match = self._match(probe, needed, kernel, number)
        if match is None:
            return None
        new = {mine: Expression.of(theirs) for mine, theirs in match.items()}
        index = tuple(part.replaced(new) for part in mine.index)
        level = mine.level
        used = set(match.values())
        if level == "sum":
            inner = {match[axis] for axis in probe.inner}
            if len(match) != len(kernel.axes) or (
                kernel.inner and inner != kernel.inner
            ):
                return None
        elif len(match) < len(kernel.axes):
            if kernel.kind != "loop" or used != set(kernel.outer):
                return None
            level = "row"
        elif kernel.inner and used == set(kernel.outer):
            level = "row"
        for x, at in needed:
            if self.home.get(x) == number:
                there = kernel.item(x)
                assert there is not None
                if tuple(part.replaced(new) for part in at) != there.index:
                    return None
        over = tuple(part.replaced(new) for part in mine.over)
        return Item(term, index, level, over)

    def _match(
        self,
        probe: Kernel,
        needed: list[tuple[Term, Index]],
        kernel: Kernel,
        number: int,
    ) -> dict[Axis, Axis] | None:
        """Which axis of the kernel each axis of the term runs with."""
        match: dict[Axis, Axis] = {}
        for x, at in needed:
            if self.home.get(x) != number:
                continue
            there = kernel.item(x)
            assert there is not None
            for mine, theirs in zip(at, there.index, strict=True):
                a, b = single(mine), single(theirs)
                if a is not None and b is not None and match.setdefault(a, b) is not b:
                    return None
        if not match:
            if kernel.kind != "loop":
                return None
            match = _by_position(probe, kernel)
        left = [axis for axis in probe.axes if axis not in match]
        free = [axis for axis in kernel.axes if axis not in match.values()]
        if left:
            match |= dict(zip(left, free, strict=False))
        if len(match) < len(probe.axes) or len(set(match.values())) < len(match):
            return None
        if any(a.length != b.length for a, b in match.items()):
            return None
        return match


def _by_position(probe: Kernel, kernel: Kernel) -> dict[Axis, Axis]:
    lengths = probe.lengths
    if lengths == kernel.lengths:
        return dict(zip(probe.axes, kernel.axes, strict=True))
    if kernel.inner and lengths == tuple(axis.length for axis in kernel.outer):
        return dict(zip(probe.axes, kernel.outer, strict=True))
    return {}


def _can_sum(kernel: Kernel, probe: Kernel) -> bool:
    """Whether a kernel may take in a reduction like this one."""
    if kernel.kind != "loop":
        return False
    return bool(kernel.inner) or probe.axes[-1] in probe.inner


def _inner_axes(item: Item, kernel: Kernel) -> frozenset[Axis]:
    outer = {axis for axis in map(single, item.index) if axis is not None}
    return frozenset(axis for axis in kernel.axes if axis not in outer)


def _below(terms: list[Term]) -> set[Term]:
    found, stack = set(), list(terms)
    while stack:
        term = stack.pop()
        if term not in found:
            found.add(term)
            stack.extend(term.inputs)
    return found
