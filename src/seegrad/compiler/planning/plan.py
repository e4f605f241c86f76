"""The plan: which terms are kept in memory, and which loops compute them.

A term that only computes number by number melts into the loop that needs it. What is
kept (sums, products, goals, costly things that are needed twice) has a home, a kernel:
one nest of loops that computes one or several kept terms. A term moves into the kernel
of what it is made from whenever it can be computed there number by number, as a bias
and an activation can while a product is being stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from seegrad.compiler.planning.align import aligned
from seegrad.compiler.planning.keep import Keeper
from seegrad.compiler.planning.kernels import Item, Kernel, first_kernel
from seegrad.compiler.programs.index import strides_of
from seegrad.compiler.programs.joins import is_join, parts
from seegrad.compiler.programs.origins import adds_up
from seegrad.compiler.programs.program import Program, Term, below

NEAR = 32  # kernels that are tried, the latest first


class Planner:
    """Finds a home for every kept term of a program, in the order of computation."""

    def __init__(self, program: Program, late: Iterable[Term] = ()) -> None:
        self.late = set(late)  # copies of what was kept aside, after everything else
        self.terms = program.ordered()
        self.updated = {goal.term for goal in program.updates}
        self.checked = set(below(program.checks))
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
        self.items: dict[Term, Item] = {}
        self.ready: dict[Term, int] = {}  # joins, and the kernel of their last part

    def stops(self, term: Term) -> bool:
        """Whether the numbers of a term are found in memory, or in a kernel."""
        return term in self.kept

    def planned(self) -> list[Kernel]:
        """The kernels, in an order in which they can run."""
        for term in self.terms:
            if term.kind != "contraction":  # what it melts with may still have to come
                self._settle(term)
        for term in self.terms:
            self._settle(term)
        return self.kernels

    def _is_settled(self, term: Term) -> bool:
        return term in self.home or term in self.ready

    def _settle(self, term: Term) -> None:
        """Find a home for a kept term, and before for the products that it needs."""
        if term not in self.kept or self._is_settled(term):
            return
        needed = below([term], self._is_settled)
        for x in sorted(needed, key=lambda y: y.order):
            if x in self.kept and not self._is_settled(x):
                self._place(x)

    def _place(self, term: Term) -> None:
        if term in self.joins:
            last = [self.ready.get(x, self.home.get(x, -1)) for x in self.joins[term]]
            self.ready[term] = max(last, default=-1)
            return
        alone = term in self.late or term.kind == "contraction" or adds_up(term)
        if alone or not self._joins(term):
            kernel = first_kernel(term)
            self.kernels.append(kernel)
            self._note(kernel.items[0], len(self.kernels) - 1)

    def _note(self, item: Item, number: int) -> None:
        kernel, term = self.kernels[number], item.term
        self.home[term], self.items[term] = number, item
        kernel.updates = kernel.updates or term in self.updated
        kernel.checks = kernel.checks or term in self.checked

    def _joins(self, term: Term) -> bool:
        """Try to compute a term in a kernel that is already there."""
        probe = first_kernel(term)
        reads: Any = list(probe.items[0].reads(self.stops))
        latest = max((self.home.get(x, -1) for x, _ in reads), default=-1)
        ready = max((self.ready.get(x, -1) for x, _ in reads), default=-1)
        first = [latest] if latest > ready else []
        last = len(self.kernels) - 1
        later = range(last, max(latest, ready, last - NEAR), -1)
        for number in [*first, *later]:
            kernel = self.kernels[number]
            if not self._may_hold(kernel, term):
                continue
            own = [(x, at) for x, at in reads if self.home.get(x) == number]
            item = aligned(kernel, probe, [(at, self.items[x].index) for x, at in own])
            if item is not None:
                kernel.items.append(item)
                if item.level == "sum":
                    outer = {part.axis for part in item.index}
                    kernel.inner = frozenset(a for a in kernel.axes if a not in outer)
                self._note(item, number)
                return True
        return False

    def _may_hold(self, kernel: Kernel, term: Term) -> bool:
        """Checks come before updates, so no kernel does both."""
        if kernel.kind == "scatter" or kernel.items[0].term in self.late:
            return False
        if term in self.checked and kernel.updates:
            return False
        return not (kernel.checks and term in self.updated)
