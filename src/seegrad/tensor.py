"""A Tensor is one NumPy array that remembers where it came from.

It feels like an array (shape, dtype, slicing, broadcasting) and computes with the same
ops as a Value. The array inside is frozen: NumPy cannot change it behind the graph's
back, so a stored derivative is never taken at the wrong number. `assign` replaces it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from seegrad.dtypes import as_array, default_float, fitted, is_float, numbers
from seegrad.errors import DtypeError, GradientError, InputTypeError, ShapeError
from seegrad.mode import mode, reading, switched
from seegrad.node import NO_SETTINGS, Node, link
from seegrad.op import REGISTRY, Op
from seegrad.promotion import QUIET, explained, mixed, promoted, weak_array
from seegrad.ufuncs import op_of, unknown


class Tensor(Node):
    """An array of numbers with a gradient and a history.

    The data is copied in. Python floats become float32; NumPy arrays keep their dtype.
    Only floating-point tensors can require a gradient. The array is read-only, and so
    is the gradient of a result; the gradient of a leaf is the leaf's own array.

    ``x += 1`` makes a new tensor under the name x and leaves the old one alone.
    ``np.exp(x)`` is a tensor; ``np.asarray(x)`` works unless a gradient would be lost.

    >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    array([[2., 4.],
           [6., 8.]], dtype=float32)
    """

    __slots__ = ()

    def __new__(
        cls,
        data: Any,
        *,
        dtype: Any = None,
        requires_grad: bool = False,
        name: str | None = None,
    ) -> Tensor:
        """Make a leaf."""
        if isinstance(data, Tensor):
            reading(data)
        array = as_array(data._data if isinstance(data, Tensor) else data, dtype)
        leaf = cls._leaf(array, requires_grad, name)
        if switched and mode.tracer is not None:
            mode.tracer.made(leaf, data)
        return leaf

    # What NumPy users expect --------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""
        return self._data.shape  # type: ignore[no-any-return]

    @property
    def dtype(self) -> np.dtype[Any]:
        """What kind of numbers it holds."""
        return self._data.dtype  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        """How many axes it has."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return self._data.size  # type: ignore[no-any-return]

    def numpy(self) -> np.ndarray[Any, Any]:
        """The array itself, without a copy; it is read-only."""
        reading(self)
        return self._data  # type: ignore[no-any-return]

    def tolist(self) -> Any:
        """Nested Python lists of the numbers."""
        reading(self)
        return self._data.tolist()

    def item(self) -> Any:
        """The one number inside, as a Python number; ShapeError if there are more."""
        if self._data.size != 1:
            raise ShapeError(
                f"item() needs exactly one number, and shape {self.shape} holds "
                f"{self.size}",
                hint="x.numpy() or x.tolist() for all of them",
            )
        reading(self)
        return self._data.item()

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if is_float(self.dtype):
            raise DtypeError(
                f"only an integer tensor can be an index, not {self.dtype}",
                hint="x.to(sg.int64)",
            )
        return int(self.item())

    def __bool__(self) -> bool:
        if self._data.size != 1:
            raise ShapeError(
                f"the truth of {self.size} numbers (shape {self.shape}) is ambiguous",
                hint="(x > 0).all() or (x > 0).any()",
            )
        reading(self)
        return bool(self._data)

    def __len__(self) -> int:
        if not self.shape:
            raise InputTypeError(
                "a tensor of shape () has no length and no rows", hint="x.item()"
            )
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __setitem__(self, index: Any, new: Any) -> None:
        raise InputTypeError(
            "a tensor cannot be changed in place: gradients would be taken at the "
            "wrong numbers",
            hint="sg.where(mask, new, x) for a changed copy, x.assign(new) for a leaf",
        )

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else str(self)

    def __repr__(self) -> str:
        reading(self)
        numbers = np.array2string(self._data, separator=", ", prefix="tensor(")
        usual = self.dtype in (default_float, int, bool)
        dtype = "" if usual else f", dtype={self.dtype}"
        history = ", requires_grad=True" if self._requires_grad else ""
        if self.op is not None:
            history = f", op={self.op}"
        name = "" if self.name is None else f", name={self.name!r}"
        return f"tensor({numbers}{dtype}{history}{name})"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if self._requires_grad:
            raise GradientError(
                "NumPy was about to turn a tensor that needs a gradient into a plain "
                "array, which would lose the gradient",
                hint="the seegrad function of that name, or x.numpy() on purpose",
            )
        reading(self)
        return np.array(self._data, dtype=dtype, copy=copy)

    def __array_ufunc__(
        self, ufunc: Any, method: str, *inputs: Any, **more: Any
    ) -> Any:
        return op_of(ufunc, method, more)(*inputs)

    def __array_function__(self, function: Any, *_: Any) -> Any:
        raise unknown(function.__name__)

    # What the engine asks -----------------------------------------------------------

    @classmethod
    def lift(cls, thing: Any, beside: tuple[Any, ...] = ()) -> Tensor:
        """A constant. A Python number takes the dtype of the tensors beside it."""
        if isinstance(thing, (int, float, np.generic)):
            known = [x._data if isinstance(x, Tensor) else x for x in beside]
            array = weak_array(thing, [x for x in known if isinstance(x, np.ndarray)])
        elif isinstance(thing, np.ndarray | list | tuple):
            array = as_array(thing)
        else:
            raise InputTypeError(
                f"cannot compute with a tensor and {type(thing).__name__}",
                hint="`x is None` asks whether there is a tensor at all"
                if thing is None
                else "a number, an array or a tensor; a Value's number is value.item()",
            )
        constant: Tensor = link(Tensor, cls.freeze(array), None, (), NO_SETTINGS)
        if switched and mode.tracer is not None:
            mode.tracer.made(constant, thing)
        return constant

    @staticmethod
    def apply(op: Op, inputs: Any, settings: dict[str, Any]) -> Any:
        """Run the forward on the arrays of the inputs; the result remembers both."""
        arrays = [x._data for x in inputs]
        if mixed(op, arrays, settings):
            inputs = promoted(op, inputs, settings)
            arrays = [x._data for x in inputs]
        try:
            data = QUIET.copy().run(op.forward, np, *arrays, **settings)
        except (ValueError, IndexError, TypeError) as error:
            raise explained(error, op, arrays, settings) from None
        return link(Tensor, Tensor.freeze(data), op, inputs, settings)

    @classmethod
    def retry(cls, error: Exception, rule: Any, args: Any, settings: Any) -> Any:
        """NumPy has already answered as IEEE does: this error is the rule's own."""
        raise error

    @staticmethod
    def fit(g: Any, x: Any) -> Any:
        """Sum a gradient down to the shape of its input, in the dtype of its input."""
        data = x._data
        if getattr(g, "shape", None) != data.shape:
            g = REGISTRY["sum_to"].settled(g, shape=data.shape)
        if g.dtype != data.dtype:
            g = REGISTRY["cast"].settled(g, dtype=data.dtype)
        return g

    @staticmethod
    def quiet() -> AbstractContextManager[Any]:
        """NaN and infinity are numbers here: no NumPy warnings."""
        return np.errstate(all="ignore")

    @staticmethod
    def ones_like(data: Any) -> Any:
        """Ones of the same shape and dtype."""
        return np.ones(data.shape, data.dtype)

    @staticmethod
    def freeze(data: Any) -> Any:
        """An array that NumPy refuses to change in place."""
        array = data if data.__class__ is np.ndarray else np.asarray(data)
        array.setflags(write=False)
        return array

    @staticmethod
    def copied(data: Any) -> Any:
        """A contiguous array of its own."""
        return np.array(data, order="C")

    def own(self, data: Any, what: str) -> Any:
        """A copy of data given from outside, in this tensor's shape and dtype."""
        same = data.__class__ is np.ndarray and data.shape == self._data.shape
        if same and data.dtype == self._data.dtype:  # as in every optimizer's step
            return self.copied(data)
        array = numbers(data._data if isinstance(data, Node) else data, what)
        if is_float(array.dtype) and not is_float(self.dtype):
            raise DtypeError(
                f"{what} is {array.dtype} where {self.dtype} was expected",
                hint=f"numbers of dtype {self.dtype}",
            )
        if array.shape != self.shape:
            raise ShapeError(
                f"{what} has shape {array.shape} where {self.shape} was expected",
                hint=f"an array of shape {self.shape}, or None to forget a gradient",
            )
        return fitted(array, self.dtype)

    def seed(self, gradient: Any) -> Any:
        """d self / d self = 1 for a single number; else the caller must say."""
        if gradient is not None:
            return self.own(gradient, "the gradient given to backward()")
        if self.size != 1:
            raise GradientError(
                f"backward() from a tensor of shape {self.shape}: {self.size} numbers "
                "have no single derivative",
                hint="make it one number, as in out.sum().backward(), or pass the "
                "gradient of each, backward(gradient)",
            )
        return self.ones_like(self._data)

    def _differentiable(self) -> bool:
        return is_float(self._data.dtype)


Tensor.kind = Tensor


def tensor(
    data: Any,
    *,
    dtype: Any = None,
    requires_grad: bool = False,
    name: str | None = None,
) -> Tensor:
    """A tensor with a copy of the data, as in PyTorch.

    Python floats become float32 and integers int64; NumPy arrays keep their dtype.

    >>> tensor([1.0, 2.0]) * 3
    tensor([3., 6.])
    """
    return Tensor(data, dtype=dtype, requires_grad=requires_grad, name=name)
