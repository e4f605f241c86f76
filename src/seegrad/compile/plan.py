"""The plan: which terms are kept in memory, and which loops compute them.

A term that only computes number by number melts into the loop that needs it. What is
kept (sums, products, goals, costly things that are needed twice) has a home, a kernel:
one nest of loops that computes one or several kept terms. A term moves into the kernel
of what it is made from whenever it can be computed there number by number, as a bias
and an activation can while a product is being stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from seegrad.compile.index import Axis, Expression
from seegrad.compile.joins import is_join, parts, strides_of
from seegrad.compile.origins import Index, puts_once, reads
from seegrad.compile.program import Program, Term
from seegrad.compile.weigh import weight
from seegrad.facts import Product

LOAD = 2  # what a number that is read from memory costs, in additions
COSTLY = 8  # additions, from which a number needed twice is kept
NEAR = 32  # kernels that are tried, the latest first
MANY_PRODUCTS = 4  # that read one transposed matrix, from which it is kept
LARGE = 200  # additions, from which a number is kept in any case


@dataclass(eq=False)
class Item:
    """A kept term in its kernel: at which index of the kernel's axes it is computed.

    ``level`` is "all" for a number at every index, "row" for one at every index of the
    outer axes, "sum" for a reduction over the inner axes, which reads at ``over``.
    ``stored`` tells whether anyone reads it from memory; ``phase`` counts the inner
    loops before it.
    """

    term: Term
    index: Index
    level: str
    over: Index = ()
    stored: bool = False
    phase: int = 0


@dataclass(eq=False)
class Kernel:
    """One nest of loops. ``kind`` is "loop", "product" or "scatter"."""

    kind: str
    axes: tuple[Axis, ...]
    inner: frozenset[Axis] = frozenset()
    items: list[Item] = field(default_factory=list)
    product: Product | None = None
    parts: tuple[tuple[Axis, ...], ...] = ()  # of a product: batch, rows, columns
    updates: bool = False  # whether it writes what was there before the step

    def item(self, term: Term) -> Item | None:
        """The item of a term, if this is its home."""
        return next((item for item in self.items if item.term is term), None)

    @property
    def outer(self) -> tuple[Axis, ...]:
        """The axes that are not summed over."""
        return tuple(axis for axis in self.axes if axis not in self.inner)

    @property
    def lengths(self) -> tuple[int, ...]:
        """The lengths of all axes; none is 1."""
        return tuple(axis.length for axis in self.axes)


def axes_of(shape: Iterable[int]) -> tuple[Axis, ...]:
    """A counter for each axis that is longer than 1."""
    names = "ijklmnpqrstuvw"
    lengths = [n for n in shape if n != 1]
    return tuple(Axis(n, names[k % len(names)]) for k, n in enumerate(lengths))


def index_of(shape: tuple[int, ...], axes: Iterable[Axis]) -> Index:
    """The index into an array of this shape, with the axes where it is longer than 1."""
    left = iter(axes)
    zero = Expression({}, 0)
    return tuple(zero if n == 1 else Expression.of(next(left)) for n in shape)


class Planner:
    """Finds a home for every kept term of a program, in the order of computation."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.terms = program.ordered()
        self.users: dict[Term, list[Term]] = {term: [] for term in self.terms}
        for term in self.terms:
            for x in dict.fromkeys(term.inputs):
                self.users[x].append(term)
        self.updated = {goal.term for goal in program.updates}
        self.checked = _below(program.checks)
        self.joins = {
            term: [part.term for part in parts(term, strides_of(term.shape))]
            for term in self.terms
            if is_join(term)
        }
        self.kept = self._kept()
        self.kernels: list[Kernel] = []
        self.home: dict[Term, int] = {}
        self.ready: dict[Term, int] = {}  # joins, and the kernel of their last part

    def stops(self, term: Term) -> bool:
        """Whether the numbers of a term are found in memory, or in a kernel."""
        return term in self.kept

    # Which terms are kept -----------------------------------------------------------

    def _kept(self) -> set[Term]:
        goals = set(self.program.goals).union(*self.joins.values())
        kept = {
            term
            for term in self.terms
            if term.op is not None and (term in goals or _needs_a_kernel(term))
        }
        work: dict[Term, int] = {}
        looking: set[Term] = set()  # what cannot be computed outside of its bounds
        for term in self.terms:
            if term.op is None or term in kept:
                continue
            if term.kind == "lookup" or looking.intersection(term.inputs):
                looking.add(term)
                if any(user.op and user.op.facts.padded for user in self.users[term]):
                    kept.add(term)
                    looking.discard(term)
                    continue
            work[term] = _own_weight(term) + sum(
                work.get(x, 0 if x.number is not None or 2 * x.size < term.size else LOAD)
                for x in term.inputs
            )
            if self._is_worth_keeping(term, work[term]):
                kept.add(term)
                work[term] = LOAD
            elif self._ends_product(term, kept):
                kept.add(term)
                work[term] = LOAD
        return kept

    def _ends_product(self, term: Term, kept: set[Term]) -> bool:
        """Whether it can be stored instead of the product that only it uses."""
        return term.kind == "elementwise" and any(
            x in kept
            and x.size == term.size
            and len(self.users[x]) == 1
            and (x.kind == "contraction" or x.kind == "elementwise")
            for x in term.inputs
        )

    def _is_worth_keeping(self, term: Term, work: int) -> bool:
        if term.kind == "movement":  # turned over once rather than by each product
            turned = [user for user in self.users[term] if user.kind == "contraction"]
            return len(turned) >= MANY_PRODUCTS
        if term.kind != "elementwise":
            return False
        users = self._real_users(term)
        if any(user.kind == "contraction" for user in users):
            return True
        if any(user.op and user.op.facts.flat and _folds(user) for user in users):
            return True
        if any(user.size > 16 * term.size and work > 2 for user in users):
            return True  # repeated many times by broadcasting
        return (len(users) > 1 and work > COSTLY) or work > LARGE

    def _real_users(self, term: Term) -> list[Term]:
        """The terms that use it, seen through movements."""
        found, stack, seen = [], list(self.users[term]), set()
        while stack:
            user = stack.pop()
            if user in seen:
                continue
            seen.add(user)
            if user.kind == "movement" and not (user.op and user.op.facts.flat and _folds(user)):
                stack.extend(self.users[user])
            else:
                found.append(user)
        return found

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
            self._add(_product_kernel(term))
        elif term.kind == "lookup" and term.op and term.op.facts.target and not puts_once(term):
            axes = axes_of(term.inputs[0].shape)
            kernel = Kernel("scatter", axes)
            kernel.items.append(Item(term, index_of(term.inputs[0].shape, axes), "all"))
            self._add(kernel)
        elif not self._joins(term):
            self._add(_loop_kernel(term))

    def _add(self, kernel: Kernel) -> None:
        self.kernels.append(kernel)
        for item in kernel.items:
            self.home[item.term] = len(self.kernels) - 1
            kernel.updates = kernel.updates or item.term in self.updated

    def _joins(self, term: Term) -> bool:
        """Try to compute a term in a kernel that is already there."""
        probe = _loop_kernel(term)
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
        if kernel.kind == "scatter":
            return False
        if term in self.checked and kernel.updates:
            return False
        if term in self.updated and any(i.term in self.checked for i in kernel.items):
            return False
        return True

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
            if len(match) != len(kernel.axes) or (kernel.inner and inner != kernel.inner):
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
                a, b = _single(mine), _single(theirs)
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
    outer = {axis for axis in map(_single, item.index) if axis is not None}
    return frozenset(axis for axis in kernel.axes if axis not in outer)


