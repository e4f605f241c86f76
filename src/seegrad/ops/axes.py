"""Which axes are meant: the one place where ``dim`` is read and checked.

Axes may be given as PyTorch takes them: one number or several, counted from the front
or, when negative, from the back. Everything else gets them as a sorted tuple.
"""

from __future__ import annotations

from typing import Any

from seegrad.errors import ArgumentError, IndexRangeError, InputTypeError, ShapeError


def rank(x: Any) -> int:
    """How many axes x has; a Value, a number and a list have none to speak of.

    >>> import seegrad as sg
    >>> rank(sg.zeros((2, 3)))
    2
    """
    return len(shape_of(x))


def shape_of(x: Any) -> tuple[int, ...]:
    """The lengths of the axes of x; InputTypeError unless it is a tensor or an array.

    >>> import seegrad as sg
    >>> shape_of(sg.zeros((2, 3)))
    (2, 3)
    """
    shape = getattr(x, "shape", None)
    if shape is None:
        raise InputTypeError(
            f"only tensors and arrays have axes, and this is a {type(x).__name__}",
            hint="sg.tensor(...) makes a tensor of lists of numbers",
        )
    return shape  # type: ignore[no-any-return]


def axis(dim: Any, ndim: int) -> int:
    """One axis, counted from the front; IndexRangeError if there is no such axis.

    >>> axis(-1, 3)
    2
    """
    try:
        position = dim.__index__()
    except (AttributeError, TypeError):
        raise ArgumentError(
            f"dim must be a whole number, not {dim!r}", hint="dim=0, or -1 for the last"
        ) from None
    if not -ndim <= position < ndim:
        raise IndexRangeError(
            f"dim {position} is outside a tensor of {ndim} axes",
            hint=f"a dim from {-ndim} to {ndim - 1}" if ndim else "no dim at all",
        )
    return int(position % ndim)


def axes(dim: Any, ndim: int) -> tuple[int, ...]:
    """Several axes, sorted; ``None`` means all. A repeated axis is an error.

    >>> axes((-1, 0), 3), axes(None, 2)
    ((0, 2), (0, 1))
    """
    if dim is None:
        return tuple(range(ndim))
    if not isinstance(dim, tuple | list):
        return (axis(dim, ndim),)
    found = sorted([axis(d, ndim) for d in dim])
    if len(set(found)) < len(found):
        twice = next(d for d in found if found.count(d) > 1)
        raise ArgumentError(
            f"dim {twice} is named twice in {dim!r}", hint="each axis once"
        )
    return tuple(found)


def as_shape(shape: Any) -> tuple[int, ...]:
    """A shape given as one number, a tuple, or a list.

    >>> as_shape(3), as_shape([2, 3])
    ((3,), (2, 3))
    """
    numbers = shape if isinstance(shape, tuple | list) else (shape,)
    try:
        return tuple([int(n.__index__()) for n in numbers])
    except (AttributeError, TypeError):
        raise ShapeError(
            f"a shape is made of whole numbers, not {shape!r}", hint="as in (2, 3)"
        ) from None


def kept(shape: tuple[int, ...], dim: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that is left when the axes ``dim`` shrink to length 1.

    >>> kept((2, 3), (1,))
    (2, 1)
    """
    return tuple([1 if i in dim else n for i, n in enumerate(shape)])
