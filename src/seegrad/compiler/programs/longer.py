"""A stack of products that is summed up: one product with a longer inner axis.

A weight that was used for a whole batch of sequences gets its gradient as a product for
each of them, added up. To add along an axis of the stack is the same as to let the
inner sum run over that axis too, and then no product of the stack is ever stored.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from seegrad.compiler.programs.index import Axis, Expression
from seegrad.compiler.programs.program import Term
from seegrad.facts import Factor, Facts, Product
from seegrad.op import Op


class LongProduct(NamedTuple):
    """A contraction with some axes of its result summed up; it stands in for an op."""

    product: Op
    over: tuple[int, ...]
    kept: bool  # whether these axes stay, with length 1
    kind: str = "contraction"

    @property
    def name(self) -> str:
        """The name of the product."""
        return self.product.name

    @property
    def facts(self) -> Facts:
        """Those of the product, with a longer inner axis."""
        facts = self.product.facts
        return facts._replace(product=self._long)

    def _long(self, *shapes: Any, **settings: Any) -> Product:
        assert self.product.facts.product is not None
        found = self.product.facts.product(*shapes, **settings)
        stack = stacked(found, self.over)
        assert stack is not None
        left = [k for k in range(len(found.batch)) if k not in stack]

        def all_of(batch: Any, inner: Any) -> tuple[Any, ...]:
            whole: list[Any] = [0] * len(found.batch)
            for k, i in zip(left, batch, strict=True):
                whole[k] = i
            for k, i in zip(stack, inner[: len(stack)], strict=True):
                whole[k] = i
            return tuple(whole)

        def longer(factor: Factor) -> Factor:
            return Factor(
                factor.position,
                lambda batch, outer, inner: factor.index(
                    all_of(batch, inner), outer, inner[len(stack) :]
                ),
            )

        def out(batch: Any, row: Any, column: Any) -> tuple[Any, ...]:
            index = found.out(all_of(batch, (0,) * len(stack)), row, column)
            if self.kept:
                return tuple(0 if k in self.over else i for k, i in enumerate(index))
            return tuple(i for k, i in enumerate(index) if k not in self.over)

        return Product(
            tuple(found.batch[k] for k in left),
            found.rows,
            found.columns,
            (*(found.batch[k] for k in stack), *found.inner),
            longer(found.left),
            longer(found.right),
            out,
        )


def stacked(product: Product, over: tuple[int, ...]) -> list[int] | None:
    """Which axes of the batch stand at these axes of the result, if all do."""
    parts = [
        tuple(Axis(n + 2, f"{name}{k}") for k, n in enumerate(lengths))
        for name, lengths in (
            ("b", product.batch),
            ("r", product.rows),
            ("c", product.columns),
        )
    ]
    own = [tuple(map(Expression.of, part)) for part in parts]
    index = tuple(map(Expression.of, product.out(*own)))
    batch = [Expression.of(axis) for axis in parts[0]]
    found = []
    for axis in over:
        if index[axis] not in batch:
            return None
        found.append(batch.index(index[axis]))
    return found


def long_product(total: Term) -> Term | None:
    """The one product that a sum over a stack of products is, or None."""
    assert total.op is not None
    facts = total.op.facts
    (x,) = total.inputs
    if facts.combine != "add" or facts.over is None or x.kind != "contraction":
        return None
    if not isinstance(x.op, Op) or x.dtype.kind != "f" or x.op.facts.product is None:
        return None
    over = tuple(facts.over(x.shape, **total.settings))
    product = x.op.facts.product(*(y.shape for y in x.inputs), **x.settings)
    if not over or stacked(product, over) is None:
        return None
    if len(x.shape) - len(total.shape) not in (0, len(over)):  # some axes go, some stay
        return None
    op: Any = LongProduct(x.op, over, len(total.shape) == len(x.shape))
    return Term(
        op, x.inputs, x.settings, total.shape, total.dtype, line=x.line, order=x.order
    )
