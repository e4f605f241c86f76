"""A convolution: the window that slides, the filter that it is compared with, the map.

At one position everything is written out: the patch under the window times the filter,
added up, is one number of the feature map. Below stand the other filters of the layer
and what they found in the same image.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seegrad.draw.convolved import Convolved, convolved, position
from seegrad.draw.heading import panel_name, sheet
from seegrad.draw.heat_map import heat_map, scale_of
from seegrad.draw.inputs import Floats
from seegrad.draw.lettering import wrap
from seegrad.draw.numbers import bracketed, short
from seegrad.draw.picture import Picture
from seegrad.draw.scene import DOTTED, Line, Mark, Rectangle, Text
from seegrad.draw.units import tiny
from seegrad.nn.conv import Conv2d

TOP, LARGE, SMALL, MOST_CHANNELS, MOST_FILTERS = 84.0, 196.0, 76.0, 3, 8
SEVERAL, BETWEEN = 130.0, 26.0  # the side of one of several channels, and the gap
SIZE, LINE, NARROWEST = 10.5, 15.0, 480.0


def convolution(
    layer: Conv2d,
    image: Any,
    *,
    filter: int = 0,
    at: tuple[int, int] | None = None,
    title: str = "Convolution",
    theme: str = "auto",
) -> Picture:
    """Draw what a Conv2d does to one image (C, H, W), or (H, W) of one channel.

    out[o, i, j] = bias[o] + sum_c,u,v image[c, i + u, j + v] weight[o, c, u, v] (with
    stride 1). The window stands at ``at``, a position of the map of ``filter``; without
    it, at the strongest answer. Raises ShapeError and IndexRangeError.

    >>> from seegrad import nn
    >>> layer = nn.Conv2d(1, 1, 2, bias=False, seed=0, dtype="float64")
    >>> layer.weight.assign([[[[1.0, 2.0], [3.0, 4.0]]]])
    >>> convolution(layer, [[1, 0, 1], [0, 1, 0]], at=(0, 0)).scene.texts("sum")
    ['map[0, 0, 0] = 1.0 × 1.0 + 0.0 × 2.0 + 0.0 × 3.0 + 1.0 × 4.0 = 5.0']
    """
    seen = convolved(layer, image, filter)
    answer = seen.maps[filter]
    place = position(at, answer)
    marks, width, base = _stage(seen, filter, place)
    said = _sum(seen, filter, place)
    for line in wrap(said, SIZE, width - 32.0):
        marks.append(Text(16.0, base, line, size=SIZE, fill="ink", group="sum"))
        base += LINE
    height = base + 4.0
    if len(seen.filters) > 1:
        row, height = _gallery(seen, filter, base + 16.0)
        marks += row
    below = "the patch under the window times the filter, added up, is one number"
    count = min(len(seen.filters), MOST_FILTERS)
    width = max(width, 32.0 + count * (SMALL + 16.0))
    scene = sheet(title, below, marks, width, height)
    return Picture(scene, _alt(title, seen, filter, place, said), theme)


def _stage(
    seen: Convolved, chosen: int, place: tuple[int, int]
) -> tuple[list[Mark], float, float]:
    """Image, filter and map beside each other; the width, and where words may begin."""
    channels, kernel, answer = seen.channels, seen.filters[chosen], seen.maps[chosen]
    shown = min(len(channels), MOST_CHANNELS)
    side = LARGE if shown == 1 else SEVERAL
    cell = side / max(channels.shape[1:])
    size = min(36.0, 108.0 / max(kernel.shape[1:]))
    high, wide = channels.shape[1] * cell, channels.shape[2] * cell
    tall = max(high, kernel.shape[1] * size)  # of the row of a channel
    middle = 16.0 + wide + 44.0
    right = middle + kernel.shape[2] * size + 44.0
    scales = scale_of(channels), scale_of(seen.filters), scale_of(seen.maps)
    marks: list[Mark] = []
    for c in range(shown):
        row = TOP + c * (tall + BETWEEN)
        top = row + (tall - high) / 2
        name = f"image, channel {seen.first + c}" if len(channels) > 1 else "image"
        marks.append(panel_name(name, 16.0, top - 8.0))
        marks += heat_map(
            channels[c], 16.0, top, (cell, cell), scale=scales[0], group=f"image {c}"
        )
        marks += _window(seen, place, 16.0, top, cell)
        marks.append(_sign("×", middle - 22.0, row + tall / 2))
        at = row + (tall - kernel.shape[1] * size) / 2
        marks += [panel_name(f"filter {chosen}", middle, at - 8.0)] if not c else []
        marks += heat_map(
            kernel[c], middle, at, (size, size), scale=scales[1], size=8.5,
            text=tiny if size >= 34.0 else None, group=f"filter {c}",
        )  # fmt: skip
    bottom = TOP + shown * (tall + BETWEEN) - BETWEEN
    cell = side / max(answer.shape)
    marks.append(_sign("=", right - 22.0, (TOP + bottom) / 2))
    top = (TOP + bottom - answer.shape[0] * cell) / 2
    marks += _answer(answer, chosen, place, right, top, cell, scales[2])
    width = max(right + answer.shape[1] * cell + 20.0, NARROWEST)
    facts = list(_facts(seen, scales, bottom + 34.0, width - 32.0))
    return marks + facts, width, bottom + 47.0 + 13.0 * len(facts)


def _sign(text: str, x: float, y: float) -> Text:
    return Text(x, y + 5.0, text, size=16.0, anchor="middle", fill="quiet")


def _answer(
    answer: Floats, chosen: int, place: tuple[int, int], left: float, top: float,
    cell: float, scale: float,
) -> list[Mark]:  # fmt: skip
    """The feature map, and the one number on it that is explained."""
    i, j = place
    return [
        panel_name(f"feature map {chosen}", left, top - 8.0),
        *heat_map(answer, left, top, (cell, cell), scale=scale, group="map"),
        Rectangle(
            left + j * cell, top + i * cell, cell, cell, stroke="changed",
            thickness=2.4, group="answer",
        ),
    ]  # fmt: skip


def _facts(
    seen: Convolved, scales: tuple[float, ...], base: float, width: float
) -> Iterator[Mark]:
    """What the strongest colours stand for, and how many channels are not drawn."""
    names = ("image", "filters", "maps")
    said = ", ".join(f"{n} {short(s)}" for n, s in zip(names, scales, strict=True))
    hidden = len(seen.channels) - MOST_CHANNELS
    more = f"; {hidden} more channels are not drawn" if hidden > 0 else ""
    words = f"strongest colour: {said}; a minus in a cell says negative{more}"
    for row, line in enumerate(wrap(words, 9.5, width)):
        yield Text(16.0, base + 13.0 * row, line, size=9.5, fill="quiet", group="key")


def _window(
    seen: Convolved, place: tuple[int, int], left: float, top: float, cell: float
) -> Iterator[Mark]:
    """The window on the image, and the frame of padding if there is one."""
    spans = [d * (n - 1) + 1 for n, d in
             zip(seen.filters.shape[2:], seen.dilation, strict=True)]  # fmt: skip
    y, x = (
        top + place[0] * seen.stride[0] * cell,
        left + place[1] * seen.stride[1] * cell,
    )
    yield Rectangle(
        x, y, spans[1] * cell, spans[0] * cell, stroke="changed", thickness=2.4,
        group="window",
    )  # fmt: skip
    (above, below), (before, after) = seen.padding
    if above or below or before or after:
        height = (seen.image.shape[1] - above - below) * cell
        width = (seen.image.shape[2] - before - after) * cell
        yield Rectangle(
            left + before * cell, top + above * cell, width, height, stroke="neutral",
            dash=DOTTED, group="unpadded", title="beyond this line lies the padding",
        )  # fmt: skip


def _gallery(seen: Convolved, chosen: int, top: float) -> tuple[list[Mark], float]:
    """All filters of the layer, each above its feature map; and where they end."""
    count = min(len(seen.filters), MOST_FILTERS)
    hidden = len(seen.filters) - count
    more = f" (and {hidden} more)" if hidden else ""
    words = f"every filter, and below it what it found{more}"
    marks: list[Mark] = [Text(16.0, top, words, size=SIZE, fill="quiet")]
    scales = scale_of(seen.filters), scale_of(seen.maps)
    cells = [SMALL / max(n) for n in (seen.filters.shape[2:], seen.maps.shape[1:])]
    first = top + 12.0
    second = first + seen.filters.shape[2] * cells[0] + 8.0
    base = second + seen.maps.shape[1] * cells[1] + 14.0
    for k in range(count):
        left = 16.0 + k * (SMALL + 16.0)
        for table, cell, scale, place, group in (
            (seen.filters[k, 0], cells[0], scales[0], first, f"small filter {k}"),
            (seen.maps[k], cells[1], scales[1], second, f"small map {k}"),
        ):
            marks += heat_map(
                table, left, place, (cell, cell), scale=scale, group=group, most=0
            )
        marks.append(
            Text(
                left, base, f"filter {k}", size=9.5, bold=k == chosen,
                fill="ink" if k == chosen else "quiet",
            )
        )  # fmt: skip
        if k == chosen:
            line = ((left, base + 4.0), (left + 36.0, base + 4.0))
            marks.append(Line(line, stroke="changed", thickness=2.0))
    return marks, base + 18.0


def _sum(seen: Convolved, chosen: int, place: tuple[int, int]) -> str:
    """One number of the map as the sum it is, channel by channel if there are many."""
    patch, kernel = seen.patch(place), seen.filters[chosen]
    bias, total = seen.bias[chosen], seen.maps[chosen][place]
    if len(patch) == 1 and patch.size <= 25:
        pairs = zip(patch.ravel().tolist(), kernel.ravel().tolist(), strict=True)
        terms = [f"{bracketed(x)} × {bracketed(w)}" for x, w in pairs]
    else:
        sums = (patch * kernel).sum(axis=(1, 2)).tolist()
        terms = [f"{bracketed(s)} (channel {c})" for c, s in enumerate(sums)]
    terms += [f"{bracketed(float(bias))} (bias)"] if bias else []
    name = f"map[{chosen}, {place[0]}, {place[1]}]"
    return f"{name} = {' + '.join(terms)} = {short(float(total))}"


def _alt(
    title: str, seen: Convolved, chosen: int, place: tuple[int, int], said: str
) -> str:
    found = "; ".join(
        f"filter {k} from {short(m.min())} to {short(m.max())}"
        for k, m in enumerate(seen.maps)
    )
    count, channels, *window = seen.filters.shape
    size = " x ".join(map(str, seen.image.shape))
    return (
        f"{title}: {count} filters of {channels} x {window[0]} x {window[1]} on an "
        f"image of {size} with its padding. {said}. Feature maps: {found}."
    )
