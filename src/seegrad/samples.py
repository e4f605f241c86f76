"""Example calls of every op: the one table behind tests, reference pages and drawings.

An elementwise op says where it is defined, and its examples follow: every way in which
shapes can meet. The other ops list theirs beside their rules (`Op.sample`), as they do
the calls that must be refused (`Op.refuse`). A shape stands for random numbers, an
array for itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from seegrad.op import Op
from seegrad.random import seeded

Call = tuple[list[np.ndarray[Any, Any]], dict[str, Any]]

# Odd lengths, every direction of broadcasting, no axes, and no numbers at all.
MEETINGS: dict[int, list[tuple[tuple[int, ...], ...]]] = {
    1: [((3, 5),), ((),), ((0, 3),), ((2, 1, 3),)],
    2: [
        ((3, 5), (3, 5)),
        ((3, 5), (5,)),
        ((2, 1, 3), (5, 1)),
        ((), (5,)),
        ((3,), ()),
        ((0, 3), (1, 3)),
    ],
    3: [((3, 5), (3, 5), (3, 5)), ((3, 1), (5,), ()), ((), (2, 3), (3,))],
}


def calls(op: Op, dtype: Any = "float64", seed: int = 0) -> Iterator[Call]:
    """Example inputs of an op, as arrays of ``dtype``, with their settings.

    >>> from seegrad import ops
    >>> [x.shape for x in next(calls(ops.mul))[0]]
    [(3, 5), (3, 5)]
    """
    listed = list(op.samples)
    if op.kind == "elementwise" and not op.setting_names:
        listed += [(shapes, {}) for shapes in MEETINGS[len(op.input_names)]]
    for number, (shapes, settings) in enumerate(listed):
        generator = seeded("samples", op.name, seed, number)
        yield (
            [
                _drawn(generator, op, op.input_name(i), shape, dtype)
                for i, shape in enumerate(shapes)
            ],
            settings,
        )


def _drawn(generator: Any, op: Op, name: str, shape: Any, dtype: Any) -> Any:
    if isinstance(shape, np.ndarray):
        return shape
    low, high = op.domain
    array = np.asarray(generator.uniform(low, high, shape))
    return np.asarray(array > 0) if name in op.keeps else array.astype(dtype)
