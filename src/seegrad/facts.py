"""What an op says about itself beside its forward, for those who cannot run it.

A compiler does not call NumPy; it has to know where each number comes from. There are a
few kinds of op, and each kind has one thing to say: a movement its source, a reduction
what it combines and over which axes, a contraction its product, a lookup where it looks
or puts. Index expressions are made of ``+ - * // %`` with whole numbers, so one formula
serves numbers, symbols and registers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

Index = tuple[Any, ...]


class Where(NamedTuple):
    """An index that counts only where every expression is divisible by its modulus.

    Elsewhere the number is 0. The input of a strided convolution is read like this when
    gradients flow back: only every second position got one.
    """

    index: Index  # type: ignore[assignment]  # not the method of tuples
    divisible: tuple[tuple[Any, int], ...]


class Factor(NamedTuple):
    """One factor of a product: which input it is, and where its numbers stand.

    ``index(batch, outer, inner)`` gives the place in that input; ``outer`` are the rows
    for the left factor and the columns for the right one. Where there is no such place,
    the number is 0; with ``absent`` there is no product to add at all, which differs
    when the other factor is infinite.
    """

    position: int
    index: Callable[[Index, Index, Index], Any]  # type: ignore[assignment]  # as above
    absent: bool = False


class Product(NamedTuple):
    """out[batch, row, column] = sum over inner of left * right.

    Every matrix product, batched or not, and every convolution is of this form; they
    differ only in where the factors' numbers stand. The first four are tuples of
    lengths of axes, and ``out(batch, row, column)`` is the place in the result.
    """

    batch: tuple[int, ...]
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    inner: tuple[int, ...]
    left: Factor
    right: Factor
    out: Callable[[Index, Index, Index], Index]


class Facts(NamedTuple):
    """The facts that an op may state; each kind needs its own.

    source: movement and lookup: ``source(i, *shapes, **settings)``, from the index of
    the result to the index of the input (a list of them for several inputs); a lookup
    gets after i the function ``look``, which reads the positions at an index. padded:
    outside of the input there are zeros. flat: the order of the numbers is kept.
    combine: the name of the elementwise op that a reduction repeats. over: the axes
    that it removes, ``over(shape, **settings)``. product: ``product(*shapes,
    **settings)`` of a contraction. target: ``target(j, look, *shapes, **settings)``,
    where a lookup that adds up puts the number at j.
    """

    source: Callable[..., Any] | None = None
    padded: bool = False
    flat: bool = False
    combine: str | None = None
    over: Callable[..., tuple[int, ...]] | None = None
    product: Callable[..., Product] | None = None
    target: Callable[..., Any] | None = None
