"""A stack of products that is summed up: one product with a longer inner axis.

A weight that was used for a whole batch of sequences gets its gradient as a product for
each of them, added up. To add along an axis of the stack is the same as to let the
inner sum run over that axis too, and then no product of the stack is ever stored.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from seegrad.compiler.programs.index import axes_of, index_of
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
        return self.product.facts._replace(product=self._long)

    def _long(self, *shapes: Any, **settings: Any) -> Product:
        assert self.product.facts.product is not None
        short = self.product.facts.product(*shapes, **settings)
        stack = stacked(short, self.over)
        assert stack is not None
        left = [k for k in range(len(short.batch)) if k not in stack]

        def whole(batch: Any, inner: Any) -> tuple[Any, ...]:
            """The index into the stack, part of which is an inner one now."""
            known = dict(zip(left, batch, strict=True))
            known |= dict(zip(stack, inner, strict=False))
            return tuple(known[k] for k in range(len(short.batch)))

        def longer(factor: Factor) -> Factor:
            def index(batch: Any, outer: Any, inner: Any) -> Any:
                return factor.index(whole(batch, inner), outer, inner[len(stack) :])

            return factor._replace(index=index)

        def out(batch: Any, row: Any, column: Any) -> tuple[Any, ...]:
            index = short.out(whole(batch, (0,) * len(stack)), row, column)
            own = [0 if k in self.over else i for k, i in enumerate(index)]
            return tuple(
                i for k, i in enumerate(own) if self.kept or k not in self.over
            )

        return Product(
            tuple(short.batch[k] for k in left),
            short.rows,
            short.columns,
            (*(short.batch[k] for k in stack), *short.inner),
            longer(short.left),
            longer(short.right),
            out,
        )


def stacked(product: Product, over: tuple[int, ...]) -> list[int] | None:
    """Which axes of the batch stand at these axes of the result, if all do."""
    lengths = product.batch, product.rows, product.columns
    # Two longer, because a counter of a single round would be a mere 0.
    batch, rows, columns = (index_of(axes_of(n + 2 for n in part)) for part in lengths)
    index = index_of(product.out(batch, rows, columns))
    found = [index[axis] for axis in over]
    return [batch.index(i) for i in found] if set(found) <= set(batch) else None


def long_product(total: Term) -> Term | None:
    """The one product that a sum over a stack of products is, or None."""
    (x,), over = total.inputs, total.over
    if total.facts.combine != "add" or x.kind != "contraction" or not over:
        return None
    if not isinstance(x.op, Op) or x.dtype.kind != "f":
        return None
    if stacked(x.product, over) is None:
        return None
    if len(x.shape) - len(total.shape) not in (0, len(over)):  # some axes go, some stay
        return None
    op = LongProduct(x.op, over, len(total.shape) == len(x.shape))
    return x.but(op=op, shape=total.shape, dtype=total.dtype)
