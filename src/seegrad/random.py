"""Random numbers that are pure functions of a key.

A key is a whole number. Ask with the same key and you get the same numbers, on every
machine, whatever was drawn before, so a run can be repeated, resumed or spread over
workers without a change. New keys come from `derive`, which mixes names and numbers, or
from the one global stream that `manual_seed` starts.

On the way from a key to a number there are only whole numbers and ``+ - * / sqrt``,
which IEEE 754 rounds alike everywhere. It says nothing of ``log`` and ``cos``, which is
why the normal distribution brings its own, in `box_muller`.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from seegrad.box_muller import box_muller
from seegrad.errors import (
    ArgumentError,
    DtypeError,
    InputTypeError,
    ShapeError,
    StateError,
)
from seegrad.philox import philox_words

Array = NDArray[Any]


# ---- keys


def whole_number(name: str, value: object, *, least: int = 0, where: str = "") -> int:
    """`value` as an int of at least `least`, or the error that says what it was.

    >>> whole_number("n", np.int64(3), least=2)
    3
    """
    if type(value) is int and value >= least:  # as nearly always
        return value
    hint = f"{name}={least}, or more"
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        kind = type(value).__name__
        what = f"{name} must be a whole number, not {value!r} ({kind})"
        raise InputTypeError(what, where=where, hint=hint)
    try:
        number = operator.index(value)
    except TypeError as error:  # an array of several numbers has __index__ too
        what = f"{name} must be one whole number, not {value!r}"
        raise InputTypeError(what, where=where, hint=hint) from error
    if number < least:
        what = f"{name} must be {least} or more, not {number}"
        raise ArgumentError(what, where=where, hint=hint)
    return number


def derive(*parts: int | str) -> int:
    """A new key from names and numbers: a stable hash of them, below 2**63.

    Order and kind matter: ``derive(1, 2)``, ``derive(2, 1)`` and ``derive("1", 2)`` are
    three unrelated keys. It fits an int64, so a key may travel in an array.

    >>> derive("dropout", 0) == derive("dropout", 0), derive("dropout", 1) < 2**63
    (True, True)
    """
    return _hashed(parts, size=8) >> 1


def key_from(seed: int | None, *, where: str = "") -> int:
    """The key a person meant by `seed`: itself, or with None the next global one.

    >>> key_from(7)
    7
    """
    if seed is None:
        return next_key()
    return whole_number("seed", seed, where=where)


def _hashed(parts: tuple[int | str, ...], size: int) -> int:
    """BLAKE2b of the parts, each with its kind and length so that none run together."""
    from hashlib import blake2b  # here, because it loads all of OpenSSL

    data = b"".join(map(_labelled, parts))
    return int.from_bytes(blake2b(data, digest_size=size).digest(), "little")


def _labelled(part: int | str) -> bytes:
    if isinstance(part, str):
        data = part.encode()
        return b"text %d %b" % (len(data), data)
    data = b"%d" % whole_number("part", part, where="derive")
    return b"number %d %b" % (len(data), data)


# ---- the global stream: a seed and a count of the keys handed out


class _Stream:
    """A seed, and how many keys were taken from it. Threads may share it."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.seed, self.counter = 0, 0


_stream = _Stream()


def manual_seed(seed: int) -> None:
    """Start the global stream again from `seed`; a fresh process starts from 0.

    >>> manual_seed(1)
    >>> first = next_key()
    >>> manual_seed(1)
    >>> first == next_key()
    True
    """
    seed = whole_number("seed", seed, where="manual_seed")
    with _stream.lock:
        _stream.seed, _stream.counter = seed, 0


def next_key() -> int:
    """The next key of the global stream; no two calls get the same one."""
    with _stream.lock:
        seed, counter = _stream.seed, _stream.counter
        _stream.counter += 1
    return derive("global stream", seed, counter)


def state() -> dict[str, int]:
    """Where the global stream stands, as plain data for a checkpoint.

    >>> manual_seed(3)
    >>> state()
    {'seed': 3, 'counter': 0}
    """
    with _stream.lock:
        return {"seed": _stream.seed, "counter": _stream.counter}


