"""A slice, a transpose, a broadcast: the same memory, walked with other strides.

Where a movement of a kept term comes down to a first place and a stride for each axis,
the kernel that reads it gets just these. The first place becomes part of the pointer,
so that two kernels which differ only in what they slice are the same function.
"""

from __future__ import annotations

from typing import NamedTuple

from seegrad.compiler.planning.kernels import Kernel
from seegrad.compiler.planning.memory import Layout, Place
from seegrad.compiler.programs.index import Axis, Expression, place
from seegrad.compiler.programs.origins import Index, origins
from seegrad.compiler.programs.program import Term


class View(NamedTuple):
    """Where a term is found: its first number, and strides if rows are not adjacent.

    The code of a kernel knows the ``offset``, bytes from the place on.
    """

    place: Place
    strides: tuple[int, ...] | None = None
    offset: int = 0


def loaded(kernel: Kernel, layout: Layout) -> dict[Term, View]:
    """Everything that a kernel finds in memory, kept terms and views of them."""
    found: dict[Term, View] = {}
    for item in kernel.items:
        if item.stored:
            found[item.term] = _kept(item.term, layout)
    written = {view.place for view in found.values()}
    own = {item.term for item in kernel.items}
    seen: set[Term] = set()
    stack = [(item.term, True) for item in reversed(kernel.items)]
    while stack:
        term, top = stack.pop()
        if term in seen or term.number is not None:
            continue
        seen.add(term)
        if not top and term not in own:
            view = _kept(term, layout) if term in layout.places else None
            view = view or _moved(term, layout, written)
            if view is not None:
                found[term] = view
                continue
        stack.extend((x, False) for x in reversed(term.inputs))
    return _from_slots(found) if kernel.is_straight else found


def _from_slots(found: dict[Term, View]) -> dict[Term, View]:
    """The same, counted from where the slots begin: hundreds of numbers share one."""
    return {
        term: View(Place(place.slot, 0), strides, place.offset)
        for term, (place, strides, _) in found.items()
    }


def _kept(term: Term, layout: Layout) -> View:
    return View(layout.places[term], layout.strides.get(term))


def _moved(term: Term, layout: Layout, written: set[Place]) -> View | None:
    """A movement of a kept term as a view, unless the kernel writes what it is of."""
    if term.kind != "movement" or term.size == 0:
        return None
    axes = tuple(Axis(n, f"v{k}") for k, n in enumerate(term.shape))
    index: Index = tuple(map(Expression.of, axes))
    x = term
    while x not in layout.places:
        if x.kind != "movement" or len(x.inputs) != 1:
            return None
        (read,) = origins(x, index)
        if read.conditions:
            return None
        x, index = read.term, read.index
    if x.number is not None or layout.places[x] in written:
        return None
    strides = layout.strides.get(x)
    if strides is None:
        position = place(index, x.shape)
    else:
        position = Expression({}, 0)
        for part, stride in zip(index, strides, strict=True):
            position = position + part * stride
    if not position.affine:
        return None
    slot, offset = layout.places[x]
    first = Place(slot, offset + position.constant * x.dtype.itemsize)
    return View(first, tuple(position.atoms.get(axis, 0) for axis in axes))
