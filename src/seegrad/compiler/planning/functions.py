"""Which function computes a kernel: equal descriptions, one and the same function.

Two kernels may compute the same on other numbers, in this step or in another process.
So the description of a kernel holds all that its code depends on, and where its numbers
lie is left out. A slice or a transpose of a kept term is the same memory walked with
other strides from another first place, which becomes part of a pointer: kernels that
differ only in what they slice are the same function too.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from seegrad.compiler.planning.kernels import Kernel, ProductKernel
from seegrad.compiler.planning.memory import Layout, Place
from seegrad.compiler.planning.weigh import weight
from seegrad.compiler.programs.index import axes_of, index_of, position
from seegrad.compiler.programs.origins import origins
from seegrad.compiler.programs.program import Term, below
from seegrad.compiler.programs.simplify import frozen

READING = 4  # additions in the time in which a number comes from a far cache


class View(NamedTuple):
    """Where a term is found: its first number, and how far the next ones are.

    The code of a kernel knows the ``offset``, bytes from the place on.
    """

    place: Place
    strides: tuple[int, ...]
    offset: int = 0


class Function:
    """The function of a kernel, not yet written, and the places that it works on.

    ``views`` are all terms that it finds in memory; ``places`` where they begin.
    """

    def __init__(self, kernel: Kernel, layout: Layout) -> None:
        self.kernel, self.layout = kernel, layout
        self.own = {item.term for item in kernel.items}
        stored = [item.term for item in kernel.items if item.stored]
        self.views = {term: self._kept(term) for term in stored}
        self.written = {view.place for view in self.views.values()}
        self.terms = below([item.term for item in kernel.items], self._is_found)
        if kernel.is_straight:  # hundreds of numbers share a slot: count from there
            self.views = {
                term: View(Place(slot, 0), strides, offset)
                for term, ((slot, offset), strides, _) in self.views.items()
            }
        self.places = list(dict.fromkeys(view.place for view in self.views.values()))

    def _is_found(self, term: Term) -> bool:
        """Whether a term need not be computed here; its view is noted."""
        if term in self.own or term.number is not None:
            return False
        if term not in self.views:
            kept = term in self.layout.places
            view = self._kept(term) if kept else self._moved(term)
            if view is None:
                return False
            self.views[term] = view
        return True

    def _kept(self, term: Term) -> View:
        return View(self.layout.places[term], self.layout.strides_of(term))

    def _moved(self, term: Term) -> View | None:
        """A movement of a kept term as a view, unless the kernel writes that term."""
        if term.kind != "movement" or term.size == 0:
            return None
        places, axes = self.layout.places, axes_of(term.shape)
        x, index = term, index_of(axes)
        while x not in places:
            if x.kind != "movement" or len(x.inputs) != 1:
                return None
            (read,) = origins(x, index)
            if read.conditions:
                return None
            x, index = read.term, read.index
        at = position(index, self.layout.strides_of(x))
        if x.number is not None or places[x] in self.written or not at.affine:
            return None
        slot, offset = places[x]
        first = Place(slot, offset + at.constant * x.dtype.itemsize)
        return View(first, tuple(at.atoms.get(axis, 0) for axis in axes))

    @property
    def is_known(self) -> bool:
        """Whether all its ops are the library's own, which the version tells."""
        ops = [getattr(term.op, "product", term.op) for term in self.terms]
        modules = [getattr(op, "__module__", None) for op in ops]
        return all((module or "seegrad.").startswith("seegrad.") for module in modules)

    @property
    def description(self) -> Any:
        """All that the code depends on, as plain data.

        Only a kernel without loops knows the slots of its numbers.
        """
        kernel, number = self.kernel, {term: k for k, term in enumerate(self.terms)}
        pointer = {place: k for k, place in enumerate(self.places)}
        terms = []
        for term in self.terms:
            found = term in self.views and term not in self.own
            inputs = () if found else tuple(number[x] for x in term.inputs)
            op = None if found else (term.op, frozen(term.settings))
            view = self.views.get(term)
            at = view and (pointer[view.place], view.offset, view.strides)
            form = repr(term.number), term.shape, term.dtype
            terms.append((op, inputs, *form, at))
        items = [
            (number[i.term], i.level, i.phase, i.stored, repr(i.index), repr(i.over))
            for i in kernel.items
        ]
        axes = [(axis.name, axis.length, axis in kernel.inner) for axis in kernel.axes]
        slots = tuple(place.slot for place in self.places) if kernel.is_straight else ()
        return kernel.kind, tuple(axes), slots, tuple(items), tuple(terms)

    @property
    def work(self) -> int:
        """How much there is to do, in additions."""
        kernel, far = self.kernel, 0
        each = sum(2 + weight(item.term) for item in kernel.items)
        if isinstance(kernel, ProductKernel):
            each += math.prod(kernel.product.inner)
            far = sum(factor.size for factor in kernel.items[0].term.inputs)
        return each * math.prod(axis.length for axis in kernel.axes) + READING * far
