"""A node is a number that remembers where it came from. Start reading here.

Every result keeps the operation that made it and the nodes it was made from, so a
finished computation is a graph that can be walked. Backpropagation is one such walk:
from the result back to the leaves, handing every node its gradient exactly once.
`Value` (one float) and `Tensor` (one array) are the two kinds of node.
"""

from __future__ import annotations

from abc import abstractmethod
from contextlib import AbstractContextManager
from itertools import count
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Self

from seegrad.backpropagation import cotangents
from seegrad.errors import ArgumentError, DtypeError, GradientError
from seegrad.mode import changes, mode, switched

if TYPE_CHECKING:
    from seegrad.op import Op

NO_SETTINGS: dict[str, Any] = {}
_new = object.__new__
_now = count(1).__next__  # every birth and every assignment gets a moment of its own


class Node:
    """One number, or one array of them, with its gradient and its history.

    ``data`` is plain (a float, an array), ``grad`` is plain data or ``None``, ``op``
    and ``inputs`` say how it was made; a leaf has neither. `Value` and `Tensor` say
    what their data is; everything in this file is true of both.

    ``x == y`` compares the numbers; ``x is y`` compares the nodes, and as keys of a
    dictionary they are themselves. A leaf can be copied and pickled, its gradient stays
    behind; a result cannot, because its history would be torn.
    """

    __slots__ = (
        "__weakref__",
        "_data",
        "_grad",
        "_requires_grad",
        "born",  # the moment its data came to be; younger than its result: replaced
        "inputs",
        "name",
        "op",
        "settings",
    )
    kind: ClassVar[type[Node]]
    __hash__ = object.__hash__  # a node is itself, whatever `==` computes

    _data: Any
    _grad: Any
    _requires_grad: bool
    op: Op | None
    inputs: tuple[Node, ...]
    settings: dict[str, Any]
    name: str | None

    # Each kind of node answers these for its own data -------------------------------

    @classmethod
    @abstractmethod
    def lift(cls, thing: Any, beside: tuple[Any, ...] = ()) -> Node:
        """The constant node for a plain number met in an expression."""

    @staticmethod
    @abstractmethod
    def apply(op: Op, inputs: Any, settings: dict[str, Any]) -> Any:
        """Run an op's forward on the data of the inputs, and link the result."""

    @classmethod
    @abstractmethod
    def retry(cls, error: Exception, rule: Any, args: Any, settings: Any) -> Any:
        """Run a rule again after plain arithmetic refused (a division by zero)."""

    @staticmethod
    def walk_quickly(results: list[Any], grads: dict[Any, Any]) -> Any:
        """The backward walk spelled out for this kind; None means the general one."""
        return None

    @staticmethod
    @abstractmethod
    def fit(g: Any, x: Any) -> Any:
        """Undo broadcasting: sum a gradient down to the shape of its input."""

    @staticmethod
    @abstractmethod
    def quiet() -> AbstractContextManager[Any]:
        """NaN and infinity are numbers here: no warnings while a rule runs."""

    @staticmethod
    @abstractmethod
    def ones_like(data: Any) -> Any:
        """Plain ones of the same shape and dtype."""

    @staticmethod
    @abstractmethod
    def freeze(data: Any) -> Any:
        """Data that nobody can change in place any more."""

    @staticmethod
    @abstractmethod
    def copied(data: Any) -> Any:
        """Data of its own that may be changed in place."""

    @abstractmethod
    def own(self, data: Any, what: str) -> Any:
        """The node's own copy of data given from outside, checked to fit it."""

    @abstractmethod
    def seed(self, gradient: Any) -> Any:
        """The gradient that a backward pass starts with."""

    # Reading and replacing ----------------------------------------------------------

    @classmethod
    def _leaf(cls, data: Any, requires_grad: bool, name: str | None = None) -> Self:
        leaf: Self = link(cls, cls.freeze(data), None, (), NO_SETTINGS)
        leaf.name, leaf._requires_grad = name, leaf._checked_flag(requires_grad)
        return leaf

    def assign(self, new: Any) -> None:
        """Replace the data of a leaf: the only mutation in the library.

        ``x.data = new`` is the same. A graph that was built on the old number refuses
        to run backward afterwards.

        >>> from seegrad import Value
        >>> x = Value(1.0)
        >>> x.assign(2.0)
        >>> x.data
        2.0
        """
        if switched and mode.tracer is not None:
            new = mode.tracer.assign(self, new)
        if self.inputs:
            raise GradientError(
                f"only a leaf can be assigned, and this is the result of {self.op}",
                hint="assign to its inputs and compute again",
            )
        before, self._data = self._data, self.freeze(self.own(new, "assigned data"))
        self.born = _now()
        if switched and mode.listener is not None:
            mode.listener.assigned(self, before, new)

    def _read_data(self) -> Any:
        if switched and mode.tracer is not None:
            return mode.tracer.data(self)
        return self._data

    def _read_grad(self) -> Any:
        if switched and mode.tracer is not None:
            return mode.tracer.gradient(self)
        return self._grad

    def _set_grad(self, new: Any) -> None:
        if switched and mode.tracer is not None:
            new = mode.tracer.set_gradient(self, new)
        self._grad = None if new is None else self.own(new, "the gradient")
        if switched and mode.listener is not None:
            mode.listener.gradient(self)

    def _set_requires_grad(self, flag: bool) -> None:
        if self.inputs:
            raise GradientError(
                "requires_grad can be changed on leaves only, and this is the result "
                f"of {self.op}",
                hint="detach() gives a leaf with the same data",
            )
        if self._requires_grad != self._checked_flag(flag):
            changes[0] += 1
        self._requires_grad = bool(flag)

    def _checked_flag(self, flag: Any) -> bool:
        """Whether a gradient is asked for, or the error that there can be none."""
        if flag not in (True, False):
            raise ArgumentError(
                f"requires_grad is True or False, not {flag!r}", hint="True, or False"
            )
        if flag and not self._differentiable():
            raise DtypeError(
                f"only floating-point numbers can need a gradient, not {self.dtype}: "
                "a small change of an integer is not an integer",
                hint="make it with dtype=sg.float32",
            )
        return bool(flag)

    data = property(_read_data, assign, doc="The plain number or array.")
    grad = property(_read_grad, _set_grad, doc="Plain data, or None.")
    requires_grad = property(
        attrgetter("_requires_grad"),
        _set_requires_grad,
        doc="Whether a backward pass should reach this node.",
    )

    def _differentiable(self) -> bool:
        return True

    def zero_grad(self) -> None:
        """Forget the gradient, so that the next backward pass starts anew."""
        self._set_grad(None)

    def backward(self, gradient: Any = None) -> None:
        """Give every node that this one was made from its gradient, d self / d node.

        Leaves accumulate over calls, as in PyTorch, so calling it twice doubles their
        gradient; every node in between keeps that of the latest call, to be looked at.
        Raises GradientError where no gradient can be had: nothing needs one, an input
        was replaced, or this is several numbers and no ``gradient`` of their shape was
        given. Nothing is stored if anything fails.

        >>> from seegrad import Value
        >>> x = Value(3.0)
        >>> (x * x).backward()
        >>> x.grad
        6.0
        """
        if not self._requires_grad:
            raise GradientError(
                "backward() was called on a result that needs no gradient: none of the "
                "numbers it was made from has requires_grad=True",
                hint="sg.tensor(..., requires_grad=True), and no detach(), no_grad() "
                "or integer on the way",
            )
        if switched and mode.tracer is not None:
            mode.tracer.backward(self, gradient)
            return
        grads = cotangents(self, self.seed(gradient))
        if switched and mode.listener is not None:
            mode.listener.accumulated(self, grads)
        for node, g in grads.items():
            if node.op is not None:
                node._grad = g if g.__class__ is float else node.freeze(g)
            elif node._grad is None:
                node._grad = node.copied(g)  # it fits: the walk has seen to it
            else:
                node._grad = node._grad + g

    def __reduce_ex__(self, protocol: Any) -> Any:
        if self.inputs:
            raise GradientError(
                f"only a leaf can be copied or pickled, and this was made by {self.op}",
                hint="detach() first",
            )
        return type(self)._leaf, (self._data, self._requires_grad, self.name)

    if TYPE_CHECKING:  # lent by the files of ops/; see `lend`
        dtype: Any

        def __add__(self, y: Any, /) -> Self: ...
        def __radd__(self, y: Any, /) -> Self: ...
        def __sub__(self, y: Any, /) -> Self: ...
        def __rsub__(self, y: Any, /) -> Self: ...
        def __mul__(self, y: Any, /) -> Self: ...
        def __rmul__(self, y: Any, /) -> Self: ...
        def __truediv__(self, y: Any, /) -> Self: ...
        def __rtruediv__(self, y: Any, /) -> Self: ...
        def __pow__(self, y: Any, /) -> Self: ...
        def __rpow__(self, y: Any, /) -> Self: ...
        def __matmul__(self, y: Any, /) -> Self: ...
        def __rmatmul__(self, y: Any, /) -> Self: ...
        def __neg__(self) -> Self: ...
        def __abs__(self) -> Self: ...
        def __lt__(self, y: Any, /) -> Self: ...
        def __le__(self, y: Any, /) -> Self: ...
        def __gt__(self, y: Any, /) -> Self: ...
        def __ge__(self, y: Any, /) -> Self: ...
        def __getitem__(self, index: Any, /) -> Self: ...
        def __getattr__(self, name: str, /) -> Any: ...


def link(
    kind: type[Node], data: Any, op: Any, inputs: tuple[Node, ...], settings: Any
) -> Any:
    """A new node that remembers the op and the inputs that its data came from."""
    out = _new(kind)
    out._data = data
    out._grad = out.name = None
    out.born = _now()
    needed = False
    for x in inputs:
        if x._requires_grad:
            needed = op.differentiable and (not switched or mode.recording)
            break
    out._requires_grad = needed
    if needed:
        out.op = op
        out.inputs = inputs
        out.settings = settings
    else:
        out.op = None
        out.inputs = ()
        out.settings = NO_SETTINGS
    if switched and op is not None and mode.watcher is not None:
        mode.watcher(out, op, inputs, settings)
    return out