def _single(part: Expression) -> Axis | None:
    """The axis that an expression is, if it is nothing else."""
    if part.constant or len(part.atoms) != 1:
        return None
    ((atom, n),) = part.atoms.items()
    return atom if n == 1 and isinstance(atom, Axis) else None


def _loop_kernel(term: Term) -> Kernel:
    """A kernel of its own for a term that is a loop over numbers, or a reduction."""
    if term.kind != "reduction":
        axes = axes_of(term.shape)
        return Kernel("loop", axes, items=[Item(term, index_of(term.shape, axes), "all")])
    assert term.op is not None and term.op.facts.over is not None
    x = term.inputs[0]
    over = term.op.facts.over(x.shape, **term.settings)
    axes = axes_of(x.shape)
    index = index_of(x.shape, axes)
    inner = frozenset(
        axis for i in over if (axis := _single(index[i])) is not None
    )
    outer = [axis for axis in axes if axis not in inner]
    item = Item(term, index_of(term.shape, outer), "sum", index)
    return Kernel("loop", axes, inner, [item])


def _product_kernel(term: Term) -> Kernel:
    """The kernel of a contraction; what is made from it may join."""
    assert term.op is not None and term.op.facts.product is not None
    shapes = [x.shape for x in term.inputs]
    product = term.op.facts.product(*shapes, **term.settings)
    parts = [
        tuple(Axis(n, f"{name}{k}") for k, n in enumerate(lengths))
        for name, lengths in (
            ("batch", product.batch),
            ("row", product.rows),
            ("column", product.columns),
        )
    ]
    own = [tuple(map(Expression.of, part)) for part in parts]
    index = tuple(map(Expression.of, product.out(*own)))
    axes = tuple(axis for part in parts for axis in part if axis.length != 1)
    kernel = Kernel("product", axes, product=product, parts=tuple(parts))
    kernel.items.append(Item(term, index, "all"))
    return kernel


def _needs_a_kernel(term: Term) -> bool:
    if term.kind in ("reduction", "contraction", "opaque"):
        return True
    if term.kind == "movement":
        return bool(term.op and len(term.inputs) > 1)
    facts = term.op.facts if term.op else None
    return bool(facts and facts.target is not None and not puts_once(term))


def _own_weight(term: Term) -> int:
    if term.kind == "elementwise":
        assert term.op is not None
        return weight(term.op, len(term.inputs), term.settings)
    return 1


def _folds(term: Term) -> bool:
    """Whether a reshape does more than to add and to drop axes of length 1."""
    before = [n for n in term.inputs[0].shape if n != 1]
    return before != [n for n in term.shape if n != 1]


def _below(terms: list[Term]) -> set[Term]:
    found, stack = set(), list(terms)
    while stack:
        term = stack.pop()
        if term not in found:
            found.add(term)
            stack.extend(term.inputs)
    return found


def plan(program: Program) -> list[Kernel]:
    """The kernels of a program."""
    return Planner(program).planned()
