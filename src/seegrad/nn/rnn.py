"""The simplest memory: the state is a bend of the input and of the state before it.

It forgets quickly, because every step multiplies what it remembers by the same matrix;
`LSTM` and `GRU` were invented for that reason.
"""

from __future__ import annotations

from typing import Any

from seegrad.errors import unknown_name
from seegrad.nn._recurrent import Recurrent, State
from seegrad.ops import relu, tanh

BENDS = {"tanh": tanh, "relu": relu}


class RNN(Recurrent):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh) at each step (Elman 1990).

    x is (time, batch, input_size), (batch, time, ...) with ``batch_first``, or (time,
    input_size). Gives all outputs and the last h, (layers * directions, batch, hidden).

    >>> import numpy as np
    >>> out, h = RNN(3, 4, num_layers=2, seed=0)(np.zeros((5, 2, 3)))
    >>> out.shape, h.shape
    ((5, 2, 4), (2, 2, 4))
    """

    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        seed: int | None = None,
        dtype: Any = "float32",
    ) -> None:
        if nonlinearity not in BENDS:
            raise unknown_name("nonlinearity", nonlinearity, BENDS)
        self.nonlinearity = nonlinearity
        settings = input_size, hidden_size, num_layers, bias, batch_first, dropout
        super().__init__(*settings, bidirectional, seed=seed, dtype=dtype)

    def step(self, projected: Any, state: State, weight: Any, bias: Any) -> State:
        return (BENDS[self.nonlinearity](projected + state[0] @ weight),)

    def describe(self) -> str:
        words = super().describe()
        return words if self.nonlinearity == "tanh" else f"{words}, nonlinearity='relu'"


RNN.sample((4, 3), 3, 2, seed=0)
RNN.sample((3, 2, 3), 3, 2, 2, "relu", batch_first=True, seed=1)
