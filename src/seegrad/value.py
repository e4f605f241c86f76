"""A Value is one Python float that remembers where it came from.

It is the whole idea of the library on a page: a number, its gradient, and the operation
and inputs that made it. Everything it can do is defined in `node` (the walk) and in
`ops` (the calculus); here stands only what is particular to a single float.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from operator import attrgetter
from typing import Any

import numpy as np

from seegrad.errors import InputTypeError, ShapeError
from seegrad.mode import reading
from seegrad.node import NO_SETTINGS, Node, link
from seegrad.scalar import Scalar, by_numpy, walk
from seegrad.ufuncs import op_of

_data = attrgetter("_data")
_QUIET: AbstractContextManager[None] = nullcontext()


class Value(Node):
    """One number: a Python float with a gradient and a history.

    A Value asks for a gradient unless told otherwise; numbers it meets in an
    expression become constants that do not. Anything but a number is refused.

    >>> a, b = Value(2.0, name="a"), Value(-3.0, name="b")
    >>> out = a * b + 10.0
    >>> out.backward()
    >>> out.data, a.grad, b.grad
    (4.0, -3.0, 2.0)
    """

    __slots__ = ()

    def __new__(
        cls, data: Any, name: str | None = None, *, requires_grad: bool = True
    ) -> Value:
        """Make a leaf."""
        return cls._leaf(_number(data), requires_grad, name)

    def __repr__(self) -> str:
        reading(self)
        name = "" if self.name is None else f", name={self.name!r}"
        return f"Value(data={self._data}, grad={self._grad}{name})"

    def __format__(self, spec: str) -> str:
        reading(self)
        return format(self._data, spec) if spec else str(self)

    def __float__(self) -> float:
        reading(self)
        return self._data  # type: ignore[no-any-return]

    def __int__(self) -> int:
        reading(self)
        return int(self._data)

    def __bool__(self) -> bool:
        reading(self)
        return bool(self._data != 0.0)

    def __array_ufunc__(
        self, ufunc: Any, method: str, *inputs: Any, **more: Any
    ) -> Any:
        return op_of(ufunc, method, more)(*inputs)

    def item(self) -> float:
        """The Python float itself."""
        reading(self)
        return self._data  # type: ignore[no-any-return]

    @classmethod
    def lift(cls, thing: Any, beside: tuple[Any, ...] = ()) -> Value:
        """A constant."""
        constant: Value = link(Value, _number(thing), None, (), NO_SETTINGS)
        return constant

    @staticmethod
    def apply(op: Any, inputs: Any, settings: dict[str, Any]) -> Any:
        """Run the forward on the floats of the inputs; the result remembers both."""
        if op.kind != "elementwise":
            raise InputTypeError(
                f"{op} works on arrays, and a Value is one number",
                hint="sg.tensor([...]) holds an array; sum(list_of_values) is Python's",
            )
        try:
            if len(inputs) == 2 and not settings:  # spelled out: starred calls are slow
                data = op.forward(Scalar, inputs[0]._data, inputs[1]._data)
            else:
                data = op.forward(Scalar, *map(_data, inputs), **settings)
        except (ArithmeticError, ValueError):
            data = by_numpy(op.forward, (np, *map(_data, inputs)), settings)
        if data.__class__ is not float:
            data = float(data)
        return link(Value, data, op, inputs, settings)

    @classmethod
    def retry(cls, error: Exception, rule: Any, args: Any, settings: Any) -> Any:
        """Where Python refuses to divide by zero, let NumPy answer inf or nan."""
        if isinstance(error, TypeError) or any(isinstance(arg, Node) for arg in args):
            raise error
        return by_numpy(rule, args, settings)

    @staticmethod
    def walk_quickly(results: list[Any], grads: dict[Any, Any]) -> Any:
        """The backward walk for floats, see `scalar`."""
        return walk(results, grads)

    @staticmethod
    def fit(g: Any, x: Any) -> Any:
        """One number needs no un-broadcasting, but a rule must return one."""
        if isinstance(g, Value | float):
            return g
        if isinstance(g, int):
            return float(g)
        raise ShapeError(
            f"a derivative returned {g!r} where one number was expected",
            hint="a rule returns the gradient for its input: g * y",
        )

    @staticmethod
    def quiet() -> AbstractContextManager[Any]:
        """Python floats give no warnings."""
        return _QUIET

    @staticmethod
    def ones_like(data: Any) -> float:
        """One."""
        return 1.0

    @staticmethod
    def freeze(data: Any) -> Any:
        """A float cannot be changed from outside."""
        return data

    @staticmethod
    def copied(data: Any) -> Any:
        """The float itself."""
        return data

    def own(self, data: Any, what: str) -> float:
        """The number as a float."""
        return _number(data)

    def seed(self, gradient: Any) -> float:
        """d self / d self = 1, unless another start was asked for."""
        return 1.0 if gradient is None else _number(gradient)


def _number(data: Any) -> float:
    if data.__class__ is float:
        return data
    if isinstance(data, int | float | np.number | np.bool_) and not isinstance(
        data, np.complexfloating
    ):
        try:
            return float(data)
        except OverflowError:
            raise InputTypeError(
                "this whole number is too large for a float",
                hint="math.inf, or a number up to 1.7e308",
            ) from None
    if isinstance(data, np.ndarray) and data.ndim == 0 and data.dtype.kind in "biuf":
        return float(data)
    hint = "sg.tensor(...) for arrays" if hasattr(data, "__len__") else "a plain float"
    if data is None:
        hint = "a plain float; `x is None` asks whether there is a Value at all"
    if isinstance(data, Node):
        hint = "x.item() for its number, or keep to one kind: all Value or all Tensor"
    raise InputTypeError(
        f"a Value holds one number, not {type(data).__name__}", hint=hint
    )


Value.kind = Value