def set_state(saved: object) -> None:
    """Put the global stream back to where `state` found it."""
    if not isinstance(saved, Mapping) or set(saved) != {"seed", "counter"}:
        raise StateError(
            f"a saved stream has a 'seed' and a 'counter', this is {saved!r}",
            where="set_state",
            hint="the dictionary that state() returned",
        )
    seed = whole_number("seed", saved["seed"], where="set_state")
    counter = whole_number("counter", saved["counter"], where="set_state")
    with _stream.lock:
        _stream.seed, _stream.counter = seed, counter


# ---- numbers: element i depends on the key and on i, never on the shape


def seeded(*parts: int | str) -> np.random.Generator:
    """A NumPy generator for the distributions that are not here.

    NumPy may change its own methods between versions; `uniform`, `normal` and
    `permutation` stay.

    >>> seeded("example", 0).integers(10, size=3).shape
    (3,)
    """
    return np.random.Generator(np.random.Philox(key=_hashed(parts, size=16)))


def uniform(
    key: int, shape: int | tuple[int, ...], dtype: DTypeLike = np.float32
) -> Array:
    """Numbers spread evenly over 0 <= out < 1: the first 24 (or 53) bits of a word.

    >>> bool((uniform(0, (3,)) == uniform(0, (5,))[:3]).all())
    True
    """
    kind, shape = _float(dtype, "uniform"), _shape(shape, "uniform")
    bits = 24 if kind == np.float32 else 53
    words = _words("uniform", key, math.prod(shape))
    out: Array = (words >> np.uint64(64 - bits)).astype(kind)
    out *= kind.type(2.0**-bits)
    return out.reshape(shape)


def normal(
    key: int, shape: int | tuple[int, ...], dtype: DTypeLike = np.float32
) -> Array:
    """Numbers of mean 0 and standard deviation 1: sqrt(-2 log u) cos(2 pi v).

    u and v are uniform, two for each number (Box and Muller, 1958).

    >>> normal(0, (2, 3)).shape
    (2, 3)
    """
    kind, shape = _float(dtype, "normal"), _shape(shape, "normal")
    words = _words("normal", key, 2 * math.prod(shape))
    # The half keeps u off 0, where the logarithm has no value.
    u = ((words[0::2] >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
    v = (words[1::2] >> np.uint64(11)).astype(np.float64) * 2.0**-53
    out: Array = box_muller(np, u, v)
    return out.astype(kind).reshape(shape)


def permutation(key: int, n: int) -> NDArray[np.int64]:
    """The numbers 0 to n - 1 in random order, int64: the order that sorts n words.

    >>> sorted(permutation(0, 4).tolist())
    [0, 1, 2, 3]
    """
    count = whole_number("n", n, where="permutation")
    words = _words("permutation", key, count)
    return np.argsort(words, kind="stable").astype(np.int64)


def word_key(purpose: str, key: int) -> int:
    """The 128 bits that key the words behind the numbers of `key`, for one purpose.

    >>> word_key("uniform", 0) == word_key("normal", 0)
    False
    """
    return _hashed((purpose, whole_number("key", key, where=purpose)), size=16)


def _words(purpose: str, key: int, count: int) -> NDArray[np.uint64]:
    """The first `count` 64-bit words of the stream of a key, one stream a purpose."""
    return philox_words(word_key(purpose, key), count)


def _float(dtype: DTypeLike, where: str) -> np.dtype[Any]:
    """float32 or float64, the two that random numbers come in."""
    try:
        kind = np.dtype(dtype)
    except TypeError:
        kind = None
    if kind is None or kind not in (np.float32, np.float64):
        raise DtypeError(
            f"random numbers are float32 or float64, not {kind or repr(dtype)}",
            where=where,
            hint="dtype='float32', and a cast of the result where it is needed",
        )
    return kind


def _shape(shape: object, where: str) -> tuple[int, ...]:
    """The shape as a tuple of whole numbers."""
    sizes = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
    try:
        return tuple(whole_number("size", size, where=where) for size in sizes)
    except ArgumentError as error:
        raise ShapeError(
            f"a shape has sizes of 0 or more, not {shape!r}",
            where=where,
            hint="a tuple such as (3, 2)",
        ) from error
