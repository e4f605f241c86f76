"""The flight recorder: it listens to the engine and writes down what happens.

The engine tells a listener about every operation, every gradient that is passed on, and
every leaf that changes. This file turns that into the deeds of a step. It only ever
keeps what it is shown; it computes nothing that anybody else uses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from seegrad import random
from seegrad.mode import listening, mode, no_grad
from seegrad.nn import Module
from seegrad.node import NO_SETTINGS, Node, link
from seegrad.record.calculus import rule_formula, rule_places
from seegrad.record.layers import Layers
from seegrad.record.place import here, in_loss, plain_numbers
from seegrad.record.step import Step
from seegrad.record.structure import Deed, Quantity, Structure

# Layers that compute something else in training than in prediction.
MODAL = ("Dropout", "BatchNorm1d", "BatchNorm2d")
BEFORE, AFTER_BACKWARD, AFTER_UPDATE = "computing", "backward done", "updated"


class Recorder:
    """Writes the step that is going on; ``done(step)`` is called as each one ends."""

    def __init__(self, done: Callable[[Step], None]) -> None:
        self.done = done
        self.layers = Layers(self.entering)
        self.names: dict[Node, tuple[str, str]] = {}  # node -> role and name
        self.latest: Structure | None = None
        self.events = self.steps = 0
        self._begin()

    def _begin(self) -> None:
        self.quantities: list[Quantity] = []
        self.deeds: list[Deed] = []
        self.step = Step(self.steps, self.events, Structure((), ()))
        self.titles: dict[str, int] = {}  # how many results go by a title
        self.known: dict[Node, int] = {}  # also keeps the nodes, and so their identity
        self.made_by: dict[Node, int] = {}
        self.passing: Node | None = None
        self.state = BEFORE
        self.layered = False  # a layer was at work in this step
        self.inside_update = self.updated = ""  # the optimizer at work, and on what

    def finish(self, problem: str = "") -> None:
        """The step is over, or everything is: hand it on, and begin another."""
        step = self.step
        if self.deeds:
            new = Structure(tuple(self.quantities), tuple(self.deeds))
            if new == self.latest:
                new = self.latest  # structure once, numbers per step
            step.structure = self.latest = new
            step.problem = problem
            self.events += len(self.deeds)
            self.steps += 1
            self.done(step)
        self._begin()

    # What the engine tells ------------------------------------------------------------

    def entering(self, outermost: bool, path: str, module: Module) -> None:
        """A layer begins; the first one after an update begins the next step."""
        recorded = mode.recording
        if outermost and recorded and self.state == AFTER_UPDATE:
            self.finish()
        self.layered = True
        if type(module).__name__ in MODAL and (recorded or module.training):
            how = "train" if module.training else "eval"
            self.step.modes[path] = (
                type(module).__name__,
                how if recorded else f"{how} without gradient",
            )

    def operation(self, out: Node, op: Any, inputs: Any, settings: Any) -> None:
        """An op was applied to nodes."""
        places = here()
        phase = self._phase(out, in_loss(places))
        if phase is None:
            return
        layer, kind = self.layers.current()
        put_in = tuple(self._quantity(x) for x in inputs)
        result = self._new(out, "result", self._title(out, op, phase, layer), layer)
        self.made_by[out] = len(self.deeds)
        words = tuple((k, repr(v)[:200]) for k, v in settings.items())
        deed = Deed(
            "operation", phase, op.name, op.symbol, op.formula, put_in, result,
            layer, kind, words, places, None, self.updated if phase == "update" else "",
            definition=op, given=dict(settings) or None,
        )  # fmt: skip
        if phase == "update":
            self.step.plain[len(self.deeds)] = plain_numbers()
        self._write(deed, (out._data,))

    def passed(self, node: Any, g: Any, x: Node, share: Any) -> None:
        """A node sent a share of its gradient to one of its inputs."""
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
            self._write(deed, (g, *[None] * len(node.inputs)))
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
            if node.op is None and node in self.known:
                before = _kept(node._grad)
                after = _kept(g) if before is None else before + g
                self._gradient(node, before, after, "accumulate")
        self.state = AFTER_BACKWARD

    def gradient(self, node: Node) -> None:
        """Somebody set the gradient of a leaf: clipping, or a hand-written rule."""
        if node._grad is not None and node in self.known:
            self._gradient(node, None, _kept(node._grad), "set_grad")

    def assigned(self, node: Node, before: Any) -> None:
        """A leaf got a new value."""
        if self.state == BEFORE and node not in self.known:
            return  # set up before anything was computed
        quantity = self._quantity(node, before)
        layer = self._layer_of(node)
        deed = Deed(
            "assign", "update", self.inside_update or "assign", "←", "p ← new",
            (), quantity, layer, places=here(), parameter=self._name_of(node),
        )  # fmt: skip
        self._write(deed, (before, node._data))
        if not self.layers.depth:  # a layer renews its averages while it computes
            self.state = AFTER_UPDATE

    def updating(self, optimizer: Any, p: Any, state: Any, lr: float) -> Any:
        """Compute an optimizer's update on nodes, so that every line of it is seen.

        The numbers are the same to the last bit. A formula that will not take nodes is
        run as it is, and only its result is seen.
        """
        name = self._name_of(p)
        self.inside_update, self.updated = type(optimizer).__name__, name
        self.state = AFTER_BACKWARD
        memory = {
            k: self._leaf(p.kind, v, "memory", f"{name}.{k}") if _is_array(v) else v
            for k, v in state.items()
        }
        value = self._leaf(p.kind, p._data, "parameter", name, same_as=p)
        grad = self._leaf(p.kind, p._grad, "gradient", f"{name}.grad")
        before, stream = len(self.deeds), random.state()
        try:
            with no_grad():
                new, kept = optimizer.update(value, grad, memory, lr)
        except Exception:
            for k in range(before, len(self.deeds)):
                self.step.plain.pop(k, None)
            del self.deeds[before:], self.step.numbers[before:]
            random.set_state(stream)  # it draws its numbers once
            with listening(None):
                return optimizer.update(p.data, p.grad, state, lr)
        return _plain(new), {k: _plain(v) for k, v in kept.items()}

    # Writing it down ------------------------------------------------------------------

    def _write(self, deed: Deed, numbers: tuple[Any, ...]) -> None:
        self.deeds.append(deed)
        self.step.numbers.append(numbers)

    def _phase(self, out: Node, in_loss: bool) -> str | None:
        """Which band of the tape an operation belongs to; None: to none of them."""
        inside = self.layers.depth > 0
        if self.state == AFTER_UPDATE:
            if not out._requires_grad:  # a metric; or the next hand-written update
                return None if self.layers.seen else "update"
            self.finish()
        if self.state == AFTER_BACKWARD and not inside:
            return "update"
        if not mode.recording:
            return None
        return "loss" if in_loss or (self.layered and not inside) else "forward"

    def _quantity(self, node: Node, value: Any = None) -> int:
        """The number of a node's quantity; one that is new to the step is a leaf."""
        if node in self.known:
            return self.known[node]
        role, name = self._role(node)
        i = self._new(node, role, name, self._layer_of(node))
        self.step.leaves[i] = node._data if value is None else value
        return i

    def _new(self, node: Node, role: str, name: str, layer: str = "") -> int:
        i = len(self.quantities)
        data = node._data
        self.quantities.append(
            Quantity(
                i, role, name, node.kind.__name__, np.shape(data),
                str(getattr(data, "dtype", "float64")), layer,
            )
        )  # fmt: skip
        self.known[node] = i
        return i

    def _leaf(
        self, kind: Any, data: Any, role: str, name: str, same_as: Any = None
    ) -> Node:
        """A node that stands for plain data inside an optimizer's formula."""
        node: Node = link(kind, kind.freeze(kind.copied(data)), None, (), NO_SETTINGS)
        if same_as is not None:
            self.known[node] = self._quantity(same_as)
        else:
            self.step.leaves[self._new(node, role, name)] = node._data
        return node

    def _gradient(self, node: Node, before: Any, after: Any, op: str) -> None:
        layer = self._layer_of(node)
        deed = Deed(
            "gradient", "backward", op, "+=" if before is not None else "=",
            "grad + g" if before is not None else "g", (), self.known[node], layer,
        )  # fmt: skip
        self._write(deed, (before, after))

    def _title(self, out: Node, op: Any, phase: str, layer: str) -> str:
        """What to call a result: 0.matmul, loss.sub; the second one is 0.matmul 2."""
        home = {"loss": "loss", "update": self.updated}.get(phase, "") or layer
        title = out.name or (f"{home}.{op.name}" if home else op.name)
        self.titles[title] = count = self.titles.get(title, 0) + 1
        return title if count == 1 else f"{title} {count}"

    def _role(self, node: Node) -> tuple[str, str]:
        if node in self.names:
            return self.names[node]
        named = self.layers.names.get(node)
        if named is not None:
            return ("parameter" if node._requires_grad else "buffer"), named
        if node._requires_grad:
            return "parameter", node.name or f"p{len(self.known)}"
        known = node.name or ""
        return ("input" if known or np.size(node._data) > 1 else "constant"), known

    def _name_of(self, node: Node) -> str:
        return self.quantities[self._quantity(node)].name

    def _layer_of(self, node: Node) -> str:
        return self.layers.names.get(node, "").rpartition(".")[0]


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray)


def _plain(value: Any) -> Any:
    return _kept(value._data) if isinstance(value, Node) else value


def _kept(data: Any) -> Any:
    """A copy that nobody changes: the gradient of a leaf is the leaf's own array."""
    return np.array(data) if isinstance(data, np.ndarray) else data
