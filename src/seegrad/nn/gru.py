"""The gated recurrent unit: one state, and two gates that decide how it changes.

The update gate z mixes the old state with a new proposal; the reset gate r says how
much of the old state the proposal may see. It often does what an LSTM does, with less.
"""

from __future__ import annotations

from typing import Any

from seegrad.nn._recurrent import Recurrent, State
from seegrad.ops import sigmoid, tanh


class GRU(Recurrent):
    """h' = (1 - z) * n + z * h, with n = tanh(W_in x + b_in + r * (W_hn h + b_hn)).

    x is (time, batch, input_size), (batch, time, ...) with ``batch_first``, or (time,
    input_size). Gives all outputs and the last h, (layers * directions, batch,
    hidden_size) (Cho et al. 2014).

    >>> import numpy as np
    >>> out, h = GRU(3, 4, batch_first=True, seed=0)(np.zeros((2, 5, 3)))
    >>> out.shape, h.shape
    ((2, 5, 4), (1, 2, 4))
    """

    gates = 3

    def input_bias(self, bias_ih: Any, bias_hh: Any) -> tuple[Any, Any]:
        return bias_ih, bias_hh  # r multiplies its last third, so it has to wait

    def step(self, projected: Any, state: State, weight: Any, bias: Any) -> State:
        (h,), n = state, self.hidden_size
        recalled = h @ weight
        if bias is not None:
            recalled = recalled + bias
        both = sigmoid(projected[:, : 2 * n] + recalled[:, : 2 * n])
        r, z = both[:, :n], both[:, n:]
        proposal = tanh(projected[:, 2 * n :] + r * recalled[:, 2 * n :])
        return (proposal + z * (h - proposal),)


GRU.sample((4, 3), 3, 2, seed=0)
GRU.sample((2, 3, 3), 3, 2, bias=False, batch_first=True, seed=1)
