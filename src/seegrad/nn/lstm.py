"""Long short-term memory: a second state that is only ever added to and faded out.

Gates between 0 and 1 decide what is written, what is kept and what is shown, so that a
gradient can flow through hundreds of steps without dying out.
"""

from __future__ import annotations

from typing import Any

from seegrad.errors import InputTypeError
from seegrad.nn._recurrent import Recurrent, State
from seegrad.ops import sigmoid, tanh


class LSTM(Recurrent):
    """c' = f * c + i * g and h' = o * tanh(c'), with gates i, f, o and a proposal g.

    x is (time, batch, input_size), (batch, time, ...) with ``batch_first``, or (time,
    input_size). Gives all outputs and the last (h, c), each (layers * directions,
    batch, hidden_size) (Hochreiter and Schmidhuber 1997; Gers et al. 2000).

    >>> import numpy as np
    >>> out, (h, c) = LSTM(3, 4, bidirectional=True, seed=0)(np.zeros((5, 2, 3)))
    >>> out.shape, h.shape, c.shape
    ((5, 2, 8), (2, 2, 4), (2, 2, 4))
    """

    gates, memories = 4, 2

    def step(self, projected: Any, state: State, weight: Any, bias: Any) -> State:
        h, c = state
        gates, n = projected + h @ weight, self.hidden_size
        i, f = sigmoid(gates[:, :n]), sigmoid(gates[:, n : 2 * n])
        g, o = tanh(gates[:, 2 * n : 3 * n]), sigmoid(gates[:, 3 * n :])
        c = f * c + i * g
        return o * tanh(c), c

    def _given(self, state: Any) -> State:
        if not isinstance(state, tuple | list) or len(state) != 2:
            raise InputTypeError(
                f"the state of an LSTM is a pair (h, c), not {type(state).__name__}",
                hint="out, (h, c) = lstm(x); lstm(x, (h, c))",
            )
        return tuple(state)

    def _returned(self, last: list[Any]) -> Any:
        return tuple(last)


LSTM.sample((4, 3), 3, 2, seed=0)
LSTM.sample((2, 3, 3), 3, 2, 2, batch_first=True, bidirectional=True, seed=1)
