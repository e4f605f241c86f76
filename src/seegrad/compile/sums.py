"""Sums that are something better: blocks side by side, and one long product.

When a tensor was cut into parts, each part sends back a gradient with zeros around it,
and backpropagation adds them up: they are simply joined. When a weight was used at many
steps, it gets a product from each: their sum is one product along a longer inner axis.
"""

from __future__ import annotations

from typing import NamedTuple

from seegrad.compile.index import Axis, Expression
from seegrad.compile.joins import base, is_join
from seegrad.compile.longer import long_product
from seegrad.compile.program import Goal, Program, Term
from seegrad.facts import Where
from seegrad.op import REGISTRY

FEWEST = 3  # products, from which their sum is taken as one


class Block(NamedTuple):
    """A term that fills an axis of a larger one from ``start`` up to ``stop``."""

    start: int
    stop: int
    term: Term


class Rewriter:
    """Rebuilds a program term by term; the subclasses say what becomes of each."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.terms = program.ordered()
        self.users: dict[Term, int] = dict.fromkeys(self.terms, 0)
        for term in self.terms:
            for x in term.inputs:
                self.users[x] += 1
        for goal in program.goals:
            self.users[goal] += 1
        self.new: dict[Term, Term] = {}

    def rewritten(self) -> Program:
        """The new program."""
        for term in self.terms:
            inputs = tuple([self.new[x] for x in term.inputs])
            self.new[term] = self.better(term, with_inputs(term, inputs))
        new = self.new
        return Program(
            [new[term] for term in self.program.results],
            [Goal(new[g.term], g.target) for g in self.program.updates],
            [new[term] for term in self.program.checks],
        )

    def better(self, old: Term, made: Term) -> Term:
        """What stands for a term, of which ``made`` has the new inputs."""
        raise NotImplementedError


class Blocks(Rewriter):
    """Sums of blocks become joins."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.blocks: dict[Term, tuple[int, list[Block]]] = {}

    def better(self, old: Term, made: Term) -> Term:
        return self._joined(made) or made

    def _joined(self, term: Term) -> Term | None:
        """The join that a sum of blocks is, if they fill the whole axis."""
        found = self._block(term)
        if found is None and _is_add(term):
            sides = [self.blocks.get(x) for x in term.inputs]
            if sides[0] is not None and sides[1] is not None:
                (dim, first), (other, second) = sides
                merged = sorted(first + second)
                apart = all(
                    a.stop <= b.start for a, b in zip(merged, merged[1:], strict=False)
                )
                if dim == other and apart:
                    found = dim, merged
        if found is None:
            return None
        self.blocks[term] = found
        dim, blocks = found
        ends = [0, *(block.stop for block in blocks)]
        starts = [*(block.start for block in blocks), term.shape[dim]]
        if ends != starts or len(blocks) < 2:
            return None
        parts = self._flat(dim, [block.term for block in blocks])
        return _join(parts, dim, term)

    def _block(self, term: Term) -> tuple[int, list[Block]] | None:
        """A term that is one block between zeros along one axis."""
        facts = term.op.facts if term.op else None
        if facts is None or not facts.padded or len(term.inputs) != 1:
            return None
        if term.kind != "movement" or facts.source is None:
            return None
        (x,) = term.inputs
        index = tuple(Expression.of(Axis(n)) for n in term.shape)
        source = facts.source(index, x.shape, **term.settings)
        if isinstance(source, Where) or len(x.shape) != len(term.shape):
            return None
        moved = [
            d
            for d, (i, part) in enumerate(zip(index, source, strict=True))
            if x.shape[d] != term.shape[d] or i != Expression.of(part)
        ]
        if len(moved) != 1:
            return None
        (dim,) = moved
        offset = index[dim] - Expression.of(source[dim])
        if offset.atoms:
            return None
        start = offset.constant
        if start < 0 or start + x.shape[dim] > term.shape[dim]:
            return None
        return dim, [Block(start, start + x.shape[dim], x)]

    def _flat(self, dim: int, parts: list[Term]) -> list[Term]:
        """The parts, with joins along the same axis taken apart into theirs."""
        found: list[Term] = []
        for part in parts:
            if is_join(part) and part.settings.get("dim") == dim:
                found += part.inputs
            else:
                found.append(part)
        return found


