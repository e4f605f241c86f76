"""What happened in a step, without the numbers: the part that repeats.

Two steps of the same training do the same things to other numbers. So what was done is
written down once, as *quantities* (everything that has a value) and *deeds* (everything
that was done to them), and each step adds only its numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from seegrad.record.place import Place

PHASES = ("forward", "loss", "backward", "update", "aside")
KINDS = ("operation", "backward", "gradient", "assign")
ROLES = (
    *("input", "target", "parameter", "buffer", "constant", "result"),
    *("gradient", "memory"),
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something that has a value: a parameter, an input, a constant, a result.

    ``role`` is one of ROLES, ``name`` what a person calls it ("0.weight") or empty.
    """

    id: int
    role: str
    name: str
    kind: str  # Value or Tensor
    shape: tuple[int, ...]
    dtype: str
    layer: str = ""

    def __str__(self) -> str:
        return self.name or f"q{self.id}"


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was done: an operation, its backward, a gradient, an update.

    operation: ``output`` was computed from ``inputs``. backward: the gradient of the
    result of deed ``of`` was passed on to those ``inputs``. gradient: a leaf's own
    gradient changed. assign: a leaf got a new value.
    """

    kind: str
    phase: str
    op: str
    symbol: str
    formula: str
    inputs: tuple[int, ...]
    output: int
    layer: str = ""
    layer_kind: str = ""
    settings: tuple[tuple[str, str], ...] = ()
    places: tuple[Place, ...] = ()  # innermost line first, the user's last
    of: int | None = None
    parameter: str = ""  # whose update it is a part of
    definition: Any = field(default=None, compare=False, repr=False)  # the op itself
    given: Any = field(default=None, compare=False, repr=False)  # settings as they are


@dataclass(frozen=True, slots=True)
class Structure:
    """All that happened in a step: deeds in order, and the quantities they speak of."""

    quantities: tuple[Quantity, ...]
    deeds: tuple[Deed, ...]
