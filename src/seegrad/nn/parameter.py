"""A parameter is a tensor that learns.

That is all there is to it: a leaf that asks for a gradient, and a class of its own so
that a module can tell what it owns and an optimizer may change.
"""

from __future__ import annotations

from typing import Any

from seegrad.tensor import Tensor


class Parameter(Tensor):
    """A tensor that a module owns and an optimizer changes; it requires a gradient.

    ``p.requires_grad = False`` freezes it; it stays a parameter. Raises DtypeError for
    integers, which cannot change by a little.

    >>> p = Parameter([1.0, 2.0])
    >>> (p * p).sum().backward()
    >>> p.grad
    array([2., 4.], dtype=float32)
    """

    __slots__ = ()

    def __new__(
        cls,
        data: Any,
        *,
        dtype: Any = None,
        requires_grad: bool = True,
        name: str | None = None,
    ) -> Parameter:
        """Make a leaf."""
        made = super().__new__(
            cls, data, dtype=dtype, requires_grad=requires_grad, name=name
        )
        assert isinstance(made, Parameter)
        return made

    def __repr__(self) -> str:
        return f"Parameter({super().__repr__()})"
