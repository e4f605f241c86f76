"""Words have no order and no size, so a network cannot compute with their numbers.

It learns a place in space for each instead: a table with one row per word. What is
looked up often is learned often, because a row gets the gradients of all its uses.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad.dtypes import int64
from seegrad.errors import DtypeError, IndexRangeError
from seegrad.nn.base import as_tensor
from seegrad.nn.init import normal
from seegrad.nn.module import Module
from seegrad.nn.parameter import Parameter
from seegrad.ops import detach, getitem, ne, unsqueeze, where
from seegrad.random import derive, key_from, whole_number


class Embedding(Module):
    """weight[x]: one row of ``embedding_dim`` numbers for each whole number in x.

    weight is (num_embeddings, embedding_dim) and begins normal, N(0, 1). The row
    ``padding_idx`` begins at 0 and never learns; -1 is the last row. Raises
    IndexRangeError beyond the table and DtypeError for floats (Bengio et al. 2003).

    >>> layer = Embedding(10, 3, padding_idx=0, seed=0)
    >>> layer([[1, 2, 0, 0]]).shape, layer(0).tolist()
    ((1, 4, 3), [0.0, 0.0, 0.0])
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        seed: int | None = None,
        dtype: Any = "float32",
    ) -> None:
        self.num_embeddings = self._size("num_embeddings", num_embeddings)
        self.embedding_dim = self._size("embedding_dim", embedding_dim)
        self.padding_idx = None if padding_idx is None else self._row(padding_idx)
        shape = self.num_embeddings, self.embedding_dim
        key = derive("weight", key_from(seed, where="Embedding"))
        weight = normal(shape, seed=key, dtype=dtype)
        if self.padding_idx is not None:
            weight[self.padding_idx] = 0.0
        self.weight = Parameter(weight)

    @staticmethod
    def _size(name: str, value: int) -> int:
        return whole_number(name, value, least=1, where="Embedding")

    def _row(self, padding_idx: int) -> int:
        """The row of the padding, counted from the front."""
        count = self.num_embeddings
        row = padding_idx + count if padding_idx in range(-count, 0) else padding_idx
        if whole_number("padding_idx", row, where="Embedding") >= count:
            raise IndexRangeError(
                f"padding_idx {padding_idx} is outside a table of {count} rows",
                where="Embedding",
                hint=f"a row from 0 to {count - 1}",
            )
        return row

    def forward(self, x: Any) -> Any:
        x = _positions(x)
        out = getitem(self.weight, x)
        if self.padding_idx is None:
            return out
        words = unsqueeze(ne(x, self.padding_idx), -1)
        return where(words, out, detach(out))

    def describe(self) -> str:
        padding = (
            "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        )
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"


def _positions(x: Any) -> Any:
    """The input as a tensor of whole numbers; an empty list counts as one."""
    if isinstance(x, list | tuple) and np.size(x) == 0:
        return as_tensor(np.zeros(np.shape(x), int64))
    x = as_tensor(x)
    if x.dtype.kind not in "iu":
        raise DtypeError(
            f"an embedding looks up whole numbers, and x is {x.dtype}",
            hint="x.to(sg.int64), if the numbers are whole",
        )
    return x


Embedding.sample((2, 3), 7, 4, seed=0)
Embedding.sample((), 5, 2, seed=2)
