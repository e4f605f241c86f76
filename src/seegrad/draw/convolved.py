"""One image before, in and behind a convolution, as plain numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from seegrad.draw.inputs import Floats, floats, place_in
from seegrad.errors import (
    ArgumentError,
    IndexRangeError,
    InputTypeError,
    ShapeError,
)
from seegrad.mode import no_grad
from seegrad.nn.conv import Conv2d
from seegrad.ops._convolution_settings import for_result

WHERE = "draw.convolution"
FINEST = 96


@dataclass(frozen=True, slots=True)
class Convolved:
    """The padded image (C, H, W), the filters (O, C, h, w), the maps (O, H', W')."""

    image: Floats
    filters: Floats
    maps: Floats
    bias: Floats
    stride: tuple[int, int]
    dilation: tuple[int, int]
    padding: tuple[tuple[int, int], tuple[int, int]]
    first: int  # the first of the channels that the chosen filter looks at

    @property
    def channels(self) -> Floats:
        """The channels that the chosen filter looks at."""
        return self.image[self.first : self.first + self.filters.shape[1]]

    def patch(self, at: tuple[int, int]) -> Floats:
        """What the window sees at a position of the map."""
        rows, columns = (
            np.arange(size) * d + place * s
            for size, d, place, s in zip(
                self.filters.shape[2:], self.dilation, at, self.stride, strict=True
            )
        )
        part: Floats = self.channels[:, rows][:, :, columns]
        return part


def convolved(layer: Any, image: Any, chosen: Any) -> Convolved:
    """What the layer makes of the image; ``chosen`` is the filter that is explained."""
    if not isinstance(layer, Conv2d):
        raise InputTypeError(
            f"a convolution is drawn of a Conv2d, not of {type(layer).__name__}",
            where=WHERE,
            hint="one layer of the model, model[0]",
        )
    pixels = floats("the image", image, WHERE, axes=(2, 3))
    pixels = pixels[None] if pixels.ndim == 2 else pixels
    if len(pixels) != layer.in_channels:
        raise ShapeError(
            f"the image has {len(pixels)} channels, shape {pixels.shape}, and the "
            f"layer needs {layer.in_channels}",
            where=WHERE,
            hint=f"one image of shape ({layer.in_channels}, height, width), x[0]",
        )
    if max(pixels.shape[1:]) > FINEST:
        raise ArgumentError(
            f"on an image of shape {pixels.shape} no window could be seen; up to "
            f"{FINEST} rows and columns are drawn",
            where=WHERE,
            hint="a part of the image, image[:, :64, :64]",
        )
    with no_grad():
        maps = np.asarray(layer(pixels.astype(layer.weight.dtype)).data, np.float64)
    filters = np.asarray(layer.weight.data, np.float64)
    if not (isinstance(chosen, int) and 0 <= chosen < len(filters)):
        raise IndexRangeError(
            f"there is no filter {chosen!r} among {len(filters)}",
            where=WHERE,
            hint=f"filter=0 to {len(filters) - 1}",
        )
    how = for_result(  # type: ignore[no-untyped-call]
        pixels[None], filters, layer.stride, layer.padding, layer.dilation, layer.groups
    )
    bias = np.zeros(len(filters)) if layer.bias is None else layer.bias.numpy()
    group = chosen // (len(filters) // layer.groups)
    return Convolved(
        np.pad(pixels, ((0, 0), *how["padding"])), filters, maps,
        np.asarray(bias, np.float64), how["stride"], how["dilation"], how["padding"],
        group * filters.shape[1],
    )  # fmt: skip


def position(at: Any, answer: Floats) -> tuple[int, int]:
    """The position on a map, or that of its largest number."""
    if at is None:
        i, j = divmod(int(np.abs(answer).argmax()), answer.shape[1])
        return i, j
    return place_in(answer.shape, at, "at", "feature map", WHERE)
