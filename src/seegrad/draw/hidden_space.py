"""How a layer of two units sees the plane: the input with a grid, and the grid warped.

A network that separates two classes does not draw a crooked line. It bends the plane
until a straight one will do. The left panel is the input, the right one the same grid
and the same points as the hidden layer has them; the colours are what the rest of the
network makes of each place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from seegrad.draw.axes import Axes, padded
from seegrad.draw.class_plane import class_background, grid_of, probabilities
from seegrad.draw.class_scores import known_classes
from seegrad.draw.heading import panel_name, sheet
from seegrad.draw.inputs import Floats, Whole, floats, labels
from seegrad.draw.legend import legend, stroke
from seegrad.draw.markers import marker
from seegrad.draw.numbers import short
from seegrad.draw.picture import Picture
from seegrad.draw.scene import Line, Mark, Rectangle
from seegrad.draw.simplify import simplified
from seegrad.draw.state import check_chain, steps_of
from seegrad.draw.ticks import nice_ticks
from seegrad.errors import InputTypeError, ShapeError, unknown_name
from seegrad.mode import no_grad
from seegrad.nn import Sequential
from seegrad.nn._modes import switched
from seegrad.nn._precision import precision
from seegrad.random import whole_number
from seegrad.tensor import Tensor

WHERE = "draw.hidden_space"
LEFT, TOP, SIZE, GAP = 52.0, 86.0, 320.0, 62.0
DASH = (4.0, 3.0)
STROKES = 60  # pieces of each line of the grid
RESOLUTION = 34


def hidden_space(
    model: Sequential,
    x: Any,
    y: Any,
    *,
    layer: str | None = None,
    lines: int = 11,
    title: str = "Hidden space",
    theme: str = "auto",
) -> Picture:
    """Draw the plane of x (N, 2) and what a layer of two units makes of it.

    ``model`` is a chain of layers, ``layer`` the name of the one to look behind ("3");
    without it, the last one inside with two outputs. ``y`` are classes (N,). Raises
    ShapeError if x or the layer is not of width 2, InputTypeError for another model.

    >>> from seegrad import nn
    >>> model = nn.MLP(2, [2], 1, activation="tanh", seed=0)
    >>> picture = hidden_space(model, [[0.0, 0.0], [1.0, 1.0]], [0, 1])
    >>> picture.scene.texts("panel")
    ['the input', 'after layer 1, Tanh']
    """
    points, right = _checked(x, y)
    whole_number("lines", lines, least=2, where=WHERE)
    steps = _chain(model)
    with no_grad(), switched(model, training=False):
        _check_chain(model, steps, points)
        place = _place(steps, points, layer)
        before = _running([step for _, step in steps[: place + 1]])
        after = _running([step for _, step in steps[place + 1 :]])

        def whole(spots: Floats) -> Floats:
            return after(before(spots))

        hits = _hits(whole, points, right)
        panels = ("the input", f"after layer {steps[place][0]}, {_kind(steps[place])}")
        limits = [padded(a, b, 0.14) for a, b in _ranges(points)]
        grid = list(_grid(limits, lines))
        axes = Axes(LEFT, TOP, SIZE, SIZE, limits[0], limits[1], name="the input")
        marks = list(_panel(axes, grid, points, right, panels[0], whole))
        hidden, warped = before(points), [before(line) for line in grid]
        across, up = (
            padded(a, b) for a, b in _ranges(np.concatenate([hidden, *warped]))
        )
        axes = Axes(LEFT + SIZE + GAP, TOP, SIZE, SIZE, across, up, name="hidden")
        marks += _panel(axes, warped, hidden, right, panels[1], after)
    entries = [(marker(k, 0.0, 0.0), f"class {k}") for k in np.unique(right).tolist()]
    entries += [(stroke("neutral", thickness=1.0), "x[0] is the same"),
                (stroke("neutral", DASH, 1.0), "x[1] is the same")]  # fmt: skip
    base = TOP + SIZE + 56.0
    rows, height = legend(entries, LEFT, base, 2 * SIZE)
    below = "the same points and the same grid, before and after"
    width = LEFT + 2 * SIZE + GAP + 20.0
    scene = sheet(title, below, [*marks, *rows], width, base + height)
    said = f"Right: {hits} of {len(points)} points ({100 * hits / len(points):.1f} %)."
    words = f"{title} {panels[1]}: {_described(points, hidden, right)} {said}"
    return Picture(scene, words, theme)


def _hits(decide: Callable[[Floats], Floats], points: Floats, right: Whole) -> int:
    """How many points are put into their class; DataError for a class too many."""
    chance = probabilities(decide, points, WHERE)
    known_classes(right, chance.shape[1], WHERE)
    return int((chance.argmax(axis=1) == right).sum())


def _kind(step: tuple[str, Any]) -> str:
    return type(step[1]).__name__


def _checked(x: Any, y: Any) -> tuple[Floats, Whole]:
    points = floats("x", x, WHERE, axes=(2,))
    if points.shape[1] != 2:
        raise ShapeError(
            f"a plane has two axes, and x has shape {points.shape}",
            where=WHERE,
            hint="x of shape (N, 2): pick two columns, x[:, :2]",
        )
    return points, labels("y", y, len(points), WHERE)


def _chain(model: Any) -> list[tuple[str, Any]]:
    if not isinstance(model, Sequential):
        raise InputTypeError(
            f"a hidden space is that of a chain of layers, not {type(model).__name__}",
            where=WHERE,
            hint="a Sequential or an MLP",
        )
    return list(steps_of(model))


def _check_chain(model: Any, steps: list[tuple[str, Any]], points: Floats) -> None:
    """The layers one after the other must be all that the model does."""
    x = out = Tensor(points.astype(precision(model)))
    for _, step in steps:
        out = step(out)
    check_chain(model, x, out, WHERE)


def _running(layers: Sequence[Any]) -> Callable[[Floats], Floats]:
    """The layers one after the other, as a function of plain numbers."""
    chain = Sequential(*layers)
    dtype = next((p.dtype for p in chain.parameters()), np.dtype(np.float64))

    def run(points: Floats) -> Floats:
        out = chain(np.asarray(points, dtype))
        return np.asarray(getattr(out, "data", out), np.float64)

    return run if layers else lambda points: points


def _place(steps: list[tuple[str, Any]], points: Floats, layer: str | None) -> int:
    """The number of the layer to look behind; its output must have two columns."""
    widths = []
    for k in range(len(steps)):
        out = _running([step for _, step in steps[: k + 1]])(points[:1])
        widths.append(out.shape[1] if out.ndim == 2 else 0)
    names = [name for name, _ in steps]
    if layer is not None:
        if str(layer) not in names:
            raise unknown_name("layer", str(layer), names)
        chosen = names.index(str(layer))
    else:
        inside = [k for k, width in enumerate(widths[:-1]) if width == 2]
        chosen = inside[-1] if inside else len(steps) - 1
    if widths[chosen] != 2:
        said = ", ".join(f"{n}: {w}" for n, w in zip(names, widths, strict=True))
        raise ShapeError(
            f"only a layer of two outputs is a plane; the widths are {said}",
            where=WHERE,
            hint="nn.MLP(2, [8, 2], 1), or draw.embedding of the hidden vectors",
        )
    return chosen


def _ranges(points: Floats) -> list[tuple[float, float]]:
    return list(
        zip(points.min(axis=0).tolist(), points.max(axis=0).tolist(), strict=True)
    )


def _grid(limits: list[tuple[float, float]], lines: int) -> Iterator[Floats]:
    """The upright lines of the grid, then the level ones, each as points (N, 2)."""
    way = np.linspace(0.0, 1.0, STROKES + 1)
    for axis in (0, 1):
        (low, high), (start, stop) = limits[axis], limits[1 - axis]
        for k in range(lines):
            line = np.empty((len(way), 2))
            line[:, axis] = low + (high - low) * k / (lines - 1)
            line[:, 1 - axis] = start + (stop - start) * way
            yield line


def _panel(
    axes: Axes, grid: list[Floats], spots: Floats, right: Whole, name: str,
    decide: Callable[[Floats], Floats],
) -> Iterator[Mark]:  # fmt: skip
    first = axes.name == "the input"
    units = ("x[0]", "x[1]") if first else ("unit 0", "unit 1")
    yield panel_name(name, axes.left, axes.top - 10.0)
    yield from axes.ticks(
        nice_ticks(*axes.x_limits), nice_ticks(*axes.y_limits), *units
    )
    places = grid_of(axes.x_limits, axes.y_limits, RESOLUTION)
    chance = probabilities(decide, places, WHERE)
    yield class_background(
        chance, axes.left, axes.top, SIZE, SIZE, f"{axes.name} classes"
    )
    for k, line in enumerate(grid):
        dash = DASH if k >= len(grid) // 2 else ()
        strokes = simplified([axes.at(a, b) for a, b in line.tolist()])
        yield Line(
            strokes, stroke="neutral", dash=dash, thickness=0.9, opacity=0.8,
            group=f"{axes.name} grid",
        )  # fmt: skip
    yield Rectangle(axes.left, axes.top, SIZE, SIZE, stroke="neutral")
    for (a, b), kind in zip(spots.tolist(), right.tolist(), strict=True):
        tip = f"({short(a)}, {short(b)}), class {kind}"
        yield marker(kind, *axes.at(a, b), title=tip)


def _described(points: Floats, hidden: Floats, right: Whole) -> str:
    """Where the classes stand on both planes, by their centres."""
    parts = []
    for k in np.unique(right).tolist():
        one, other = points[right == k].mean(axis=0), hidden[right == k].mean(axis=0)
        parts.append(
            f"class {k} from around ({short(one[0])}, {short(one[1])}) to around "
            f"({short(other[0])}, {short(other[1])})"
        )
    return f"{'; '.join(parts)}."
