"""A kernel: one nest of loops, and the terms that are computed in it.

Every kept term of a program has one kernel as its home. The plan decides which; here is
what a kernel is, and how one begins with a single term.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from seegrad.compiler.programs.index import Axis, Expression
from seegrad.compiler.programs.origins import Index
from seegrad.compiler.programs.program import Term
from seegrad.facts import Product


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

    def __str__(self) -> str:
        """Its axes (in brackets if summed over), and what it computes; * is stored."""
        lengths = [(axis.length, axis in self.inner) for axis in self.axes]
        said = [f"({n})" if summed else f"{n}" for n, summed in lengths]
        names = [str(item.term.op) + "*" * item.stored for item in self.items]
        return f"{self.kind} {' x '.join(said) or '1'}: {' '.join(names)}"

    def item(self, term: Term) -> Item | None:
        """The item of a term, if this is its home."""
        return next((item for item in self.items if item.term is term), None)

    def items_at(self, new: dict[Axis, Expression]) -> list[Item]:
        """Its items, with other expressions in place of some axes."""
        return [
            Item(i.term, tuple(p.replaced(new) for p in i.index), i.level, (), i.stored)
            for i in self.items
        ]

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
    """The index into an array of this shape, with the axes where it is not 1 long."""
    left = iter(axes)
    zero = Expression({}, 0)
    return tuple(zero if n == 1 else Expression.of(next(left)) for n in shape)


def single(part: Expression) -> Axis | None:
    """The axis that an expression is, if it is nothing else."""
    if part.constant or len(part.atoms) != 1:
        return None
    ((atom, n),) = part.atoms.items()
    return atom if n == 1 and isinstance(atom, Axis) else None


def loop_kernel(term: Term) -> Kernel:
    """A kernel of its own for a term that is a loop over numbers, or a reduction."""
    if term.kind != "reduction":
        axes = axes_of(term.shape)
        item = Item(term, index_of(term.shape, axes), "all")
        return Kernel("loop", axes, items=[item])
    assert term.op is not None
    assert term.op.facts.over is not None
    x = term.inputs[0]
    over = term.op.facts.over(x.shape, **term.settings)
    axes = axes_of(x.shape)
    index = index_of(x.shape, axes)
    inner = frozenset(axis for i in over if (axis := single(index[i])) is not None)
    outer = [axis for axis in axes if axis not in inner]
    item = Item(term, index_of(term.shape, outer), "sum", index)
    return Kernel("loop", axes, inner, [item])


def product_kernel(term: Term) -> Kernel:
    """The kernel of a contraction; what is made from it may join."""
    assert term.op is not None
    assert term.op.facts.product is not None
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
