"""How the weights of a network begin: random, but of the right size.

Too large, and signals explode from layer to layer; too small, and they die out. The
right size follows from how many numbers are added up (the fan) and from what the
activation does to them (the gain). Every function takes a shape and gives an array.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from seegrad import random
from seegrad.dtypes import checked
from seegrad.errors import ArgumentError, ShapeError, unknown_name

Array = np.ndarray[Any, Any]

GAINS: dict[str, float] = {
    "linear": 1.0,
    "relu": math.sqrt(2.0),
    "selu": 3.0 / 4.0,
    "sigmoid": 1.0,
    "tanh": 5.0 / 3.0,
}


def calculate_gain(nonlinearity: str, a: float = 0.01) -> float:
    """How much larger weights must be to make up for what the activation takes away.

    ``a`` is the slope of "leaky_relu": sqrt(2 / (1 + a^2)).

    >>> calculate_gain("tanh")
    1.6666666666666667
    """
    if nonlinearity == "leaky_relu":
        return math.sqrt(2.0 / (1.0 + a * a))
    if nonlinearity not in GAINS:
        raise unknown_name("nonlinearity", nonlinearity, [*GAINS, "leaky_relu"])
    return GAINS[nonlinearity]


def fans(shape: Any) -> tuple[int, int]:
    """How many numbers flow into and out of each unit of a weight (out, in, ...).

    >>> fans((16, 3))
    (3, 16)
    """
    sizes = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
    if len(sizes) < 2:
        raise ShapeError(
            f"a fan needs a weight of two axes or more, (out, in, ...), not {sizes}",
            hint="init.uniform, init.normal or init.zeros for a bias",
        )
    receptive = math.prod(sizes[2:])
    return sizes[1] * receptive, sizes[0] * receptive


def uniform(
    shape: Any,
    low: float = 0.0,
    high: float = 1.0,
    *,
    seed: int | None = None,
    dtype: Any = "float32",
) -> Array:
    """Numbers spread evenly over low <= out < high.

    >>> uniform((2, 3), -1.0, 1.0, seed=0).shape
    (2, 3)
    """
    out: Array = random.uniform(
        random.key_from(seed, where="uniform"), shape, checked(dtype)
    )
    out *= out.dtype.type(high - low)
    out += out.dtype.type(low)
    return out


def normal(
    shape: Any,
    mean: float = 0.0,
    std: float = 1.0,
    *,
    seed: int | None = None,
    dtype: Any = "float32",
) -> Array:
    """Numbers from the bell curve of this mean and standard deviation.

    >>> normal(3, std=0.1, seed=0).dtype
    dtype('float32')
    """
    out: Array = random.normal(
        random.key_from(seed, where="normal"), shape, checked(dtype)
    )
    out *= out.dtype.type(std)
    out += out.dtype.type(mean)
    return out


def kaiming_uniform(
    shape: Any,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    seed: int | None = None,
    dtype: Any = "float32",
) -> Array:
    """Evenly spread over -+gain * sqrt(3 / fan), for rectifiers (He et al. 2015).

    >>> bool(abs(kaiming_uniform((4, 3), seed=0)).max() <= 2**0.5)
    True
    """
    bound = math.sqrt(3.0) * _kaiming_std(shape, a, mode, nonlinearity)
    return uniform(shape, -bound, bound, seed=seed, dtype=dtype)


def kaiming_normal(
    shape: Any,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    seed: int | None = None,
    dtype: Any = "float32",
) -> Array:
    """Bell curve of standard deviation gain / sqrt(fan) (He et al. 2015).

    >>> kaiming_normal((4, 3), seed=0).shape
    (4, 3)
    """
    std = _kaiming_std(shape, a, mode, nonlinearity)
    return normal(shape, 0.0, std, seed=seed, dtype=dtype)


def xavier_uniform(
    shape: Any, gain: float = 1.0, *, seed: int | None = None, dtype: Any = "float32"
) -> Array:
    """Evenly spread over -+gain * sqrt(6 / (fan_in + fan_out)) (Glorot, Bengio 2010).

    >>> bool(abs(xavier_uniform((3, 3), seed=0)).max() <= 1.0)
    True
    """
    bound = math.sqrt(3.0) * _xavier_std(shape, gain)
    return uniform(shape, -bound, bound, seed=seed, dtype=dtype)


def xavier_normal(
    shape: Any, gain: float = 1.0, *, seed: int | None = None, dtype: Any = "float32"
) -> Array:
    """Bell curve of std gain * sqrt(2 / (fan_in + fan_out)) (Glorot, Bengio 2010).

    >>> xavier_normal((4, 3), seed=0).shape
    (4, 3)
    """
    return normal(shape, 0.0, _xavier_std(shape, gain), seed=seed, dtype=dtype)


def constant(shape: Any, value: float, *, dtype: Any = "float32") -> Array:
    """One number, repeated.

    >>> constant(2, 0.5)
    array([0.5, 0.5], dtype=float32)
    """
    return np.full(shape, value, checked(dtype))


def zeros(shape: Any, *, dtype: Any = "float32") -> Array:
    """Zeros: right for biases, wrong for weights, whose neurons would stay all alike.

    >>> zeros(2)
    array([0., 0.], dtype=float32)
    """
    return constant(shape, 0.0, dtype=dtype)


def ones(shape: Any, *, dtype: Any = "float32") -> Array:
    """Ones, for scales.

    >>> ones(2)
    array([1., 1.], dtype=float32)
    """
    return constant(shape, 1.0, dtype=dtype)


def _kaiming_std(shape: Any, a: float, mode: str, nonlinearity: str) -> float:
    modes = dict(zip(("fan_in", "fan_out"), fans(shape), strict=True))
    if mode not in modes:
        raise unknown_name("mode", mode, modes)
    return calculate_gain(nonlinearity, a) / math.sqrt(_some(modes[mode], shape))


def _xavier_std(shape: Any, gain: float) -> float:
    return gain * math.sqrt(2.0 / _some(sum(fans(shape)), shape))


def _some(fan: int, shape: Any) -> int:
    if fan < 1:
        raise ArgumentError(f"a weight of shape {shape} has no numbers to add up")
    return fan
