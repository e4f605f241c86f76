"""Errors that speak to the person who meets them.

Every error of the library has the same three-line form: what happened, with the actual
numbers; where; what to try. The tree below is the whole family. Each class is also the
built-in exception a Python programmer would expect, so ``except ValueError`` works.

    SeegradError
     +-- ShapeError        (ValueError)         shapes that do not fit together
     +-- DtypeError        (TypeError)          a kind of number of no use here
     +-- ArgumentError     (ValueError)         a setting out of range, an unknown name
     +-- InputTypeError    (TypeError)          a thing of the wrong type
     +-- IndexRangeError   (IndexError)         an index outside an axis
     +-- DataError         (ValueError)         data that cannot be learned from
     +-- GradientError     (RuntimeError)       a gradient that cannot be had
     +-- GradientMismatch  (AssertionError)     a rule and a measurement disagree
     +-- NonFiniteError    (ArithmeticError)    a NaN or an infinity appeared
     +-- StateError        (KeyError)           saved state that does not fit
     +-- TraceError        (RuntimeError)       a step that cannot be compiled
     +-- MissingExtraError (ImportError)        an optional dependency is not installed
"""

from __future__ import annotations

from collections.abc import Iterable


class SeegradError(Exception):
    """The base of every error raised by seegrad: what happened, where, what to try.

    >>> print(ShapeError("2 is not 3", where="Linear(3 -> 1)", hint="x of width 3"))
    2 is not 3
      in   Linear(3 -> 1)
      try  x of width 3
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.hint = what, where, hint

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"  in   {self.where}")
        if self.hint:
            lines.append(f"  try  {self.hint}")
        return "\n".join(lines)


class ShapeError(SeegradError, ValueError):
    """Shapes that do not fit together."""


class DtypeError(SeegradError, TypeError):
    """A kind of number that cannot be used here."""


class ArgumentError(SeegradError, ValueError):
    """A setting outside its range, or a name nobody knows."""


class InputTypeError(SeegradError, TypeError):
    """A thing of the wrong type."""


class IndexRangeError(SeegradError, IndexError):
    """An index outside the axis it points into."""


class DataError(SeegradError, ValueError):
    """Data that cannot be learned from: empty, non-finite, or of unequal length."""


class GradientError(SeegradError, RuntimeError):
    """A gradient that was asked for and cannot be had."""


class GradientMismatch(SeegradError, AssertionError):
    """A derivative by rule and the same by finite differences disagree."""


class NonFiniteError(SeegradError, ArithmeticError):
    """A NaN or an infinity appeared; the message names the operation that made it."""


class StateError(SeegradError, KeyError):
    """Saved state that does not fit the thing it is loaded into."""


class TraceError(SeegradError, RuntimeError):
    """A step that cannot be compiled as it is written."""


class MissingExtraError(SeegradError, ImportError):
    """An optional dependency is not installed; the hint names the extra that has it."""


def unknown_name(thing: str, name: object, choices: Iterable[str]) -> ArgumentError:
    """The error for a name that nobody knows, with the nearest one that exists.

    >>> print(unknown_name("loss", "mce", ["mse", "l1"]))
    there is no loss called 'mce'; there are l1, mse
      try  'mse'
    """
    from difflib import get_close_matches

    known = sorted(choices)
    near = get_close_matches(str(name), known, n=1, cutoff=0.4)
    hint = repr(near[0]) if near else f"one of {', '.join(known)}"
    return ArgumentError(
        f"there is no {thing} called {name!r}; there are {', '.join(known)}", hint=hint
    )
