"""An op says what it does and how it differentiates, once.

What it does is its forward, written over a small vocabulary (``xp.exp``, ``xp.where``)
that floats, arrays and the compiler each speak. How it differentiates is one line of
calculus per input, made of ops: on plain data it computes, on nodes it records, so
derivatives have derivatives. Ops come in a few *kinds*; everything that walks a graph
needs to know the kinds, never the single ops.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from seegrad import scalar
from seegrad.errors import ArgumentError, InputTypeError
from seegrad.facts import Facts
from seegrad.lend import lend, refuse_taken
from seegrad.node import NO_SETTINGS, Node

KINDS = ("elementwise", "movement", "reduction", "contraction", "lookup", "opaque")
REGISTRY: dict[str, Op] = {}
_ARRAYS = (np.ndarray, np.generic)  # looked for in every call, so made only once


class Op:
    """One operation: a forward, its derivatives, and how it is called and drawn.

    The inputs of the forward stand before the slash, its settings after it. Ops are
    made by the decorators below, one for each kind.

    >>> from seegrad import Value, ops
    >>> ops.mul(Value(2.0), 3.0).data, ops.mul(2.0, 3.0), ops.mul.formula
    (6.0, 6.0, 'x * y')
    """

    def __init__(
        self,
        forward: Callable[..., Any],
        kind: str,
        *,
        symbol: str = "",
        at: tuple[float, ...] = (),
        domain: tuple[float, float] = (-3.0, 3.0),
        floating: bool = False,
        keeps: tuple[str, ...] = (),
        method: bool = True,
        normal: Callable[..., dict[str, Any]] | None = None,
        explain: Callable[..., Exception] | None = None,
        **facts: Any,
    ) -> None:
        self.forward, self.kind = forward, kind
        self.name = forward.__name__.rstrip("_")
        self.__name__ = self.name
        self.__module__ = forward.__module__
        self.__doc__ = forward.__doc__
        self.formula = (forward.__doc__ or self.name).strip().splitlines()[0]
        self.symbol = symbol or self.name
        self.at, self.domain = at, domain  # an honest example, where it is defined
        self.floating = floating  # integers become floats first: exp, division
        self.keeps = keeps  # inputs whose dtype stays out of promotion
        self.normal = normal  # settings as written -> settings in normal form
        self.explain = explain  # a failed forward -> the error to raise
        self.facts = Facts(**facts)  # what the compiler needs to know of its kind
        self._read_signature(forward)
        self.kept = {i for i, name in enumerate(self.input_names) if name in keeps}
        self.derivatives()
        self.samples: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
        self.refusals: list[tuple[tuple[Any, ...], dict[str, Any], type, str]] = []
        lent = _operators(self, symbol)
        if method:
            lent[self.name] = self.as_method()
        self._refuse_clashes(lent)
        for name, thing in lent.items():
            lend(name, thing)
        REGISTRY[self.name] = self

    def _refuse_clashes(self, lent: dict[str, Any]) -> None:
        """An op may be defined again where it was defined, as in a notebook cell."""
        if REGISTRY.get(self.name, self).__module__ != self.__module__:
            raise ArgumentError(
                f"there is already an op called {self.name!r}", hint="another name"
            )
        for name, thing in lent.items():
            refuse_taken(name, thing)

    def _read_signature(self, forward: Callable[..., Any]) -> None:
        signature = inspect.signature(forward)
        parameters = list(signature.parameters.values())[1:]
        self.__signature__ = signature.replace(parameters=parameters)
        before_slash = (
            inspect.Parameter.POSITIONAL_ONLY,
            inspect.Parameter.VAR_POSITIONAL,
        )
        inputs = [p for p in parameters if p.kind in before_slash]
        self.variadic = any(p.kind is p.VAR_POSITIONAL for p in inputs)
        self.input_names = tuple(p.name for p in inputs)
        if not inputs:
            raise ArgumentError(
                f"the op {self.name!r} has no inputs: they stand before a slash",
                hint=f"def {forward.__name__}(xp, x, /)",
            )
        settings = parameters[len(inputs) :]
        self.setting_names = tuple(p.name for p in settings)
        self.known_settings = set(self.setting_names)
        self.defaults = {
            p.name: p.default
            for p in settings
            if p.default is not inspect.Parameter.empty
        }

    def __repr__(self) -> str:
        return self.name

    def input_name(self, position: int) -> str:
        """What the op calls its input at this position."""
        if self.variadic:
            return f"{self.input_names[-1]}[{position}]"
        return self.input_names[position]

    def derivatives(self, **rules: Callable[..., Any]) -> None:
        """Give the op one rule per input: ``x=lambda g, out, x, y: g * y``.

        A rule gets the gradient arriving at ``out``, ``out``, the inputs and, by name,
        the settings, and returns the gradient for its input in terms of ops. The rule
        of a variadic input also gets, after ``out``, the position it is asked about.
        """
        for name in rules:
            if name not in self.input_names:
                raise ArgumentError(
                    f"{self.name} has no input called {name!r}",
                    hint=f"one of {', '.join(self.input_names)}",
                )
        self.differentiable = bool(rules)  # comparisons, for one, have no rule
        self.rule_of_each = rules.get(self.input_names[0]) if self.variadic else None
        self.rules = () if self.variadic else tuple(map(rules.get, self.input_names))

    def rules_for(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """One rule for each of these inputs; a variadic op's is told which it is."""
        rule = self.rule_of_each
        if rule is None:
            return self.rules
        return tuple(
            lambda g, out, *xs, i=i, **settings: rule(g, out, i, *xs, **settings)
            for i in range(len(inputs))
        )

    def sample(self, *inputs: Any, **settings: Any) -> None:
        """Add an example call for tests and docs: shapes (or values) and settings."""
        self.samples.append((inputs, settings))

    def refuse(self, error: type, text: str, *inputs: Any, **settings: Any) -> None:
        """Add a call that must fail with this error, its message holding ``text``."""
        self.refusals.append((inputs, settings, error, text))

    def __call__(self, *args: Any, **settings: Any) -> Any:
        if settings or self.setting_names:
            args, settings = self._settle(args, settings)
        elif len(args) != len(self.input_names) and not self.variadic:
            raise self._wrong_call(args, settings)
        return self._run(args, settings)

    def settled(self, *inputs: Any, **settings: Any) -> Any:
        """The op with all settings by name and in normal form, as rules know them."""
        return self._run(inputs, settings)

    def _run(self, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        for arg in args:
            if isinstance(arg, Node):
                kind: Any = arg.kind
                break
        else:
            return self._on_plain(args, settings)
        for arg in args:
            if not (isinstance(arg, Node) and arg.kind is kind):
                args = tuple([_lifted(kind, arg, args) for arg in args])
                break
        return kind.apply(self, args, settings or NO_SETTINGS)

    def _settle(
        self, args: Any, settings: dict[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        """Tell inputs from settings given by position, and bring settings to normal."""
        count = len(args) if self.variadic else len(self.input_names)
        inputs, surplus = args[:count], args[count:]
        settled = self.defaults | settings
        if surplus:
            if len(surplus) > 1 and len(self.setting_names) == 1:
                surplus = (surplus,)  # x.reshape(3, 4) means x.reshape((3, 4))
            by_position = dict(zip(self.setting_names, surplus, strict=False))
            if len(by_position) < len(surplus) or by_position.keys() & settings.keys():
                raise self._wrong_call(args, settings)
            settled |= by_position
        if len(inputs) < count or settled.keys() != self.known_settings:
            raise self._wrong_call(args, settings)
        return inputs, self.normal(*inputs, **settled) if self.normal else settled

    def _wrong_call(self, args: Any, settings: dict[str, Any]) -> InputTypeError:
        """What is wrong with the arguments, in Python's own words."""
        words = "too many positional arguments"
        try:
            inspect.Signature.bind(self.__signature__, *args, **settings)
        except TypeError as error:
            words = str(error)
        return InputTypeError(
            f"{self}: {words}", hint=f"{self}{self.__signature__}".replace(", /", "")
        )

    def _on_plain(self, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        """Plain data in, plain data out: what makes eager backward passes fast.

        NumPy computes arrays as it always does, with its own dtypes and warnings.
        """
        for arg in args:
            if isinstance(arg, _ARRAYS):
                return self.forward(np, *args, **settings)
        for arg in args:
            if self.kind != "elementwise" or not isinstance(arg, float | int):
                number = ", and numbers" if self.kind == "elementwise" else ""
                raise InputTypeError(
                    f"{self} works on tensors and arrays{number}, not on "
                    f"{type(arg).__name__}",
                    hint="sg.tensor(...) makes a tensor of lists of numbers",
                )
        return scalar.compute(self.forward, args, settings)

    def as_method(self) -> Callable[..., Any]:
        """The op as a function that can be a method: x.exp()."""

        def method(x: Any, *args: Any, **settings: Any) -> Any:
            return self(x, *args, **settings)

        method.__name__, method.__doc__ = self.name, self.__doc__
        method.__module__ = self.__module__
        return method


def _lifted(kind: Any, arg: Any, beside: Any) -> Any:
    """A node of this kind as it is, anything else as a constant of this kind."""
    if isinstance(arg, Node) and arg.kind is kind:
        return arg
    return kind.lift(arg, beside)


_OPERATORS = {
    "+": ("__add__", "__radd__"),
    "-": ("__sub__", "__rsub__"),
    "*": ("__mul__", "__rmul__"),
    "/": ("__truediv__", "__rtruediv__"),
    "**": ("__pow__", "__rpow__"),
    "@": ("__matmul__", "__rmatmul__"),
    "<": ("__lt__", None),
    "<=": ("__le__", None),
    ">": ("__gt__", None),
    ">=": ("__ge__", None),
    "==": ("__eq__", None),
    "!=": ("__ne__", None),
    "neg": ("__neg__", None),
    "| |": ("__abs__", None),
}


def _operators(op: Op, symbol: str) -> dict[str, Any]:
    """The Python operators that an op with this symbol answers: x * y, 2 * y."""
    if symbol not in _OPERATORS:
        return {}
    name, reflected = _OPERATORS[symbol]

    def operator(x: Any, y: Any) -> Any:
        if type(y) is type(x):  # the common case, without looking any further
            return x.apply(op, (x, y), NO_SETTINGS)
        return op(x, y)

    def reflection(x: Any, y: Any) -> Any:
        return op(y, x)

    operator.__module__ = reflection.__module__ = op.__module__
    found = {name: operator if len(op.input_names) == 2 else op.as_method()}
    return found | {reflected: reflection} if reflected else found


def _decorator(kind: str) -> Callable[..., Any]:
    def decorator(forward: Any = None, /, **facts: Any) -> Any:
        if forward is not None:  # written without brackets
            return Op(forward, kind)
        return lambda forward: Op(forward, kind, **facts)

    return decorator


elementwise = _decorator("elementwise")
movement = _decorator("movement")
reduction = _decorator("reduction")
contraction = _decorator("contraction")
lookup = _decorator("lookup")
opaque = _decorator("opaque")
