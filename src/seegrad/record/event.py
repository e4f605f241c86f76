"""One moment of a tape: what was done, to which numbers, and what came of it.

An event puts the two halves of a tape together again, the structure that was written
once and the numbers of its step. It is a view: making one copies nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from seegrad.record.numbers import brief, local_derivatives

if TYPE_CHECKING:
    from seegrad.record.place import Place
    from seegrad.record.step import Step
    from seegrad.record.structure import Deed, Quantity


@dataclass(frozen=True, slots=True)
class Event:
    """What happened at ``id`` (counted over the whole tape), place ``at`` of its step.

    ``kind`` is operation, backward, gradient or assign; ``phase`` forward, loss,
    backward or update. Numbers are floats or arrays, or a `Summary` where the tape did
    not keep them.
    """

    id: int
    at: int
    step_record: Step = field(repr=False, compare=False)
    deed: Deed = field(repr=False)

    @property
    def step(self) -> int:
        """The number of the training step, from 0."""
        return self.step_record.number

    @property
    def kind(self) -> str:
        return self.deed.kind

    @property
    def phase(self) -> str:
        return self.deed.phase

    @property
    def op(self) -> str:
        return self.deed.op

    @property
    def symbol(self) -> str:
        return self.deed.symbol

    @property
    def formula(self) -> str:
        return self.deed.formula

    @property
    def layer(self) -> str:
        """The path of the layer, as in ``named_modules``; empty outside of layers."""
        return self.deed.layer

    @property
    def source(self) -> Place | None:
        """The line that ran."""
        return self.deed.places[0] if self.deed.places else None

    @property
    def caller(self) -> Place | None:
        """The user's line behind it."""
        return self.deed.places[-1] if self.deed.places else None

    @property
    def settings(self) -> dict[str, str]:
        return dict(self.deed.settings)

    @property
    def inputs(self) -> tuple[Quantity, ...]:
        return tuple(self._quantity(i) for i in self.deed.inputs)

    @property
    def output(self) -> Quantity:
        return self._quantity(self.deed.output)

    @property
    def parameter(self) -> str:
        """The name of the parameter it is about; empty if it is about none."""
        if self.deed.parameter:
            return self.deed.parameter
        names = [q.name for q in (self.output, *self.inputs) if q.role == "parameter"]
        return names[0] if names else ""

    # The numbers ----------------------------------------------------------------------

    @property
    def input_values(self) -> tuple[Any, ...]:
        """The numbers that were put in."""
        at = self.at if self.deed.of is None else self.deed.of
        return tuple(self.step_record.value(i, at) for i in self.deed.inputs)

    @property
    def value(self) -> Any:
        """The number that came out; for a gradient or an update, the new one."""
        if self.kind == "backward":
            return self.step_record.value(self.deed.output, self.deed.of)
        return self.step_record.numbers[self.at][-1]

    @property
    def before(self) -> Any:
        """What a gradient or a parameter was before; None where there was none."""
        return self._numbers("gradient", "assign")[0]

    @property
    def gradient(self) -> Any:
        """The gradient arriving: d loss / d output; None outside of backward."""
        if self.kind == "gradient":
            return self.value
        return self._numbers("backward")[0]

    @property
    def shares(self) -> tuple[Any, ...]:
        """The gradient sent on to each input; None for one that needs none."""
        return tuple(self._numbers("backward")[1:])

    @property
    def local(self) -> tuple[Any, ...] | None:
        """d output / d input for each input of an elementwise op, else None."""
        return local_derivatives(self)

    @property
    def forward(self) -> Event | None:
        """For a backward event, the operation that it goes back through."""
        of = self.deed.of
        return None if of is None else self.step_record.event(of)

    def _quantity(self, i: int) -> Quantity:
        return self.step_record.structure.quantities[i]

    def _numbers(self, *kinds: str) -> Any:
        known = self.kind in kinds
        return self.step_record.numbers[self.at] if known else (None,)

    def __str__(self) -> str:
        put_in = ", ".join(
            f"{q} = {brief(v)}"
            for q, v in zip(self.inputs, self.input_values, strict=True)
        )
        done = {
            "operation": f"{self.output} = {brief(self.value)}",
            "backward": f"arriving {brief(self.gradient)}",
            "gradient": f"{self.output}.grad = {brief(self.value)}",
            "assign": f"{self.output}: {brief(self.before)} → {brief(self.value)}",
        }[self.kind]
        where = f" in {self.layer}" if self.layer else ""
        return f"[{self.id}] {self.phase}{where} {self.op}({put_in}): {done}"
