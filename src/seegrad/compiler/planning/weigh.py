"""How much work one number of an elementwise op is, found by asking its forward.

The forward is run once on things that only count. No op is known by name: an op that
somebody defines tomorrow is weighed like all others.
"""

from __future__ import annotations

from typing import Any

from seegrad.compiler.programs.program import Term

# In additions, roughly: what a polynomial of its degree costs on a vector.
WEIGHTS = {
    "exp": 12,
    "expm1": 20,
    "log": 16,
    "log1p": 20,
    "tanh": 20,
    "erf": 30,
    "sin": 25,
    "cos": 25,
    "power": 50,
    "sqrt": 5,
    "isnan": 1,
    "floor": 2,
    "maximum": 2,
    "minimum": 2,
    "sign": 3,
    "copysign": 2,
    "absolute": 1,
    "where": 1,
}
DIVISION = 5
UNKNOWN = 10  # where the forward asks for more than numbers
COSTLY = 8  # additions, from which a number is better kept than computed twice


class _Scale:
    """Adds up what its weights do."""

    def __init__(self) -> None:
        self.total = 0

    def __getattr__(self, word: str) -> Any:
        def weigh(*_: Any) -> _Weight:
            self.total += WEIGHTS.get(word, 1)
            return _Weight(self)

        return weigh


class _Weight:
    """Stands for a number in a forward; every operation on it costs something."""

    dtype: Any = None

    def __init__(self, scale: _Scale) -> None:
        self.scale = scale

    def astype(self, dtype: Any) -> _Weight:
        self.scale.total += 1
        return self

    def _operate(self, *_: Any) -> _Weight:
        self.scale.total += 1
        return _Weight(self.scale)

    def _divide(self, *_: Any) -> _Weight:
        self.scale.total += DIVISION
        return _Weight(self.scale)

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _operate
    __lt__ = __le__ = __gt__ = __ge__ = __neg__ = __abs__ = _operate
    __eq__ = __ne__ = _operate  # type: ignore[assignment]
    __and__ = __or__ = __invert__ = _operate
    __truediv__ = __rtruediv__ = __floordiv__ = __mod__ = __pow__ = _divide
    __hash__ = object.__hash__


def weight(term: Term) -> int:
    """The work of one number of a term, in additions; 0 if it is not elementwise.

    >>> import numpy as np
    >>> from seegrad import ops
    >>> from seegrad.compiler.programs.program import leaf
    >>> x = leaf(None, (3,), np.float32)
    >>> weight(x.but(op=ops.mul, inputs=(x, x))), weight(x.but(op=ops.exp, inputs=(x,)))
    (1, 12)
    """
    if term.op is None or term.kind != "elementwise":
        return 0
    scale = _Scale()
    try:
        term.op.forward(scale, *(_Weight(scale) for _ in term.inputs), **term.settings)
    except (AttributeError, TypeError):
        return UNKNOWN
    return scale.total
