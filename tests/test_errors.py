"""Errors: the family, the three lines, and the nearest name."""

import pickle

import pytest

from seegrad import errors
from seegrad.errors import SeegradError, ShapeError, unknown_name

FAMILY = {
    "ShapeError": ValueError,
    "DtypeError": TypeError,
    "ArgumentError": ValueError,
    "InputTypeError": TypeError,
    "IndexRangeError": IndexError,
    "DataError": ValueError,
    "GradientError": RuntimeError,
    "GradientMismatch": AssertionError,
    "NonFiniteError": ArithmeticError,
    "StateError": KeyError,
    "TraceError": RuntimeError,
    "MissingExtraError": ImportError,
}


@pytest.mark.parametrize(("name", "builtin"), FAMILY.items())
def test_every_error_is_ours_and_a_builtin_one(name, builtin):
    """`except ValueError` and `except SeegradError` catch it, and it reads well."""
    error = getattr(errors, name)("what", where="here", hint="that")
    assert isinstance(error, SeegradError)
    assert isinstance(error, builtin)
    assert "what\n  in   here\n  try  that" == str(error)


def test_the_family_in_the_docstring_is_the_family():
    """The tree that a reader sees at the top of the file is complete."""
    found = {
        name
        for name, thing in vars(errors).items()
        if isinstance(thing, type) and issubclass(thing, SeegradError)
    }
    assert found == set(FAMILY) | {"SeegradError"}
    assert all(f"+-- {name}" in errors.__doc__ for name in FAMILY)


def test_lines_without_content_are_left_out():
    """What happened is always said; where and what to try, if they are known."""
    assert "what" == str(ShapeError("what"))
    assert "what\n  try  that" == str(ShapeError("what", hint="that"))


def test_an_error_survives_pickling():
    """It may come from a worker process; KeyError's quoting does not spoil it."""
    error = pickle.loads(pickle.dumps(errors.StateError("a b", where="c", hint="d")))
    assert ("a b", "c", "d") == (error.what, error.where, error.hint)


def test_a_name_nobody_knows_is_answered_with_the_nearest():
    """Or with all of them, where none is near."""
    error = unknown_name("loss", "mce", ["mse", "l1"])
    assert "there is no loss called 'mce'; there are l1, mse" == error.what
    assert "'mse'" == error.hint
    assert "one of l1, mse" == unknown_name("loss", "zzz", ["mse", "l1"]).hint
    assert "one of l1, mse" == unknown_name("loss", None, ["mse", "l1"]).hint
