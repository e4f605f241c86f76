"""Layers that make images smaller: what was seen counts more than where exactly.

Each window of the image becomes one number, the largest or the mean. There is nothing
to learn in them.
"""

from __future__ import annotations

from typing import Any

from seegrad.nn.base import as_tensor
from seegrad.nn.module import Module
from seegrad.ops import avg_pool2d, max_pool2d
from seegrad.ops.windows import pair


class MaxPool2d(Module):
    """The largest number in each window of the last two axes, as `ops.max_pool2d`.

    Windows stand side by side unless ``stride`` says otherwise; of equal largest
    numbers the first gets the gradient. Raises ShapeError where no window fits.

    >>> MaxPool2d(2)([[[1.0, 5.0], [3.0, 4.0]]]).tolist()
    [[[5.0]]]
    """

    def __init__(
        self, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1
    ) -> None:
        self.kernel_size, self.stride, self.padding = _read(
            "MaxPool2d", kernel_size, stride, padding
        )
        self.dilation = pair("dilation", dilation, where="MaxPool2d")

    def forward(self, x: Any) -> Any:
        return max_pool2d(
            as_tensor(x), self.kernel_size, self.stride, self.padding, self.dilation
        )

    def describe(self) -> str:
        return _described(self, dilation=(1, 1))


class AvgPool2d(Module):
    """The mean of each window of the last two axes, as `ops.avg_pool2d`.

    The zeros of the padding count unless ``count_include_pad`` is False. Raises
    ShapeError where no window fits.

    >>> AvgPool2d(2)([[[1.0, 5.0], [3.0, 3.0]]]).tolist()
    [[[3.0]]]
    """

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        *,
        count_include_pad: bool = True,
    ) -> None:
        self.kernel_size, self.stride, self.padding = _read(
            "AvgPool2d", kernel_size, stride, padding
        )
        self.count_include_pad = count_include_pad

    def forward(self, x: Any) -> Any:
        return avg_pool2d(
            as_tensor(x),
            self.kernel_size,
            self.stride,
            self.padding,
            count_include_pad=self.count_include_pad,
        )

    def describe(self) -> str:
        return _described(self, count_include_pad=True)


def _read(
    layer: str, kernel_size: Any, stride: Any, padding: Any
) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    """The three settings as pairs; without a stride it is the size of the window."""
    size = pair("kernel_size", kernel_size, where=layer)
    step = size if stride is None else pair("stride", stride, where=layer)
    return size, step, pair("padding", padding, least=0, where=layer)


def _described(layer: MaxPool2d | AvgPool2d, **more: Any) -> str:
    """The size of the window, and what is not as usual."""
    usual = {"stride": layer.kernel_size, "padding": (0, 0), **more}
    told = [f"kernel_size={layer.kernel_size}"]
    told += [
        f"{name}={getattr(layer, name)}"
        for name, value in usual.items()
        if getattr(layer, name) != value
    ]
    return ", ".join(told)


MaxPool2d.sample((2, 1, 4, 5), 2)
MaxPool2d.sample((1, 2, 5, 5), 3, stride=2, padding=1)
MaxPool2d.sample((2, 1, 5, 4), (2, 1), stride=1, dilation=2)
MaxPool2d.sample((0, 1, 3, 3), 2)
AvgPool2d.sample((2, 1, 4, 5), 2)
AvgPool2d.sample((1, 2, 5, 5), 3, stride=2, padding=1)
AvgPool2d.sample((1, 2, 4, 4), 3, stride=2, padding=1, count_include_pad=False)
AvgPool2d.sample((0, 1, 3, 3), 2)
