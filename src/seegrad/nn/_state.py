"""Saving and loading: what is in a module, by name, as plain arrays.

Loading is all or nothing. Every name, shape and kind of number is checked before the
first tensor changes, and all that is wrong is said at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from seegrad.errors import InputTypeError, StateError
from seegrad.tensor import Tensor

Array = np.ndarray[Any, Any]
Named = list[tuple[str, Tensor]]

_KINDS = {"b": "booleans", "i": "integers", "u": "integers", "f": "floats"}


def saved(named: Named) -> dict[str, Array]:
    """A copy of each tensor's array under its name."""
    return {name: tensor.data.copy() for name, tensor in named}


def load(where: str, named: Named, state: Any, strict: bool) -> None:
    """Assign the arrays of ``state``, or raise one error with all that does not fit.

    ``named`` has each tensor under every name it goes by; one of them is enough.
    """
    if not isinstance(state, Mapping):
        raise InputTypeError(
            f"a state is a dictionary from names to arrays, not {type(state).__name__}",
            where=where,
            hint="what state_dict() returned",
        )
    arrays, problems = _read(state)
    known = dict(named)
    problems += [
        f"{name}: {what}"
        for name in arrays
        if name in known and (what := _misfit(known[name], arrays[name]))
    ]
    problems += _disagreements(named, arrays)
    if strict:
        problems += _missing(named, state)
        problems += [f"{name}: surplus" for name in arrays if name not in known]
    if problems:
        raise StateError(
            "the saved state does not fit, so nothing was loaded:\n"
            + "\n".join(f"    {problem}" for problem in problems),
            where=where,
            hint="a state saved by a model that was made in the same way",
        )
    for name, array in arrays.items():
        if name in known:
            known[name].assign(array)


def _read(state: Mapping[str, Any]) -> tuple[dict[str, Array], list[str]]:
    """Each thing as an array, and why some things cannot be one.

    A tensor of another library may refuse: one that needs a gradient, or a bfloat16.
    """
    arrays, problems = {}, []
    for name, thing in state.items():
        try:
            arrays[name] = _array(thing)
        except (RuntimeError, TypeError, ValueError) as error:
            problems.append(f"{name}: not an array: {error}")
    return arrays, problems


def _array(thing: Any) -> Array:
    return thing.data if isinstance(thing, Tensor) else np.asarray(thing)


def _misfit(tensor: Tensor, array: Array) -> str:
    """Why an array cannot be the data of a tensor, or nothing."""
    if array.dtype.kind not in _KINDS:
        return f"{array.dtype}, which is not a kind of number"
    if array.shape != tensor.shape:
        return f"shape {array.shape} where {tensor.shape} was expected"
    have, want = _KINDS[array.dtype.kind], _KINDS[tensor.dtype.kind]
    return "" if have == want else f"{have} where {want} were expected"


def _by_tensor(named: Named) -> Iterator[list[str]]:
    """For each tensor, all the names it goes by."""
    names: dict[Tensor, list[str]] = {}
    for name, tensor in named:
        names.setdefault(tensor, []).append(name)
    yield from names.values()


def _missing(named: Named, given: Mapping[str, Any]) -> Iterator[str]:
    for names in _by_tensor(named):
        if not any(name in given for name in names):
            yield f"{names[0]}: missing"


def _disagreements(named: Named, arrays: dict[str, Array]) -> Iterator[str]:
    """One tensor saved under two names, with two different contents."""
    for names in _by_tensor(named):
        given = [name for name in names if name in arrays]
        for other in given[1:]:
            if not np.array_equal(arrays[given[0]], arrays[other]):
                yield f"{other}: differs from {given[0]}, which is the same tensor here"