class Products(Rewriter):
    """Sums of products become products, longer ones."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.places: dict[Term, tuple[Term, int]] = {}  # part -> its join, its position
        for term in self.terms:
            if is_join(term):
                self._remember(term)
        self.sums = {root: found for root in self._roots() if (found := self._products(root))}

    def better(self, old: Term, made: Term) -> Term:
        if old in self.sums:
            return self._one_product(old, self.sums[old])
        if old.kind == "reduction" and self.users[old.inputs[0]] == 1:
            return long_product(made) or made
        return made

    def _roots(self) -> list[Term]:
        """Sums that are not themselves a part of a larger sum."""
        inner = {
            x
            for term in self.terms
            if _is_add(term)
            for x in term.inputs
            if _is_add(x) and self.users[x] == 1
        }
        return [term for term in self.terms if _is_add(term) and term not in inner]

    def _products(self, root: Term) -> list[Term]:
        """The products, all of one kind, whose sum this is; none if it is anything else."""
        found: list[Term] = []
        stack = list(root.inputs)
        while stack:
            term = stack.pop()
            if _is_add(term) and self.users[term] == 1:
                stack.extend(term.inputs)
            elif term.kind == "contraction" and self.users[term] == 1:
                found.append(term)
            else:
                return []
        if len(found) < FEWEST or any(_inner_axes(term) is None for term in found):
            return []
        return found

    def _one_product(self, root: Term, products: list[Term]) -> Term:
        """One product along the inner axes of all, in an order that is already there."""
        axes = _inner_axes(products[0])
        assert axes is not None
        pairs = [tuple(self.new[x] for x in product.inputs) for product in products]
        known = [self._positions([pair[k] for pair in pairs]) for k in (0, 1)]
        positions = next((p for p in known if p is not None), None)
        if positions is not None:
            order = sorted(range(len(pairs)), key=lambda k: positions[k])
            pairs = [pairs[k] for k in order]
        factors = []
        for k in (0, 1):
            factors.append(self._along([pair[k] for pair in pairs], axes[k], root))
        op, settings = products[0].op, products[0].settings
        return Term(op, tuple(factors), settings, root.shape, root.dtype, line=root.line, order=root.order)

    def _positions(self, factors: list[Term]) -> list[int] | None:
        """Where the factors stand in a join that has them all, each once."""
        found = [self.places.get(_unturned(x)) for x in factors]
        if any(place is None for place in found):
            return None
        joins = {place[0] for place in found if place is not None}
        return [place[1] for place in found if place] if len(joins) == 1 else None

    def _along(self, factors: list[Term], axis: int, like: Term) -> Term:
        """Factors joined along an axis; turned over afterwards, as they all are."""
        turned = factors[0]
        if turned.op is not None and turned.op.name == "permute":
            same = all(
                x.op is turned.op and x.settings == turned.settings for x in factors
            )
            if same:
                dims = turned.settings["dims"]
                inner = self._along([x.inputs[0] for x in factors], dims[axis], like)
                shape = tuple(inner.shape[d] for d in dims)
                return Term(
                    turned.op,
                    (inner,),
                    turned.settings,
                    shape,
                    inner.dtype,
                    order=inner.order,
                )
        positions = self._positions(factors)
        if positions is not None and axis == 0 and _consecutive(positions):
            return self._slice(factors, positions)
        return _join(factors, axis, like)

    def _slice(self, factors: list[Term], positions: list[int]) -> Term:
        """Some neighbours in a join along the first axis, as rows of it."""
        whole = self.places[_unturned(factors[0])][0]
        (rows, *rest) = factors[0].shape
        count = whole.size // factors[0].size
        reshape, take = REGISTRY["reshape"], REGISTRY["take_slice"]
        shape = (count * rows, *rest)
        flat = Term(reshape, (whole,), {"shape": shape}, shape, whole.dtype, order=whole.order)
        start, stop = positions[0] * rows, (positions[-1] + 1) * rows
        if (start, stop) == (0, shape[0]):
            return flat
        index = (slice(start, stop, 1),)
        return Term(
            take, (flat,), {"index": index}, (stop - start, *rest), whole.dtype, order=whole.order
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
    if x.op is not None and x.op.name == "permute":
        x = x.inputs[0]
    return base(x)


def _inner_axes(product: Term) -> tuple[int, int] | None:
    """Which axis of each factor is summed over, if it is one plain axis of each."""
    assert product.op is not None and product.op.facts.product is not None
    facts = product.op.facts
    found = facts.product(*(x.shape for x in product.inputs), **product.settings)
    sizes = (found.batch, found.rows, found.columns, found.inner)
    if [len(s) for s in sizes] != [0, 1, 1, 1] or facts.padded:
        return None
    row, column, inner = (Axis(s[0] + 2) for s in sizes[1:])
    axes = []
    for factor, outer, position in ((found.left, row, 0), (found.right, column, 1)):
        if factor.position != position:
            return None
        index = factor.index((), (Expression.of(outer),), (Expression.of(inner),))
        where = [k for k, part in enumerate(index) if part == Expression.of(inner)]
        if len(where) != 1:
            return None
        axes.append(where[0])
    return axes[0], axes[1]


def _is_add(term: Term) -> bool:
    return (
        term.op is REGISTRY["add"] and term.inputs[0].shape == term.inputs[1].shape
    )


def _join(parts: list[Term], dim: int, like: Term) -> Term:
    """The parts end to end along an axis."""
    first = parts[0]
    length = sum(part.shape[dim] for part in parts)
    shape = (*first.shape[:dim], length, *first.shape[dim + 1 :])
    if len(parts) == 1:
        return first
    op = REGISTRY["concatenate"]
    return Term(op, tuple(parts), {"dim": dim}, shape, first.dtype, line=like.line, order=like.order)


def with_inputs(term: Term, inputs: tuple[Term, ...]) -> Term:
    if all(x is old for x, old in zip(inputs, term.inputs, strict=True)):
        return term
    return Term(
        term.op,
        inputs,
        term.settings,
        term.shape,
        term.dtype,
        line=term.line,
        order=term.order,
    )

