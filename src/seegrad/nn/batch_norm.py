"""A layer that keeps every channel at mean 0 and spread 1, whatever comes before it.

While training, the mean and the variance are those of the batch, and a running average
of them is kept. When predicting, that average is used, so that an example's result
does not depend on its neighbours.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from seegrad.dtypes import checked, is_float
from seegrad.errors import ArgumentError, DtypeError, ShapeError
from seegrad.mode import no_grad
from seegrad.nn._inputs import fitting, read_eps
from seegrad.nn.module import Module
from seegrad.nn.parameter import Parameter
from seegrad.ops import mean, reshape, sqrt
from seegrad.random import whole_number
from seegrad.tensor import Tensor


class BatchNorm(Module):
    """(x - mean) / sqrt(var + eps) * weight + bias, channel by channel.

    What `BatchNorm1d` and `BatchNorm2d` share. running_mean and running_var move by
    ``momentum`` towards those of each batch, or with ``momentum=None`` are the mean of
    all batches (Ioffe and Szegedy 2015). Raises ShapeError for an x that does not fit.
    """

    form: ClassVar[str]
    axes: ClassVar[tuple[int, ...]]  # how many axes x may have

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        dtype: Any = "float32",
    ) -> None:
        layer = type(self).__name__
        size = whole_number("num_features", num_features, least=1, where=layer)
        self.num_features, self.affine = size, affine
        self.eps = read_eps(eps, layer)
        self.momentum = momentum if momentum is None else self._share(momentum)
        self.track_running_stats = track_running_stats
        self.weight = Parameter(np.ones(size), dtype=dtype) if affine else None
        self.bias = Parameter(np.zeros(size), dtype=dtype) if affine else None
        self.running_mean: Any = None
        self.running_var: Any = None
        self.num_batches_tracked: Any = None
        if track_running_stats:
            self.running_mean = Tensor(np.zeros(size), dtype=self._float(dtype))
            self.running_var = Tensor(np.ones(size), dtype=dtype)
            self.num_batches_tracked = Tensor(0)

    def _float(self, dtype: Any) -> Any:
        if not is_float(checked(dtype)):
            raise DtypeError(
                f"a running mean is made of floating-point numbers, not {dtype}",
                where=type(self).__name__,
                hint='dtype="float32"',
            )
        return dtype

    def _share(self, momentum: Any) -> float:
        if not (type(momentum) in (int, float) and 0 <= momentum <= 1):
            raise ArgumentError(
                f"momentum is the share of the newest batch, from 0 to 1, not "
                f"{momentum!r}",
                where=type(self).__name__,
                hint="momentum=0.1, or None for the mean of all batches",
            )
        return float(momentum)

    def forward(self, x: Any) -> Any:
        x = fitting(x, self.weight, type(self).__name__)
        if x.ndim not in self.axes or x.shape[1] != self.num_features:
            raise self._misfit(x.shape)
        alone = (1, self.num_features) + (1,) * (x.ndim - 2)
        if self.training or not self.track_running_stats:
            out = self._by_batch(x)
        else:
            spread = sqrt(reshape(self.running_var, alone) + self.eps)
            out = (x - reshape(self.running_mean, alone)) / spread
        if self.weight is None or self.bias is None:
            return out
        return out * reshape(self.weight, alone) + reshape(self.bias, alone)

    def _by_batch(self, x: Any) -> Any:
        """x with mean 0 and spread 1 in each channel; the averages move towards it."""
        across = (0, *range(2, x.ndim))
        count = x.size // self.num_features
        if count < 2:
            raise ShapeError(
                f"a batch needs more than one number in each channel to have a spread, "
                f"and shape {x.shape} has {count}",
                hint="a larger batch, or eval() before predicting",
            )
        center = mean(x, across, True)
        centered = x - center
        variance = mean(centered * centered, across, True)
        if self.training and self.track_running_stats:
            with no_grad():
                self._track(center, variance * (count / (count - 1)))
        return centered / sqrt(variance + self.eps)

    def _track(self, center: Any, variance: Any) -> None:
        """The averages, moved by their share towards the newest batch."""
        shape = (self.num_features,)
        self.num_batches_tracked.assign(self.num_batches_tracked + 1)
        share: Any = self.momentum
        if share is None:
            share = 1.0 / self.num_batches_tracked.to(center.dtype)
        for average, new in (
            (self.running_mean, reshape(center, shape)),
            (self.running_var, reshape(variance, shape)),
        ):
            average.assign((1.0 - share) * average + share * new)

    def _misfit(self, shape: tuple[int, ...]) -> ShapeError:
        layer = type(self).__name__
        if len(shape) not in self.axes:
            return ShapeError(
                f"x has {len(shape)} axes, shape {shape}, where "
                f"{self.form.format(self.num_features)} was expected",
                hint="another BatchNorm, or check that x has an axis for the batch",
            )
        return ShapeError(
            f"x has {shape[1]} channels, shape {shape}, where "
            f"{self.form.format(self.num_features)} was expected",
            hint=f"{layer}({shape[1]}), or check the order of the axes of x",
        )

    def describe(self) -> str:
        told = [str(self.num_features)]
        for name, usual in (
            ("eps", 1e-5),
            ("momentum", 0.1),
            ("affine", True),
            ("track_running_stats", True),
        ):
            if getattr(self, name) != usual:
                told.append(f"{name}={getattr(self, name)}")
        return ", ".join(told)


class BatchNorm1d(BatchNorm):
    """Mean 0 and spread 1 for every feature of (N, C) or channel of (N, C, length).

    Afterwards times weight plus bias, both (C,); see `BatchNorm2d`. Raises ShapeError
    for an x that does not fit, or for a single number in a channel while training.

    >>> BatchNorm1d(1, eps=0.0)([[1.0], [3.0]]).tolist()
    [[-1.0], [1.0]]
    """

    form = "(batch, {0}) or (batch, {0}, length)"
    axes = (2, 3)


class BatchNorm2d(BatchNorm):
    """Mean 0 and spread 1 for every channel of images (N, C, H, W).

    Afterwards times weight plus bias, both (C,). The running averages are buffers with
    PyTorch's names (Ioffe and Szegedy 2015). Raises ShapeError for an x that does not
    fit, or for a single number in a channel while training.

    >>> BatchNorm2d(1, eps=0.0)([[[[1.0, 3.0]]]]).tolist()
    [[[[-1.0, 1.0]]]]
    """

    form = "(batch, {0}, height, width)"
    axes = (4,)


BatchNorm1d.sample((4, 3), 3)
BatchNorm1d.sample((2, 3, 4), 3, affine=False)
BatchNorm1d.sample((0, 2), 2)
BatchNorm2d.sample((2, 3, 4, 2), 3)
BatchNorm2d.sample((2, 1, 2, 2), 1, eps=1e-3, momentum=None)
