"""Sums of products: one long product.

When a weight was used at many steps, it gets a product from each, and their sum is one
product along a longer inner axis. The factors are joined for it, in the order of a join
that is there already if there is one: the states of a recurrent network, for one.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from seegrad.compiler.programs.index import Axis, index_of
from seegrad.compiler.programs.joins import base, is_join
from seegrad.compiler.programs.long_product import long_product
from seegrad.compiler.programs.program import Program, Term, constant
from seegrad.compiler.programs.rewrite import Rewriter, is_add, join
from seegrad.op import REGISTRY

FEWEST = 3  # products, from which their sum is taken as one


class Products(Rewriter):
    """Sums of products become products, longer ones."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.users = Counter(x for term in self.terms for x in term.inputs)
        self.users.update(program.goals)
        self.places: dict[Term, tuple[Term, int]] = {}  # part -> its join, its position
        for term in self.terms:
            if is_join(term):
                self._remember(term)
        self.sums = {
            root: found for root in self._roots() if (found := self._products(root))
        }

    def better(self, old: Term, made: Term) -> Term:
        if old in self.sums:
            return self._one_product(old, self.sums[old])
        if old.kind == "reduction" and self.users[old.inputs[0]] == 1:
            return long_product(made) or made
        return made

    def _roots(self) -> list[Term]:
        """Sums that are not themselves a part of a larger sum."""
        sums = [term for term in self.terms if is_add(term)]
        inner = {x for term in sums for x in term.inputs if self.users[x] == 1}
        return [term for term in sums if term not in inner]

    def _products(self, root: Term) -> list[Term]:
        """The products whose sum this is; none if it is anything else."""
        found: list[Term] = []
        stack = list(root.inputs)
        while stack:
            term = stack.pop()
            if is_add(term) and self.users[term] == 1:
                stack.extend(term.inputs)
            elif term.kind == "contraction" and self.users[term] == 1:
                found.append(term)
            else:
                return []
        if len(found) < FEWEST or any(_inner_axes(term) is None for term in found):
            return []
        return found

    def _one_product(self, root: Term, products: list[Term]) -> Term:
        """One product along the inner axes of all, in an order that is there."""
        axes = _inner_axes(products[0])
        assert axes is not None
        pairs = [tuple(self.new[x] for x in product.inputs) for product in products]
        known = [self._positions([pair[k] for pair in pairs]) for k in (0, 1)]
        positions = known[0] or known[1]
        if positions is not None:
            order = sorted(range(len(pairs)), key=lambda k: positions[k])
            pairs = [pairs[k] for k in order]
        factors = [
            self._along([pair[k] for pair in pairs], axes[k], root) for k in (0, 1)
        ]
        first = products[0]
        return root.but(op=first.op, inputs=tuple(factors), settings=first.settings)

    def _positions(self, factors: list[Term]) -> list[int] | None:
        """Where the factors stand in a join that has them all, each once."""
        found = [self.places.get(_unturned(x), (None, 0)) for x in factors]
        whole = found[0][0]
        alike = whole is not None and all(place[0] is whole for place in found)
        return [place[1] for place in found] if alike else None

    def _along(self, factors: list[Term], axis: int, like: Term) -> Term:
        """Factors joined along an axis; turned over afterwards, as they all are."""
        turned = next((x for x in factors if _is_turned(x)), None)
        if turned is not None:
            dims = turned.settings["dims"]
            before = [_before_turning(x, dims) for x in factors]
            inputs = [x for x in before if x is not None]
            if len(inputs) == len(factors):
                inner = self._along(inputs, dims[axis], like)
                shape = tuple(inner.shape[d] for d in dims)
                return turned.but(inputs=(inner,), shape=shape, order=inner.order)
        positions = self._positions(factors)
        if positions is not None and axis == 0 and _consecutive(positions):
            return self._slice(factors, positions)
        return join(factors, axis, like)

    def _slice(self, factors: list[Term], positions: list[int]) -> Term:
        """Some neighbours in a join along the first axis, as rows of it."""
        whole = self.places[_unturned(factors[0])][0]
        (rows, *rest) = factors[0].shape
        shape = (whole.size // factors[0].size * rows, *rest)
        reshape, settings = REGISTRY["reshape"], {"shape": shape}
        flat = whole.but(op=reshape, inputs=(whole,), settings=settings, shape=shape)
        start, stop = positions[0] * rows, (positions[-1] + 1) * rows
        if (start, stop) == (0, shape[0]):
            return flat
        return flat.but(
            op=REGISTRY["take_slice"],
            inputs=(flat,),
            settings={"index": (slice(start, stop, 1),)},
            shape=(stop - start, *rest),
        )

    def _remember(self, whole: Term) -> None:
        """A join along the first axis of parts of one shape: its parts can be found."""
        first = whole.inputs[0]
        if whole.settings.get("dim") == 0 and all(
            x.shape == first.shape for x in whole.inputs
        ):
            for position, x in enumerate(whole.inputs):
                self.places.setdefault(base(x), (whole, position))


def _consecutive(positions: list[int]) -> bool:
    return positions == list(range(positions[0], positions[0] + len(positions)))


def _unturned(x: Term) -> Term:
    """A factor without what turns it over."""
    return base(x.inputs[0] if _is_turned(x) else x)


def _is_turned(x: Term) -> bool:
    return x.op is REGISTRY["permute"]


def _before_turning(x: Term, dims: tuple[int, ...]) -> Term | None:
    """What was turned over into x, if its axes were put in this order.

    One number everywhere, as in a first state of zeros, is the same in any order.
    """
    if _is_turned(x):
        return x.inputs[0] if x.settings["dims"] == dims else None
    if x.number is None:
        return None
    assert x.data is not None
    return constant(np.transpose(x.data, np.argsort(dims)))


def _inner_axes(product: Term) -> tuple[int, int] | None:
    """Which axis of each factor is summed over, if it is one plain axis of each."""
    found = product.product
    sizes = (found.batch, found.rows, found.columns, found.inner)
    if [len(s) for s in sizes] != [0, 1, 1, 1] or product.facts.padded:
        return None
    row, column, inner = (Axis(s[0] + 2) for s in sizes[1:])
    axes = []
    for factor, outer, position in ((found.left, row, 0), (found.right, column, 1)):
        if factor.position != position:
            return None
        index = index_of(factor.index((), index_of([outer]), index_of([inner])))
        where = [k for k, part in enumerate(index) if part.axis is inner]
        if len(where) != 1:
            return None
        axes.append(where[0])
    return axes[0], axes[1]
