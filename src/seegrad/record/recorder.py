"""The flight recorder: it listens to the engine and writes down what happens.

The engine tells a listener about every operation, every gradient that is passed on, and
every leaf that changes. This file turns that into the deeds of a step; `phases` sorts
them when it is over. It only ever keeps what it is shown; it computes nothing
that anybody else uses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from seegrad import random
from seegrad.backpropagation import ordered
from seegrad.mode import listening, mode, no_grad
from seegrad.nn import Module
from seegrad.node import NO_SETTINGS, Node, link
from seegrad.record.calculus import place_of, rule_formula, rule_places, rule_text
from seegrad.record.layers import Layers
from seegrad.record.phases import Fact, sorted_out
from seegrad.record.place import here, plain_numbers
from seegrad.record.seen import Seen, split
from seegrad.record.settings import encoded
from seegrad.record.step import Step
from seegrad.record.structure import Deed, Structure
from seegrad.record.titles import titled
from seegrad.record.writer import Writer

# Layers that compute something else in training than in prediction.
MODAL = ("Dropout", "BatchNorm1d", "BatchNorm2d")
MOST_QUIET = 64 << 20  # bytes that are kept of what a step computes under no_grad
BEFORE, AFTER_BACKWARD, AFTER_UPDATE = "computing", "backward done", "updated"


class Recorder(Writer):
    """Writes the step that is going on; ``done(step)`` is called as each one ends."""

    def __init__(self, done: Callable[[Step], None]) -> None:
        self.done = done
        self.latest: Structure | None = None
        super().__init__(Layers(self.entering), 0, 0)

    def begin(self, number: int, first: int) -> None:
        super().begin(number, first)
        self.facts: dict[int, Fact] = {}
        self.targets: dict[int, str] = {}  # operation -> what it was assigned to
        self.assigned_to: set[Node] = set()
        self.waiting: list[Seen] = []  # after an update: of this step or of the next?
        self.optimizers: dict[Node, str] = {}  # parameter -> what computed its update
        self.passing: Node | None = None
        self.state = BEFORE
        self.layered = False  # a layer was at work in this step
        self.walked = False  # something went backward
        self.updated = ""  # the parameter whose update is being computed
        self.planned: dict[str, float] = {}  # what a schedule began with
        self.quiet = 0  # bytes of what was computed under no_grad

    def finish(self, problem: str = "") -> None:
        """Everything is over: hand on the step, and one that was begun after it."""
        others = self._parted(())[1]
        if any(seen.fact.tracked for seen in others):
            self._next_step()
        self._settle()
        self._hand_on(problem)

    def _hand_on(self, problem: str = "") -> None:
        """The step is over: hand it on, and begin another."""
        step, count = self.step, len(self.deeds)
        if count:
            deeds = sorted_out(self.deeds, self.facts, self.targets)
            new = Structure(tuple(titled(self.quantities, deeds)), tuple(deeds))
            if new == self.latest and _given(new) == _given(self.latest):
                new = self.latest  # structure once, numbers per step
            step.structure = self.latest = new
            step.problem = problem
            self.done(step)
        self.begin(step.number + bool(count), step.first + count)

    def _parted(self, wanted: Iterable[Node]) -> tuple[list[Seen], list[Seen]]:
        return split(self.waiting, set(self.made_by), self.assigned_to, set(wanted))

    def _next_step(self, wanted: Iterable[Node] = ()) -> None:
        """The next step has begun: part it from this one; ``wanted`` belongs to it."""
        self.waiting, others = self._parted(wanted)
        self._settle()
        self._hand_on()
        for seen in others:
            self._operation(seen)

    def _settle(self) -> None:
        """What was waiting belongs to this step."""
        waiting, self.waiting = self.waiting, []
        for seen in waiting:
            self._operation(seen)

    # What the engine tells ------------------------------------------------------------

    def entering(self, outermost: bool, path: str, module: Module) -> None:
        """A layer begins; the first one after an update begins the next step."""
        recorded = mode.recording
        if outermost and recorded and self.state == AFTER_UPDATE:
            self._next_step()
        self.layered |= recorded
        if type(module).__name__ in MODAL and (recorded or module.training):
            how = "train" if module.training else "eval"
            self.step.modes[path] = (
                type(module).__name__,
                how if recorded else f"{how} without gradient",
            )

    def operation(self, out: Node, op: Any, inputs: Any, settings: Any) -> None:
        """An op was applied to nodes."""
        tracked = out._requires_grad
        if not (mode.recording or self.updated):
            self.quiet += getattr(out._data, "nbytes", 8)
            if self.quiet > MOST_QUIET:
                self.step.left_out += 1
                return
        fact = Fact(tracked, mode.recording, self.layers.depth > 0)
        layer = self.layers.current()
        seen = Seen(out, op, tuple(inputs), settings, here(), layer, fact)
        if self.updated:
            self.step.plain[len(self.deeds)] = plain_numbers() | self.planned
        elif self.state == AFTER_UPDATE:
            self.waiting.append(seen)
            return
        self._operation(seen)

    def _operation(self, seen: Seen) -> None:
        out, op, (layer, kind) = seen.out, seen.op, seen.layer
        put_in = tuple(self.quantity(x) for x in seen.inputs)
        if not self.updated:
            self.facts[len(self.deeds)] = seen.fact._replace(layered=self.layered)
        result = self.made(out, out.name or "", layer)
        words = tuple((k, repr(v)[:200]) for k, v in seen.settings.items())
        deed = Deed(
            "operation", "update", op.name, op.symbol, op.formula, put_in, result,
            layer, kind, words, seen.places, None, self.updated,
            definition=op, given=dict(seen.settings) or None,
        )  # fmt: skip
        self.write(deed, (out._data,))

    def passed(self, node: Any, g: Any, x: Node, share: Any) -> None:
        """A node sent a share of its gradient to one of its inputs."""
        if self.waiting and node not in self.made_by:
            self._next_step(ordered(node))
        made = self.made_by.get(node)
        if made is None:
            return
        if self.passing is not node:
            forward = self.deeds[made]
            deed = Deed(
                "backward", "backward", forward.op, forward.symbol,
                rule_formula(node.op, node.inputs), forward.inputs, forward.output,
                forward.layer, forward.layer_kind, forward.settings,
                rule_places(node.op, node.inputs), made, "",
                forward.definition, forward.given,
            )  # fmt: skip
            self.passing = node
            self.write(deed, (g, *[None] * len(node.inputs)))
        numbers = list(self.step.numbers[-1])
        place = next(
            i
            for i, y in enumerate(node.inputs, start=1)
            if y is x and numbers[i] is None
        )
        numbers[place] = share
        self.step.numbers[-1] = tuple(numbers)

    def accumulated(self, root: Node, grads: dict[Node, Any]) -> None:
        """A backward walk is over, and its leaves are about to get their gradients."""
        self.passing = None
        for node, g in grads.items():
            if node.op is not None:
                continue
            if node in self.known or node in self.layers.names:
                self.quantity(node)  # of a result of the step before, it is new here
                before = _kept(node._grad)
                after = _kept(g) if before is None else before + g
                self.gradient_of(node, before, after, "accumulate")
        self.state, self.walked = AFTER_BACKWARD, True

    def gradient(self, node: Node) -> None:
        """Somebody set the gradient of a leaf: clipping, or a hand-written rule."""
        if node._grad is None:
            return
        if self.waiting:
            self._next_step()
        if node in self.known:
            self.gradient_of(node, None, _kept(node._grad), "set_grad")

    def assigned(self, node: Node, before: Any, new: Any) -> None:
        """A leaf got a new value, as it was given.

        Of a loop that never goes backward, the second value of a leaf is the next
        step's.
        """
        if self.state == AFTER_UPDATE:
            if node in self.assigned_to and not self.walked:
                self._next_step(seen.out for seen in self.waiting)
            self._settle()
        elif self.state == BEFORE and node not in self.known:
            return  # set up before anything was computed
        quantity = self.quantity(node, before)
        role, name = self.quantities[quantity].role, self.name_of(node)
        learns = node._requires_grad or (role != "buffer" and not self.walked)
        maker = self.maker(new)
        if learns and maker is not None:
            self.targets[maker] = name
        deed = Deed(
            "assign", "update" if learns else "aside",
            self.optimizers.pop(node, "assign"), "←", "p ← new", (), quantity,
            self.layer_of(node), places=here(), parameter=name if learns else "",
        )  # fmt: skip
        self.write(deed, (before, node._data))
        if learns:
            self.assigned_to.add(node)
            self.state = AFTER_UPDATE

    def updating(self, optimizer: Any, p: Any, state: Any, lr: float) -> Any:
        """Compute an optimizer's update on nodes, so that every line of it is seen.

        The numbers are the same to the last bit. A formula that will not take nodes is
        run as it is, and seen as one operation.
        """
        self._settle()
        self.optimizers[p] = type(optimizer).__name__
        planned = vars(optimizer).get("initial_lr")  # by a schedule
        self.planned = {} if planned is None else {"initial_lr": float(planned)}
        self.updated = name = self.name_of(p)
        memory = {
            k: self.leaf(p.kind, v, "memory", f"{name}.{k}") if _is_array(v) else v
            for k, v in state.items()
        }
        value = self.leaf(p.kind, p._data, "parameter", name, same_as=p)
        grad = self.leaf(p.kind, p._grad, "gradient", f"{name}.grad")
        before = len(self.deeds), len(self.quantities)
        stream = random.state()
        try:
            with no_grad():
                new, kept = optimizer.update(value, grad, memory, lr)
        except Exception:
            self.forget(*before)
            random.set_state(stream)  # it draws its numbers once
            with listening(None):
                new, kept = optimizer.update(p.data, p.grad, state, lr)
            rate = self.leaf(p.kind, np.asarray(lr), "memory", "lr")
            self.step.plain[len(self.deeds)] = {"lr": float(lr), **self.planned}
            self._as_a_whole(optimizer, p, (value, grad, *memory.values(), rate), new)
        finally:
            self.updated = ""
        return _plain(new), {k: _plain(v) for k, v in kept.items()}

    def _as_a_whole(self, optimizer: Any, p: Any, inputs: Any, new: Any) -> None:
        """An update that would not take nodes: one operation, its source as formula."""
        data = p.kind.freeze(p.own(new, "assigned data"))
        put_in = tuple(self.quantity(x) for x in inputs if isinstance(x, Node))
        result = self.made(link(p.kind, data, None, (), NO_SETTINGS))
        name, update = type(optimizer).__name__, type(optimizer).update
        deed = Deed(
            "operation", "update", name, name, rule_text(update), put_in, result,
            places=(place_of(update), *here()), parameter=self.updated,
        )  # fmt: skip
        self.write(deed, (data,))


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray)


def _plain(value: Any) -> Any:
    return _kept(value._data) if isinstance(value, Node) else value


def _kept(data: Any) -> Any:
    """A copy that nobody changes: the gradient of a leaf is the leaf's own array."""
    return np.array(data) if isinstance(data, np.ndarray) else data


def _given(structure: Structure) -> list[Any]:
    """The settings themselves: their text is cut off, and that of an array has gaps."""
    return [encoded(deed.given) for deed in structure.deeds]
