"""To read a sequence a network needs a memory: a state that goes along, step by step.

Everything that `RNN`, `LSTM` and `GRU` share is here: their weights, layers on top of
each other, both directions of reading, and the one loop there is, over time. What does
not depend on the state is done before it: one matrix product projects all steps of the
input at once.
"""

from __future__ import annotations

from typing import Any, ClassVar

from seegrad.creation import zeros
from seegrad.errors import ShapeError
from seegrad.nn._inputs import fitting
from seegrad.nn.base import as_tensor
from seegrad.nn.dropout import dropped, probability
from seegrad.nn.init import uniform
from seegrad.nn.module import Module
from seegrad.nn.parameter import Parameter
from seegrad.ops import concatenate, permute, reshape, stack, unsqueeze
from seegrad.random import derive, key_from, whole_number

State = tuple[Any, ...]  # the tensors that go along: (h,), or (h, c) in an LSTM


class Recurrent(Module):
    """The base of the recurrent layers: subclass it, and write `step`.

    ``gates`` is how many times ``hidden_size`` numbers a step computes, ``memories``
    how many tensors its state has.
    """

    gates: ClassVar[int]
    memories: ClassVar[int] = 1
    weight_ih_l0: Parameter  # the first of many, which `_begin` makes

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        seed: int | None = None,
        dtype: Any = "float32",
    ) -> None:
        name = type(self).__name__
        self.input_size = whole_number("input_size", input_size, least=1, where=name)
        self.hidden_size = whole_number("hidden_size", hidden_size, least=1, where=name)
        self.num_layers = whole_number("num_layers", num_layers, least=1, where=name)
        self.bias, self.batch_first = bool(bias), bool(batch_first)
        self.dropout = probability(dropout, name)
        self.bidirectional = bool(bidirectional)
        self.directions = ("", "_reverse") if self.bidirectional else ("",)
        self._begin(key_from(seed, where=name), dtype)

    def _begin(self, key: int, dtype: Any) -> None:
        """Every weight evenly spread over -+1/sqrt(hidden_size), as in PyTorch."""
        rows, bound = self.gates * self.hidden_size, self.hidden_size**-0.5
        for layer in range(self.num_layers):
            below = self.hidden_size * len(self.directions)
            columns = below if layer else self.input_size
            shapes: dict[str, tuple[int, ...]] = {
                "weight_ih": (rows, columns),
                "weight_hh": (rows, self.hidden_size),
            }
            if self.bias:
                shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
            for direction in self.directions:
                for kind, shape in shapes.items():
                    name = f"{kind}_l{layer}{direction}"
                    seed = derive(name, key)
                    start = uniform(shape, -bound, bound, seed=seed, dtype=dtype)
                    setattr(self, name, Parameter(start))

    def step(self, projected: Any, state: State, weight: Any, bias: Any) -> State:
        """One step of time: the state after it, its output first.

        ``projected`` is the input's part, (batch, gates * hidden_size), ``weight`` is
        (hidden_size, gates * hidden_size); ``bias`` is that of the state, or None where
        `input_bias` has already added it.
        """
        raise NotImplementedError(f"{type(self).__name__} has no step()")

    def input_bias(self, bias_ih: Any, bias_hh: Any) -> tuple[Any, Any]:
        """What is added for all steps at once, and what is left for each step."""
        return bias_ih + bias_hh, None

    def forward(self, x: Any, state: Any = None) -> Any:
        x = self._fitting(x)
        batched = x.ndim == 3
        if not batched:
            x = unsqueeze(x, 1)
        elif self.batch_first:
            x = permute(x, (1, 0, 2))
        out, last = self._layers(x, self._starts(state, x.shape[1], batched))
        if not batched:
            out = reshape(out, (out.shape[0], out.shape[2]))
            last = [reshape(part, (part.shape[0], part.shape[2])) for part in last]
        elif self.batch_first:
            out = permute(out, (1, 0, 2))
        return out, self._returned(last)

    def _layers(self, x: Any, starts: list[State]) -> tuple[Any, list[Any]]:
        """All layers: (time, batch, features) to the same, and the last states."""
        lasts: list[State] = []
        for layer in range(self.num_layers):
            if layer and self.training:
                x = dropped(x, self.dropout)
            outs = []
            for direction in self.directions:
                start, name = starts[len(lasts)], f"l{layer}{direction}"
                out, last = self._through_time(x, start, name, bool(direction))
                outs.append(out)
                lasts.append(last)
            x = concatenate(outs, -1) if len(outs) > 1 else outs[0]
        return x, [stack(parts) for parts in zip(*lasts, strict=True)]

    def _through_time(
        self, x: Any, state: State, name: str, backwards: bool
    ) -> tuple[Any, State]:
        """One layer in one direction: the output of every step, and the last state."""
        weight, bias = getattr(self, f"weight_hh_{name}").T, None
        projected = x @ getattr(self, f"weight_ih_{name}").T
        if self.bias:
            both = getattr(self, f"bias_ih_{name}"), getattr(self, f"bias_hh_{name}")
            early, bias = self.input_bias(*both)
            projected = projected + early
        steps, outs = _steps(projected), []
        for step in reversed(steps) if backwards else steps:
            state = self.step(step, state, weight, bias)
            outs.append(state[0])
        return stack(outs[::-1] if backwards else outs), state

    def _fitting(self, x: Any) -> Any:
        """The input as a tensor, or an error that says what would fit."""
        x = fitting(x, self.weight_ih_l0, type(self).__name__)
        order = "(batch, time, " if self.batch_first else "(time, batch, "
        hint = f"{order}{self.input_size}), or (time, {self.input_size}) for one"
        if x.ndim not in (2, 3) or x.shape[-1] != self.input_size:
            raise ShapeError(
                f"a sequence of {self.input_size} numbers at a time was expected, and "
                f"x has shape {x.shape}",
                hint=hint,
            )
        if not x.shape[1 if self.batch_first and x.ndim == 3 else 0]:
            raise ShapeError(f"there are no steps of time in {x.shape}", hint=hint)
        return x

    def _starts(self, state: Any, batch: int, batched: bool) -> list[State]:
        """The first state of each layer and direction, zeros unless given."""
        count = self.num_layers * len(self.directions)
        if state is None:
            start = zeros((batch, self.hidden_size), dtype=self.weight_ih_l0.dtype)
            return [(start,) * self.memories] * count
        parts = [
            as_tensor(part, self.weight_ih_l0.dtype) for part in self._given(state)
        ]
        wanted: tuple[int, ...] = (count, batch, self.hidden_size)
        if not batched:
            wanted = (count, self.hidden_size)
        for part in parts:
            if part.shape != wanted:
                raise ShapeError(
                    f"a first state has shape {part.shape} where {wanted} was expected",
                    hint="(layers * directions, batch, hidden_size), without batch for "
                    "a single sequence",
                )
        if not batched:
            parts = [unsqueeze(part, 1) for part in parts]
        return [tuple(part[i] for part in parts) for i in range(count)]

    def _given(self, state: Any) -> State:
        """The tensors of a state as the caller writes it."""
        return (state,)

    def _returned(self, last: list[Any]) -> Any:
        """The last state as the caller reads it."""
        return last[0]

    def describe(self) -> str:
        words = [f"{self.input_size} -> {self.hidden_size}"]
        if self.num_layers > 1:
            words.append(f"num_layers={self.num_layers}")
        words += ["bias=False"] if not self.bias else []
        words += [f"dropout={self.dropout}"] if self.dropout else []
        words += [
            f"{n}=True" for n in ("batch_first", "bidirectional") if vars(self)[n]
        ]
        return ", ".join(words)


def _steps(x: Any) -> list[Any]:
    """The parts of x along its first axis, each without it.

    It is halved again and again: the gradient of a part is as large as what it was cut
    from, and n parts cut from the whole would cost n times the whole.
    """
    count: int = x.shape[0]
    if count == 1:
        return [reshape(x, x.shape[1:])]
    return _steps(x[: count // 2]) + _steps(x[count // 2 :])
