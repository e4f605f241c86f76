"""Whether a term can be computed in a kernel that is there, and at which of its axes.

It can be if its own axes run along with those of the kernel, so that every number that
it reads from an item of the kernel has just been computed. A term that needs only the
outer axes, as the mean of a row, is computed once for each row.
"""

from __future__ import annotations

from seegrad.compiler.planning.kernels import Item, Kernel
from seegrad.compiler.programs.index import Axis, Expression, Index, replaced

Pairs = list[tuple[Index, Index]]


def aligned(kernel: Kernel, probe: Kernel, near: Pairs) -> Item | None:
    """The item of a term in a kernel, if it can be computed there.

    ``probe`` is the kernel that the term would have for itself; ``near`` holds, for
    each item of the kernel that it reads, the index at which it reads it, in axes of
    the probe, and the one at which the item is computed.
    """
    (mine,) = probe.items
    if mine.level == "sum" and not _can_sum(kernel, probe):
        return None
    match = _match(kernel, probe, near)
    level = _level(kernel, probe, match) if match is not None else None
    if match is None or level is None:
        return None
    new = {axis: Expression.of(theirs) for axis, theirs in match.items()}
    if any(replaced(at, new) != there for at, there in near):
        return None
    return Item(mine.term, replaced(mine.index, new), level, replaced(mine.over, new))


def _can_sum(kernel: Kernel, probe: Kernel) -> bool:
    """Whether a kernel may take in a reduction like this one."""
    if kernel.kind != "loop":
        return False
    return bool(kernel.inner) or probe.axes[-1] in probe.inner


def _match(kernel: Kernel, probe: Kernel, near: Pairs) -> dict[Axis, Axis] | None:
    """Which axis of the kernel each axis of the probe runs with."""
    match: dict[Axis, Axis] = {}
    for at, there in near:
        for mine, theirs in zip(at, there, strict=True):
            a, b = mine.axis, theirs.axis
            if a is not None and b is not None and match.setdefault(a, b) is not b:
                return None
    if not match and kernel.kind != "loop":
        return None
    left = [axis for axis in probe.axes if axis not in match]
    free = [axis for axis in kernel.axes if axis not in match.values()]
    match |= dict(zip(left, free, strict=False))
    if len(match) < len(probe.axes) or len(set(match.values())) < len(match):
        return None
    return match if all(a.length == b.length for a, b in match.items()) else None


def _level(kernel: Kernel, probe: Kernel, match: dict[Axis, Axis]) -> str | None:
    """Whether a term is computed everywhere, for each row, or as a sum; or not at all.

    A kernel without inner axes gets those of the first sum that joins it.
    """
    used, whole = set(match.values()), len(match) == len(kernel.axes)
    if probe.inner:
        inner = {match[axis] for axis in probe.inner}
        return "sum" if whole and kernel.inner in (frozenset(), inner) else None
    rows = used == set(kernel.outer)
    if not whole:
        return "row" if rows and kernel.kind == "loop" else None
    return "row" if kernel.inner and rows else "all"
