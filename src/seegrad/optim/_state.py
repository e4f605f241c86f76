"""Saved memories of an optimizer, compared with what it would remember itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """A number as it is, an array as a copy of its own."""
    return value if isinstance(value, int | float) else np.array(value)


def misfits(fresh: list[dict[str, Any]], saved: Any) -> list[str]:
    """Why the saved memories cannot follow the fresh ones; empty if they can."""
    if not isinstance(saved, list | tuple) or len(saved) != len(fresh):
        count = len(saved) if isinstance(saved, list | tuple) else type(saved).__name__
        return [f"states: {count} where {len(fresh)} parameters are optimized"]
    problems = []
    for i, (have, want) in enumerate(zip(saved, fresh, strict=True)):
        if not isinstance(have, Mapping) or set(have) != set(want):
            names = sorted(have) if isinstance(have, Mapping) else type(have).__name__
            problems.append(f"states[{i}]: {names} where {sorted(want)} was expected")
            continue
        for key, value in want.items():
            if what := _misfit(value, have[key]):
                problems.append(f"states[{i}][{key!r}]: {what}")
    return problems


def _misfit(want: Any, have: Any) -> str:
    """Why one remembered thing cannot stand in for another, or nothing."""
    if np.asarray(have).dtype.kind not in "biuf":
        return f"{type(have).__name__}, which is not a number"
    if isinstance(want, int) and not isinstance(have, int):
        return f"{type(have).__name__} where a whole number was expected"
    if np.shape(have) != np.shape(want):
        return f"shape {np.shape(have)} where {np.shape(want)} was expected"
    if isinstance(want, np.ndarray) and want.dtype != np.asarray(have).dtype:
        return f"{np.asarray(have).dtype} where {want.dtype} was expected"
    return ""
